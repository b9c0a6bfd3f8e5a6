// The fields of an environment in ProjectConfig about monitoring the system under test: sources, and time before and
// after the load.

import { z } from 'zod';
import { durationMs } from '../system/duration.ts';
import { type SourceSpec, sourceSchema } from './spec.ts';

/** undefined: not configured, so a flag or a default applies. */
export interface ServerWatchConfig {
  readonly serverMetrics?: readonly SourceSpec[];
  readonly idleMs?: number;
  readonly recoveryMs?: number;
}

/** A duration; 0s is allowed. */
const time = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined && ms >= 0) return ms;
  context.addIssue({ code: 'custom', message: 'expected a duration such as 5s, or 0s for none' });
  return z.NEVER;
});

/** The fields as a zod shape. */
export const watchFields = {
  server_metrics: z.array(sourceSchema).optional(),
  baseline_time: time.optional(),
  recovery_time: time.optional(),
};

const watchSchema = z.object(watchFields);

/** Converts the parsed fields of an environment. */
export function watchConfigOf({
  server_metrics,
  baseline_time,
  recovery_time,
}: z.infer<typeof watchSchema>): ServerWatchConfig {
  return {
    ...(server_metrics === undefined ? {} : { serverMetrics: server_metrics }),
    ...(baseline_time === undefined ? {} : { idleMs: baseline_time }),
    ...(recovery_time === undefined ? {} : { recoveryMs: recovery_time }),
  };
}
