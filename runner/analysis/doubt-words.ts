// Why a target is too close to call, or the run too short to say, becomes a clause: the same in findings and in explain.

import type { Confidence, VerdictReason } from '../model/kpi.ts';
import { isOverTime } from '../targets/drift-target.ts';
import { GROWTH } from '../targets/server-unit.ts';
import { quantileOf } from './statistic.ts';

export interface Doubt {
  readonly reason: VerdictReason | undefined;
  readonly statistic: string;
  readonly samples: number;
  readonly confidence: Confidence;
}

/** `the target lies within the interval`; '' where the verdict has another reason, which its note gives. */
export function doubtText({ reason, statistic, samples, confidence }: Doubt): string {
  if (reason === 'too_close') {
    return confidence === 'open'
      ? 'the target lies within the interval'
      : "this run's own value lies on the other side of the target than the interval";
  }
  if (reason !== 'too_short') return '';
  if (isOverTime(statistic) || statistic === GROWTH) return 'the steady load is too short for a slope';
  const q = quantileOf(statistic);
  return q !== undefined && samples * Math.min(q, 1 - q) < 1
    ? 'fewer than one sample lies beyond this percentile, so its value says little however far off it is'
    : 'too few independent samples for an interval, and the value is too near the target to go by it alone';
}
