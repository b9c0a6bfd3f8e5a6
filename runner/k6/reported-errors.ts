// Collects errors in k6's log that are not the script's: failed outputs of the user, and why k6 exited. k6 2.2.0 exits
// with 0 even if an output lost every sample, so only the log shows it.

import { K6_EXIT } from '../model/k6-exit-codes.ts';
import type { LogEntry } from './log.ts';
import { lostSamples } from './lost-samples.ts';

/** Exit codes that already explain the end; for all others k6's last error does. */
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

/** Takes k6's log entries and returns the errors as sentences. */
export class ReportedErrors {
  /** By name of the output: its first error, and the number of errors. */
  readonly #outputs = new Map<string, { readonly text: string; count: number }>();
  #last: string | undefined;

  add(entry: LogEntry): void {
    const { level, source, message, fields, hint } = entry;
    // Entries with a source come from the script: printed text or an exception.
    if ((level !== 'error' && level !== 'fatal') || source !== undefined) return;
    // Lost samples are counted separately.
    if (lostSamples(entry) > 0) return;
    const { output, error } = fields;
    const text = [message, ...(error === undefined ? [] : [error])].join(': ').slice(0, LONGEST);
    if (output !== undefined) {
      const known = this.#outputs.get(output);
      if (known === undefined) this.#outputs.set(output, { text, count: 1 });
      else known.count++;
    } else if (hint !== 'script exception') this.#last = text;
  }

  /** One sentence for each output with errors, and k6's last error if the exit code does not explain the end. */
  sentences(exitCode: number | null | undefined): string[] {
    const outputs = [...this.#outputs].map(([output, { text, count }]) => {
      const times = count === 1 ? 'once' : `${count} times`;
      return `The output "${output}" reported an error ${times}, so its data may be incomplete: ${text}`;
    });
    const isExplained = exitCode === null || exitCode === undefined || EXPLAINED.has(exitCode);
    return isExplained || this.#last === undefined ? outputs : [...outputs, `k6's last error: ${this.#last}`];
  }
}
