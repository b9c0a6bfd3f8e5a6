// Counts samples that k6 could not write into its JSON output, such as infinite values of custom metrics.

import type { LogEntry } from './log.ts';

/** k6 2.2.0, internal/output/json: logged once per flush, with the count in the field `failed`. */
const LOST = "Sample(s) couldn't be marshalled to JSON";

/** Number of samples that this log entry reports as lost; 0 for any other entry. */
export function lostSamples({ source, message, fields }: LogEntry): number {
  if (source === 'console' || source === 'raw' || message !== LOST) return 0;
  const failed = Number(fields.failed);
  return Number.isSafeInteger(failed) && failed > 0 ? failed : 1;
}
