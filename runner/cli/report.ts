// novaperf report: a kept run, whole or dead, is judged again by today's targets and rendered by today's templates; no load.

import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { analyseRun } from '../analysis/analyse.ts';
import { readArchive } from '../metrics/archive-reader.ts';
import { sampleSchema } from '../model/error-sample.ts';
import { outcomeSchema, runFactsSchema } from '../model/run.ts';
import { ARCHIVE_FILE } from '../model/run-files.ts';
import { deathOf } from '../run/death.ts';
import { parseFlags, presentationFlagsSchema } from '../run/flags.ts';
import { targetsFor } from '../run/prepare.ts';
import { presentationOf } from '../run/presentation.ts';
import { withUnread } from '../run/unread-targets.ts';
import { findRun } from '../runs/find-run.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { ASSETS_HELP } from './shared-options.ts';

/** The `report` command; `finish` receives the exit code that the run would have had. */
export function reportCommand(finish: (code: ExitCode) => void) {
  return new Command('report')
    .description('judge and render a kept run again, with the current targets and templates; sends no load')
    .argument('<run>', "a run's folder, or its name below --out")
    .option('--out <dir>', "where the runs' folders are", DEFAULT_OUT)
    .option('--conport <dir>', 'where the targets come from', DEFAULT_CONPORT)
    .option('--template <dir>', 'override templates by file name')
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--json', 'the result as one JSON document on stdout, nothing else there')
    .action(async (run, options) => {
      const terminal = openTerminal({ json: options.json === true });
      const { template, assets } = options;
      const flags = parseFlags(presentationFlagsSchema, { template, assets });
      const presentation = await presentationOf(flags, resolve(options.conport), resolve('.'));
      const folder = await findRun(run, resolve(options.out));
      const archive = await readArchive(join(folder, ARCHIVE_FILE));
      const facts = runFactsSchema.safeParse(archive.run);
      if (!facts.success) {
        throw new UserError(
          'Expected an archive of novaperf that says which run it is of, found none or one of another version.',
          {
            where: join(folder, ARCHIVE_FILE),
            next: 'novaperf analyze judges any stream of k6 without knowing its run',
          },
        );
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
      const { previousConport, writeIndex, writeRunReports } = await import('../run/report-files.ts');
      const conport = (await previousConport(folder)) ?? analysed.conport;
      const result = await writeRunReports(folder, { ...analysed, conport }, archive.metrics, presentation);
      await writeIndex(resolve(folder, '..'), presentation);
      finish(await printJudged({ result, reportPath: join(folder, 'report.html') }, options.json === true, terminal));
    });
}
