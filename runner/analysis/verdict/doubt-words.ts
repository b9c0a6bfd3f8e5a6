// Why a target is too close to call, or the run too short to say, becomes a clause: the same in findings and in explain.

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

/** `the target is inside the interval`; '' where the verdict has another reason, which its note gives. */
export function doubtText({ reason, statistic, samples, confidence }: Doubt): string {
  if (reason === 'too_close') {
    return confidence === 'open'
      ? 'the target is inside the interval'
      : 'the value of this run and the interval are on opposite sides of the target';
  }
  if (reason !== 'too_short') return '';
  if (isOverTime(statistic) || statistic === GROWTH) return 'the steady load is too short for a slope';
  const q = quantileOf(statistic);
  return q !== undefined && samples * Math.min(q, 1 - q) < 1
    ? 'fewer than one sample is beyond this percentile, so its value is not reliable'
    : 'there are too few independent samples for an interval, and the value alone is too close to the target';
}
