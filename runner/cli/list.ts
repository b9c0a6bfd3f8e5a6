// novaperf list: the project's scenarios with their component, profiles, thresholds and targets, as text or as JSON.

import { relative, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { readProjectConfig } from '../config/project-config.ts';
import { orphanTargets, readTargets } from '../config/targets-store.ts';
import { readExtensions } from '../k6/extensions.ts';
import { findK6 } from '../k6/find.ts';
import { findDelegatedCycles, waitingText } from '../records/cycle/delegated-cycle.ts';
import { ConportStore } from '../records/store/store.ts';
import { type ListedScenario, listScenarios } from '../scenario/list.ts';
import { scenariosFolderOf } from '../scenario/resolve.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { expressionOf } from '../targets/expression.ts';
import { unreadRowError } from '../targets/unread-row.ts';
import { visible } from '../text/display-text.ts';
import { hanging } from '../text/text-columns.ts';

interface Row extends ListedScenario {
  readonly targets: readonly string[];
  /** Keys of the ConPort items that the targets come from. */
  readonly targetSources: readonly string[];
  /** Errors of targets that cannot be used, and of rows that are not judged. */
  readonly targetProblems: readonly string[];
}

/** The `list` command. A scenario that cannot be loaded is listed with its error. */
export function listCommand() {
  return new Command('list')
    .description('list the scenarios with component, profiles, thresholds and targets')
    .option('--conport <dir>', 'ConPort folder with the targets', DEFAULT_CONPORT)
    .option('--k6 <path>', 'path to the k6 executable (also K6_BIN)')
    .option('--json', 'print as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const conportDir = resolve(options.conport);
      const config = await readProjectConfig(conportDir);
      const extensions = await readExtensions(config.extensions, resolve('.'));
      const k6 = await findK6({ k6Flag: options.k6, env: process.env, onProgress: terminal.warn, extensions });
      const folder = scenariosFolderOf(config, resolve('.'));
      const scenarios = await listScenarios(k6, resolve('.'), folder, config.loadTimeoutMs);
      const rows = await Promise.all(scenarios.map((scenario) => withTargets(scenario, conportDir)));
      if (options.json === true) terminal.json(rows);
      else if (rows.length === 0) terminal.line(`No scenarios in ${folder}/. Create one with novaperf new <name>.`);
      else terminal.line(rows.map((row) => listed(row, terminal)).join('\n\n'));
      for (const open of await findDelegatedCycles(new ConportStore(conportDir)))
        terminal.warn(visible(waitingText(open)));
      if (scenarios.some(({ problem }) => problem !== undefined)) return;
      const components = scenarios.map(({ component }) => component);
      for (const orphan of await orphanTargets(conportDir, components)) terminal.warn(visible(orphan));
    });
}

async function withTargets(scenario: ListedScenario, conportDir: string): Promise<Row> {
  const none = { ...scenario, targets: [], targetSources: [], targetProblems: [] };
  if (scenario.problem !== undefined) return none;
  try {
    const { kpis, sources, unread } = await readTargets(conportDir, scenario.component, undefined);
    const targetProblems = unread.map((row) => unreadRowError(row).toText());
    return { ...scenario, targets: kpis.map(expressionOf), targetSources: sources, targetProblems };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...none, targetProblems: [error.toText()] };
  }
}

function listed(row: Row, terminal: Terminal): string {
  const title = `${terminal.style('bold', row.name)}  ${row.component}  ${terminal.style('dim', relative('.', row.path))}`;
  if (row.problem !== undefined) return `${title}\n${indented(row.problem)}`;
  const lines = [title];
  if (row.description !== '') lines.push(hanging('  ', row.description, terminal));
  lines.push(...labelled('profiles', [row.profiles.join(', ')], terminal));
  lines.push(...labelled('thresholds', row.thresholds, terminal));
  lines.push(...labelled('targets', row.targets, terminal));
  if (row.targetSources.length > 0) lines.push(`  from        ${row.targetSources.join(', ')}`);
  for (const problem of row.targetProblems) lines.push(indented(visible(problem)));
  return lines.join('\n');
}

function labelled(label: string, texts: readonly string[], terminal: Terminal): string[] {
  return texts.map((text, index) => hanging(`  ${(index === 0 ? label : '').padEnd(12)}`, text, terminal));
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
