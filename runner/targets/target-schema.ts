// The schema of one target of a PerformanceTargets or AcceptanceCriteria item.

import { z } from 'zod';
import { COMPARISONS, SEVERITIES } from '../model/kpi.ts';
import { namedRecord } from '../model/named-record.ts';
import { durationMs } from '../system/duration.ts';
import { parseDrift } from './drift-target.ts';
import { GROWTH } from './server-unit.ts';
import { parseStatistic } from './threshold.ts';

/** A tag value in YAML: `status: 200` is the text 200. */
const tagValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const over = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = durationMs(String(value));
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: 'Expected a duration such as 30s or 2m' });
  return z.NEVER;
});

const load = z
  .strictObject({ requests_per_second: z.number().positive().optional(), vus: z.number().int().positive().optional() })
  .refine(({ requests_per_second, vus }) => requests_per_second !== undefined || vus !== undefined, {
    error: 'Expected requests_per_second or vus',
  })
  .transform(({ requests_per_second, vus }) => ({
    ...(requests_per_second === undefined ? {} : { requestsPerSecond: requests_per_second }),
    ...(vus === undefined ? {} : { vus }),
  }));

/** One entry of the list `targets` of a PerformanceTargets item, or of `performance_targets` of AcceptanceCriteria. */
export const targetSchema = z.looseObject({
  /** By default the target as text. */
  id: z.string().min(1).optional(),
  /** A metric of k6 or `server.*`, with or without tags: `http_req_duration{name:x}`. */
  metric: z.string().min(1),
  filter: namedRecord(tagValue).default({}),
  /** p(95), avg, med, min, max, rate, count or value as in k6; also `p(95) drift` for times, growth (change per hour) for `server.*`. */
  statistic: z.string().transform((text, context) => {
    const statistic = text.trim() === GROWTH ? GROWTH : (parseStatistic(text.trim()) ?? parseDrift(text));
    if (statistic !== undefined) return statistic;
    context.addIssue({
      code: 'custom',
      message: 'Expected p(N), avg, med, min, max, rate, count, value, a drift such as p(95) drift, or growth',
    });
    return z.NEVER;
  }),
  comparison: z.enum(COMPARISONS),
  target: z.number(),
  /** ms, s, %, rps, …; by default k6's unit. */
  unit: z.string().default(''),
  /** By default medium, or more severe the further the target is missed. A given severity always applies. */
  severity: z.enum(SEVERITIES).optional(),
  /** Profiles that it applies to; by default all. */
  profiles: z.array(z.string()).optional(),
  /** `steady`, or the name of a phase. */
  during: z.string().min(1).optional(),
  /** Length of the windows of which every one must meet the target: `30s`. */
  over: over.optional(),
  /** The target is judged only if the run reached this load. */
  load: load.optional(),
});
