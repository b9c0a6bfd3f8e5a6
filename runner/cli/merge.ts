// novaperf merge: runs and streams of several machines are judged and reported as the one run that they were.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { PROFILES } from '../model/plan.ts';
import { assignments, mergeFlagsSchema, parseFlags } from '../run/flags.ts';
import { mergeSources } from '../run/merge.ts';
import { presentationOf } from '../run/presentation.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { ASSETS_HELP, collect } from './shared-options.ts';

/** The `merge` command; `finish` receives the exit code of the verdict. */
export function mergeCommand(finish: (code: ExitCode) => void) {
  return new Command('merge')
    .description('add up the runs of several machines: one report, one verdict, a table of the load generators')
    .argument(
      '<run|stream...>',
      "runs' folders, histograms streams (also inside docker logs or kubectl logs), or k6 JSON outputs; - for stdin",
    )
    .option('--name <name>', "name of the merged run (default: the first kept run's scenario)")
    .option('--scenario <script>', 'the k6 script that all ran: its thresholds are judged')
    .option('-e, --script-env <NAME=value>', "a variable that the script's __ENV had; may be repeated", collect)
    .option('--component <name>', 'component under test: its targets are judged')
    .option('--profile <name>', `profile that they were run with, whose targets are judged: ${PROFILES.join(' | ')}`)
    .option('--build <version>', 'version of the build that was under test')
    .option('--out <dir>', "where the runs' folders are and the merged run goes", DEFAULT_OUT)
    .option('--conport <dir>', 'where the targets come from', DEFAULT_CONPORT)
    .option('--template <dir>', 'override templates by file name')
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--k6 <path>', 'k6 executable, for --scenario (also K6_BIN)')
    .option('--json', 'the result as one JSON document on stdout, nothing else there')
    .action(async (streams, raw) => {
      const options = parseFlags(mergeFlagsSchema, raw);
      const terminal = openTerminal({ json: options.json });
      const judged = await mergeSources(
        {
          streams,
          name: options.name,
          scriptPath: options.scenario,
          scriptEnv: assignments(options.scriptEnv),
          component: options.component,
          profile: options.profile,
          buildVersion: options.build,
          out: resolve(options.out),
          conportDir: resolve(options.conport),
          k6Flag: options.k6,
          presentation: await presentationOf(options, resolve(options.conport), resolve('.')),
        },
        (line) => terminal.warn(line),
      );
      finish(await printJudged(judged, options.json, terminal));
    });
}
