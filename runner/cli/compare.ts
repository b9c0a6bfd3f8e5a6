// novaperf compare: two kept runs on one page, with their differences in every table and a careful word on each figure.

import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { compareRuns } from '../compare/compare.ts';
import { comparisonFolder, reportLink, writeComparison } from '../compare/comparison-folder.ts';
import { findHistory } from '../compare/history.ts';
import { readKeptRun } from '../compare/kept-run.ts';
import { renderComparison } from '../compare/render.ts';
import { comparisonSummary } from '../compare/summary.ts';
import { parseFlags, presentationFlagsSchema } from '../run/flags.ts';
import { presentationOf } from '../run/presentation.ts';
import { writeIndex } from '../run/report-files.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { openTerminal } from '../system/terminal.ts';
import { folderOf } from './report.ts';
import { ASSETS_HELP, DEFAULT_CONPORT, DEFAULT_OUT } from './run.ts';

const HELP = `
Writes <out>/compare_<a>_vs_<b>/ with report.html (the report of b with a laid over it), report.md (short enough for a comment on a
pull request) and comparison.json. Both runs are taken as they were judged; novaperf report judges one anew.

Exit codes: 0 whatever the comparison says, as one run each cannot tell a regression; 2 where a run cannot be read.`;

/** The `compare` command. */
export function compareCommand() {
  return new Command('compare')
    .description('two runs on one page: what differs, and what may be said of it; puts no load on anything')
    .argument('<a>', "the baseline: a run's folder, or its name below --out")
    .argument('<b>', 'the run that is compared with it')
    .option('--out <dir>', "where the runs' folders are and the comparison goes", DEFAULT_OUT)
    .option('--conport <dir>', 'where the title and the logo of the pages are configured', DEFAULT_CONPORT)
    .option('--template <dir>', 'templates that stand in for those of the same name')
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--json', 'the comparison as one JSON document on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(async (nameOfA, nameOfB, options) => {
      const terminal = openTerminal({ json: options.json === true });
      const { template, assets } = options;
      const flags = parseFlags(presentationFlagsSchema, { template, assets });
      const presentation = await presentationOf(flags, resolve(options.conport), resolve('.'));
      const out = resolve(options.out);
      const [pathOfA, pathOfB] = [await folderOf(nameOfA, out), await folderOf(nameOfB, out)];
      if (pathOfA === pathOfB) {
        throw new UserError('Expected two runs, found one and the same twice.', {
          where: pathOfA,
          next: 'see their names in index.html',
        });
      }
      const a = await readKeptRun(pathOfA);
      const b = await readKeptRun(pathOfB);
      const comparison = compareRuns(a, b, await findHistory(a, b));
      const folder = comparisonFolder(out, a, b);
      const hrefs = { a: reportLink(folder, a), b: reportLink(folder, b) };
      const files = renderComparison(comparison, a, b, hrefs, presentation);
      await writeComparison(folder, files, presentation);
      await writeIndex(out, presentation);
      if (options.json === true) terminal.json(comparison);
      else terminal.line(comparisonSummary(comparison, nearPath(join(folder, 'report.html')), terminal));
    });
}
