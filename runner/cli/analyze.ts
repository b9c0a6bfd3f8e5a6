// novaperf analyze: a k6 stream that someone already has is judged and reported as a run of ours would be.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { PROFILES } from '../model/plan.ts';
import { analyseStream } from '../run/analyse-stream.ts';
import { analyzeFlagsSchema, assignments, parseFlags } from '../run/flags.ts';
import { presentationOf } from '../run/presentation.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { ASSETS_HELP, collect } from './shared-options.ts';

/** The `analyze` command; `finish` receives the exit code of the verdict. */
export function analyzeCommand(finish: (code: ExitCode) => void) {
  return new Command('analyze')
    .description('judge and report a k6 JSON output that already exists: .json, .json.gz, or - for stdin')
    .argument(
      '<stream...>',
      'what k6 run --out json=FILE wrote, or histograms streams; several add up to one run; - for stdin',
    )
    .option('--scenario <script>', 'the k6 script that made it: its thresholds are judged')
    .option('-e, --script-env <NAME=value>', "a variable that the script's __ENV had; may be repeated", collect)
    .option('--component <name>', 'component under test: its targets are judged')
    .option('--profile <name>', `profile that it was run with, whose targets are judged: ${PROFILES.join(' | ')}`)
    .option('--build <version>', 'version of the build that was under test')
    .option('--out <dir>', "where the run's folder goes", DEFAULT_OUT)
    .option('--conport <dir>', 'where the targets come from', DEFAULT_CONPORT)
    .option('--template <dir>', 'override templates by file name')
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--k6 <path>', 'k6 executable, for --scenario (also K6_BIN)')
    .option('--json', 'the result as one JSON document on stdout, nothing else there')
    .action(async (streams, raw) => {
      const options = parseFlags(analyzeFlagsSchema, raw);
      const terminal = openTerminal({ json: options.json });
      const judged = await analyseStream(
        {
          streams,
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
