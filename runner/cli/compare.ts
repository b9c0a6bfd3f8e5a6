// novaperf compare: two kept runs on one page, with the differences in every table and their certainty.

import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { compareRuns } from '../compare/compare.ts';
import { comparisonFolder, reportLink, writeComparison } from '../compare/comparison-folder.ts';
import { findHistory } from '../compare/history.ts';
import { readComparableRun } from '../compare/kept-run.ts';
import { renderComparison } from '../compare/render.ts';
import { comparisonSummary } from '../compare/terminal-text.ts';
import { readProjectConfig } from '../config/project-config.ts';
import { parseFlags, presentationFlagsSchema } from '../run/plan/flags.ts';
import { presentationOf } from '../run/plan/presentation.ts';
import { writeIndex } from '../run/results/report-files.ts';
import { findRun, findRunsOfBuilds } from '../runs/find-run.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { openTerminal } from '../system/terminal.ts';
import { ASSETS_HELP, OUT_HELP, TEMPLATE_HELP } from './shared-options.ts';

const HELP = `
Without names the latest run is compared with the one before it.

Writes <out>/compare_<a>_vs_<b>/:
  report.html      the report of b; dashed lines are those of a
  report.md        short enough for a comment on a pull request
  comparison.json  the comparison as data
The stored verdicts of both runs are used; novaperf report judges a run again.

Exit codes:
  0    always, because one run each cannot prove a regression
  2    a run cannot be read`;

/** The `compare` command. */
export function compareCommand() {
  return new Command('compare')
    .description('compare two kept runs: what differs, and whether it is more than noise; sends no load')
    .argument('[a]', 'the baseline: its folder, its name in --out, latest or previous')
    .argument('[b]', 'the run to compare with the baseline')
    .option(
      '--build <build...>',
      'compare the newest runs of two builds that share a scenario and profile, the baseline first',
    )
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--conport <dir>', 'ConPort folder with the configuration', DEFAULT_CONPORT)
    .option('--template <dir>', TEMPLATE_HELP)
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--json', 'print only the comparison, as JSON')
    .addHelpText('after', HELP)
    .action(async (nameOfA, nameOfB, options) => {
      const terminal = openTerminal({ json: options.json === true });
      const { template, assets } = options;
      const flags = parseFlags(presentationFlagsSchema, { template, assets });
      const presentation = await presentationOf(flags, resolve(options.conport), resolve('.'));
      const out = resolve(options.out);
      const [pathOfA, pathOfB] = await pathsOf([nameOfA, nameOfB], options.build ?? [], out);
      if (pathOfA === pathOfB) {
        throw new UserError('Cannot compare a run with itself.', {
          where: pathOfA,
          next: 'see their names in index.html',
        });
      }
      const a = await readComparableRun(pathOfA);
      const b = await readComparableRun(pathOfB);
      const { judging } = await readProjectConfig(resolve(options.conport));
      const comparison = compareRuns(a, b, await findHistory(a, b), { size: judging.change });
      const folder = comparisonFolder(out, a, b);
      const hrefs = { a: reportLink(folder, a), b: reportLink(folder, b) };
      const files = renderComparison(comparison, a, b, hrefs, presentation);
      await writeComparison(folder, files, presentation);
      await writeIndex(out, presentation);
      if (options.json === true) terminal.json(comparison);
      else terminal.line(comparisonSummary(comparison, nearPath(join(folder, 'report.html')), terminal));
    });
}

/** Without names: the latest run and the one before it; also for "latest" and "previous" in any order. */
async function pathsOf(
  [a = 'previous', b = 'latest']: readonly [string | undefined, string | undefined],
  builds: readonly string[],
  out: string,
): Promise<readonly [string, string]> {
  if (builds.length > 0) {
    const [from, to, ...more] = builds;
    if (from === undefined || to === undefined || more.length > 0) {
      throw new UserError(`--build: expected two builds, found ${builds.length}.`, {
        next: 'novaperf compare --build 1.4.1 --build 1.4.2',
      });
    }
    return await findRunsOfBuilds(from, to, out);
  }
  const [from, to] = a === 'latest' && b === 'previous' ? [b, a] : [a, b];
  return [await findRun(from, out), await findRun(to, out)];
}
