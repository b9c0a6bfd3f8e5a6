// novaperf history: each figure of a scenario over all kept runs, and the build at which it changed.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import sparkly from 'sparkly';
import { z } from 'zod';
import { isKnownBuild } from '../model/build.ts';
import { countFlag, parseFlags, presentationFlagsSchema } from '../run/plan/flags.ts';
import { presentationOf } from '../run/plan/presentation.ts';
import { exportRuns, importRuns } from '../run/streams/store-file.ts';
import { type FigureHistory, type ScenarioHistory, scenarioHistories } from '../runs/history.ts';
import { listRuns } from '../runs/run-list.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { bytes, plural, signedPercent, utc, withUnit } from '../text/format.ts';
import { profileName } from '../text/profile-name.ts';
import { hanging } from '../text/text-columns.ts';
import { OUT_HELP } from './shared-options.ts';

const HELP = `
A change is reported if a figure moved by 5 % or more, and by more than the
runs vary by chance. It takes at least six runs. If every run has a build,
only new builds can be changes. Runs that were aborted or did not start are
left out. At most 5 % of histories without a change show one (false alarms).`;

/** Maximum points of a line in the terminal; the newest are shown. */
const MOST_POINTS = 40;

/** The `history` command. */
export function historyCommand() {
  const command = new Command('history')
    .description('show the figures of a scenario over all kept runs, and the builds that changed them')
    .argument('<scenario>', 'name of the scenario')
    .option('--profile <name>', 'only runs of this profile')
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--runs', 'list every run of each figure, with its interval')
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action(async (scenario, options) => {
      const terminal = openTerminal({ json: options.json === true });
      const out = resolve(options.out);
      const { runs } = await listRuns(out);
      const histories = scenarioHistories(runs, scenario).filter(
        ({ profile }) => options.profile === undefined || profile === options.profile,
      );
      if (histories.length === 0) throw noRuns(scenario, options.profile, out, runs);
      if (options.json === true) terminal.json(histories.map(withoutRuns));
      else terminal.line(histories.map((each) => historyText(each, terminal, options.runs === true)).join('\n\n'));
    });
  return command.addCommand(exportCommand()).addCommand(importCommand());
}

function exportCommand() {
  return new Command('export')
    .description('export kept runs to one file, without their archives (a few kB per run)')
    .argument('<file>', 'file to write, such as runs.novaperf.gz')
    .option('--scenario <name...>', 'only runs of these scenarios')
    .option('--last <n>', 'only the newest n runs')
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .action(async (file, _options, self) => {
      // Commander gives options that both commands have to the outer one.
      const options = self.optsWithGlobals();
      const terminal = openTerminal({ json: false });
      const { last } = parseFlags(z.object({ last: countFlag.optional() }), { last: options.last });
      const asked = { scenarios: options.scenario ?? [], most: last };
      const { runs, bytes: size } = await exportRuns(resolve(options.out), resolve(file), asked);
      terminal.line(`${plural(runs, 'run')} written to ${file}, ${bytes(size)}`);
    });
}

function importCommand() {
  return new Command('import')
    .description('import runs from an exported file; existing runs are kept')
    .argument('<file>', 'file written by novaperf history export')
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--conport <dir>', 'ConPort folder with the configuration', DEFAULT_CONPORT)
    .action(async (file, _options, self) => {
      const options = self.optsWithGlobals();
      const terminal = openTerminal({ json: false });
      const flags = parseFlags(presentationFlagsSchema, {});
      const presentation = await presentationOf(flags, resolve(options.conport), resolve('.'));
      const { added, known } = await importRuns(resolve(options.out), resolve(file), presentation);
      terminal.line(`${plural(added, 'run')} added${known === 0 ? '' : `, ${known} already present`}`);
    });
}

/** Without the runs, which are in their own result.json. */
function withoutRuns({ runs, ...history }: ScenarioHistory) {
  return {
    ...history,
    runs: runs.map(({ folder, started_at, build, status }) => ({ folder, started_at, build, status })),
  };
}

function noRuns(
  scenario: string,
  profile: string | undefined,
  out: string,
  runs: ReadonlyArray<{ readonly scenario: string }>,
): UserError {
  const [near] = nearest(scenario, [...new Set(runs.map((run) => run.scenario))]);
  const of = profile === undefined ? '' : ` with the profile ${profile}`;
  return new UserError(`Expected kept runs of "${scenario}"${of}, found none.`, {
    where: out,
    next:
      near === undefined
        ? 'novaperf run creates them; for another results folder use --out'
        : `did you mean "${near}"?`,
  });
}

function historyText(
  { scenario, profile, environment, runs, figures }: ScenarioHistory,
  terminal: Terminal,
  withRuns: boolean,
): string {
  const [first, ...later] = runs.map((run) => utc(run.started_at));
  const span = [first, ...later.slice(-1)].join(' to ');
  const facts = `${profileName(profile)}, ${visible(environment)}: ${plural(runs.length, 'run')}, ${span}`;
  const title = hanging(`${terminal.style('bold', visible(scenario))}  `, facts, terminal);
  const few =
    runs.length < 6
      ? [
          hanging(
            '  ',
            `${plural(6 - runs.length, 'more run')} needed before a change can be separated from run-to-run variation.`,
            terminal,
          ),
        ]
      : [];
  return [
    title,
    ...figures.flatMap((figure) => [...figureLines(figure, terminal), ...(withRuns ? runLines(figure) : [])]),
    ...few,
  ].join('\n');
}

/** ` (61.2 ms to 70.4 ms)`; empty if the run was too short for an interval. */
function intervalText({ low, high }: FigureHistory['points'][number], unit: string): string {
  return low === undefined || high === undefined ? '' : ` (${withUnit(low, unit)} to ${withUnit(high, unit)})`;
}

/** `2026-11-09 00:00:00 UTC  1.6  65.9 ms (61.2 ms to 70.4 ms)`, the oldest run first, with each change at its run. */
function runLines({ points, changes, unit }: FigureHistory): string[] {
  return points.map((point) => {
    const change = changes.find(({ folder }) => folder === point.folder);
    const mark = change === undefined ? '' : `  ${signedPercent(change.change * 100)}`;
    const value = withUnit(point.value, unit);
    return `      ${utc(point.startedAt)}  ${visible(point.build)}  ${value}${intervalText(point, unit)}${mark}`;
  });
}

function figureLines({ name, filter, unit, points, changes }: FigureHistory, terminal: Terminal): string[] {
  const shown = points.slice(-MOST_POINTS);
  const values = points.flatMap(({ value }) => value ?? []);
  const line = sparkly(shown.map(({ value }) => value ?? ''));
  const [first, last] = [values[0], values.at(-1)];
  const where = filter === '' ? '' : `, ${visible(filter)}`;
  const newest = points.at(-1);
  const interval = newest === undefined ? '' : intervalText(newest, unit);
  const lines = [
    `  ${visible(name)}${where}`,
    `    ${line}  ${values.length > 1 ? `${withUnit(first, unit)} → ` : ''}${withUnit(last, unit)}${interval}`,
  ];
  for (const { build, before, change, folder } of changes) {
    const at = isKnownBuild(build) ? `build ${visible(build)} (after ${visible(before)})` : visible(folder);
    lines.push(`    ${terminal.style(change > 0 ? 'yellow' : 'green', `${signedPercent(change * 100)} at ${at}`)}`);
  }
  return lines;
}
