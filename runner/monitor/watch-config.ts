// The part of an environment in ProjectConfig that says how the system under test is watched: its sources, and how long before and after.

import { z } from 'zod';
import { durationMs } from '../system/duration.ts';
import { type SourceSpec, sourceSchema } from './spec.ts';

/** undefined: nothing is said, so that a flag or a default counts. */
export interface ServerWatchConfig {
  readonly serverMetrics?: readonly SourceSpec[];
  readonly baselineMs?: number;
  readonly recoveryMs?: number;
}

/** A duration that may be nothing. */
const time = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined && ms >= 0) return ms;
  context.addIssue({ code: 'custom', message: 'expected a duration such as 5s, or 0s for none' });
  return z.NEVER;
});

/** Fields of an environment. */
export const watchFields = {
  server_metrics: z.array(sourceSchema).optional(),
  baseline_time: time.optional(),
  recovery_time: time.optional(),
};

const watchSchema = z.object(watchFields);

export function watchConfigOf({
  server_metrics,
  baseline_time,
  recovery_time,
}: z.infer<typeof watchSchema>): ServerWatchConfig {
  return {
    ...(server_metrics === undefined ? {} : { serverMetrics: server_metrics }),
    ...(baseline_time === undefined ? {} : { baselineMs: baseline_time }),
    ...(recovery_time === undefined ? {} : { recoveryMs: recovery_time }),
  };
}
