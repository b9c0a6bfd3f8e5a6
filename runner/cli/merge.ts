// novaperf merge: judges and reports runs and streams of several machines as one run.

import { Command } from '@commander-js/extra-typings';
import { mergeFlagsSchema, parseFlags } from '../run/plan/flags.ts';
import { mergeSources } from '../run/streams/merge.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { addStreamOptions, streamsOf } from './stream-options.ts';

/** The `merge` command; `finish` receives the exit code of the verdict. */
export function mergeCommand(finish: (code: ExitCode) => void) {
  const command = new Command('merge')
    .description(
      'merge the runs of several machines into one report and one verdict, with a table of the load generators',
    )
    .argument(
      '<run|stream...>',
      'run folders, histograms streams (also from docker logs or kubectl logs), or k6 JSON outputs; - for stdin',
    )
    .option('--name <name>', 'name of the merged run (default: the scenario of the first run)');
  addStreamOptions(command, {
    scenario: 'the k6 script of the runs; its thresholds are judged',
    profile: 'profile of the runs; its targets are judged',
  });
  return command.action(async (streams, raw) => {
    const options = parseFlags(mergeFlagsSchema, raw);
    const terminal = openTerminal({ json: options.json });
    const request = { ...(await streamsOf(streams, options)), name: options.name };
    const judged = await mergeSources(request, (line) => terminal.warn(line));
    finish(await printJudged(judged, options.json, terminal));
  });
}
