// Errors in k6's log that are not the script's become sentences: outputs of the user that could not deliver, and why k6 gave up. k6 2.2.0
// ends with 0 when an output of its own lost every sample, so only its log shows it.

import { K6_EXIT } from '../model/k6-exit-codes.ts';
import type { LogEntry } from './log.ts';
import { lostSamples } from './lost-samples.ts';

/** The exit codes that mean what the script or the user did; for all others k6's last error says what it was. */
const EXPLAINED: ReadonlySet<number> = new Set([
  0,
  K6_EXIT.thresholdsHaveFailed,
  K6_EXIT.setupTimeout,
  K6_EXIT.teardownTimeout,
  K6_EXIT.externalAbort,
  K6_EXIT.scriptException,
  K6_EXIT.scriptAborted,
  K6_EXIT.markedAsFailed,
]);
const LONGEST = 500;

export class ReportedErrors {
  /** By the name of the output: its first error, and how many there were. */
  readonly #outputs = new Map<string, { readonly said: string; count: number }>();
  #last: string | undefined;

  add(entry: LogEntry): void {
    const { level, source, message, fields, hint } = entry;
    // With a source it is the script's: what it printed, or an exception.
    if ((level !== 'error' && level !== 'fatal') || source !== undefined) return;
    // They are counted where the stream is read.
    if (lostSamples(entry) > 0) return;
    const { output, error } = fields;
    const said = [message, ...(error === undefined ? [] : [error])].join(': ').slice(0, LONGEST);
    if (output !== undefined) {
      const known = this.#outputs.get(output);
      if (known === undefined) this.#outputs.set(output, { said, count: 1 });
      else known.count++;
    } else if (hint !== 'script exception') this.#last = said;
  }

  /** One sentence for each output that reported errors, and k6's own words where the exit code does not explain itself. */
  sentences(exitCode: number | null | undefined): string[] {
    const outputs = [...this.#outputs].map(([output, { said, count }]) => {
      const times = count === 1 ? 'once' : `${count} times`;
      return `The output "${output}" reported an error ${times}, so what it was to write may be incomplete: ${said}`;
    });
    const isExplained = exitCode === null || exitCode === undefined || EXPLAINED.has(exitCode);
    return isExplained || this.#last === undefined ? outputs : [...outputs, `k6 said: ${this.#last}`];
  }
}
