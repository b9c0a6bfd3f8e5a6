// novaperf report: judges and renders a kept run, complete or not, with the current targets and templates.

import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { analyseRun } from '../analysis/result/analyse.ts';
import { readArchive } from '../metrics/archive/archive-reader.ts';
import { sampleSchema } from '../model/error-sample.ts';
import { outcomeSchema, runFactsSchema } from '../model/run.ts';
import { ARCHIVE_FILE } from '../model/run-files.ts';
import { deathOf } from '../run/cycle/death.ts';
import { parseFlags, presentationFlagsSchema } from '../run/plan/flags.ts';
import { targetsFor } from '../run/plan/prepare.ts';
import { presentationOf } from '../run/plan/presentation.ts';
import { withUnread } from '../run/plan/unread-targets.ts';
import { withOtherRuns } from '../run/results/baseline.ts';
import { findRun } from '../runs/find-run.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { ASSETS_HELP, OUT_HELP, RUN_HELP, TEMPLATE_HELP } from './shared-options.ts';

/** The `report` command; `finish` receives the exit code that the run would have had. */
export function reportCommand(finish: (code: ExitCode) => void) {
  return new Command('report')
    .description('judge and render a kept run again with the current targets and templates; sends no load')
    .argument('<run>', RUN_HELP)
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--conport <dir>', 'ConPort folder with the targets', DEFAULT_CONPORT)
    .option('--template <dir>', TEMPLATE_HELP)
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--json', 'print only the result, as JSON')
    .action(async (run, options) => {
      const terminal = openTerminal({ json: options.json === true });
      const { template, assets } = options;
      const flags = parseFlags(presentationFlagsSchema, { template, assets });
      const presentation = await presentationOf(flags, resolve(options.conport), resolve('.'));
      const folder = await findRun(run, resolve(options.out));
      const archive = await readArchive(join(folder, ARCHIVE_FILE));
      const facts = runFactsSchema.safeParse(archive.run);
      if (!facts.success) {
        throw new UserError('Expected an archive of a novaperf run, found none, or one of another version.', {
          where: join(folder, ARCHIVE_FILE),
          next: 'for a k6 JSON output use novaperf analyze',
        });
      }
      const outcome = outcomeSchema.safeParse(archive.outcome);
      const plan = { ...facts.data.plan, peakRate: facts.data.plan.peakRate };
      const { kpis, unread } = await targetsFor({ plan }, resolve(options.conport));
      const judged = analyseRun({
        facts: { ...facts.data, plan },
        outcome: outcome.data,
        metrics: archive.metrics,
        kpis,
        died: outcome.success ? undefined : await deathOf(facts.data.process),
        samples: archive.samples.flatMap((sample) => sampleSchema.safeParse(sample).data ?? []),
      });
      const analysed = withUnread(judged, unread);
      const { previousResult, writeIndex, writeRunReports } = await import('../run/results/report-files.ts');
      const kept = withOtherRuns(analysed, await previousResult(folder));
      const result = await writeRunReports(folder, kept, archive.metrics, presentation);
      await writeIndex(resolve(folder, '..'), presentation);
      finish(await printJudged({ result, reportPath: join(folder, 'report.html') }, options.json === true, terminal));
    });
}
