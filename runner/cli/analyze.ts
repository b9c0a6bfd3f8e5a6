// novaperf analyze: judges and reports an existing k6 stream.

import { Command } from '@commander-js/extra-typings';
import { analyzeFlagsSchema, parseFlags } from '../run/plan/flags.ts';
import { analyseStream } from '../run/streams/analyse-stream.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { addStreamOptions, streamsOf } from './stream-options.ts';

/** The `analyze` command; `finish` receives the exit code of the verdict. */
export function analyzeCommand(finish: (code: ExitCode) => void) {
  const command = new Command('analyze')
    .description('judge and report an existing k6 JSON output (.json, .json.gz, - for stdin)')
    .argument(
      '<stream...>',
      'files written by k6 run --out json=FILE, or histograms streams; several are added up to one run; - for stdin',
    );
  addStreamOptions(command, {
    scenario: 'the k6 script of the run; its thresholds are judged',
    profile: 'profile of the run; its targets are judged',
  });
  return command.action(async (streams, raw) => {
    const options = parseFlags(analyzeFlagsSchema, raw);
    const terminal = openTerminal({ json: options.json });
    const judged = await analyseStream(await streamsOf(streams, options), (line) => terminal.warn(line));
    finish(await printJudged(judged, options.json, terminal));
  });
}
