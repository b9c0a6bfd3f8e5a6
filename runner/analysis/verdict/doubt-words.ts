// The wording for a target that is too close to call or a run that is too short; shared by findings and explain.

import type { Confidence, VerdictReason } from '../../model/kpi.ts';
import { isOverTime } from '../../targets/drift-target.ts';
import { GROWTH } from '../../targets/server-unit.ts';
import { quantileOf } from '../statistics/statistic.ts';

export interface Doubt {
  readonly reason: VerdictReason | undefined;
  readonly statistic: string;
  readonly samples: number;
  readonly confidence: Confidence;
}

/** `a run of about 5 min would decide with a probability of 50 %`; `length` is a duration in words. */
export function decidingRun(length: string): string {
  return `a run of about ${length} would decide with a probability of 50 %`;
}

export const INSIDE_INTERVAL = 'the target is inside the interval';

/** `the target is inside the interval`; '' if the verdict has another reason, which is in its note. */
export function doubtText({ reason, statistic, samples, confidence }: Doubt): string {
  if (reason === 'too_close') {
    return confidence === 'open'
      ? INSIDE_INTERVAL
      : 'the value of this run and the interval are on opposite sides of the target';
  }
  if (reason !== 'too_short') return '';
  if (isOverTime(statistic) || statistic === GROWTH) return 'the steady load is too short for a slope';
  const q = quantileOf(statistic);
  return q !== undefined && samples * Math.min(q, 1 - q) < 1
    ? 'fewer than one sample is beyond this percentile, so its value is not reliable'
    : 'there are too few independent samples for an interval, and the value alone is too close to the target';
}
