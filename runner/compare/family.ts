// The figures of one comparison → the significance level of each, so that all of them together raise few false alarms.

import {
  bothTails,
  FALSE_ALARMS,
  holmLevels,
  oneSided,
  type RunsEstimate,
  type Tails,
} from '../analysis/differences/runs-difference.ts';
import type { ComparedMetric } from '../model/comparison.ts';

// Shares of the chance of a false alarm. The p95 of the endpoints gets the most, because most regressions show there.
const ENDPOINTS_P95 = 0.75;
const WHOLE_P95 = 0.1;
const OTHERS = 0.15;
/** Share of the worse direction: the purpose of a comparison is to find regressions. */
const WORSE = 0.9;
/** Share of the second test of a figure, against the other figures. */
const AGAINST_OTHERS = 0.75;

export interface TestedFigure extends Pick<ComparedMetric, 'kind' | 'endpoint' | 'statistic'> {
  readonly estimate: RunsEstimate;
  /** The figure against the other figures of its runs. `isUsed` false: the test counts in the correction, but not in the verdict. */
  readonly against?: { readonly estimate: RunsEstimate; readonly isUsed: boolean };
}

export interface FamilyTails {
  readonly tails: Tails;
  readonly against: Tails;
}

type Kind = 'endpointsP95' | 'wholeP95' | 'others';

function kindOf({ kind, endpoint, statistic }: TestedFigure): Kind {
  if (kind !== 'latency' || statistic !== 'p95') return 'others';
  return endpoint === null ? 'wholeP95' : 'endpointsP95';
}

const SHARES: Readonly<Record<Kind, number>> = { endpointsP95: ENDPOINTS_P95, wholeP95: WHOLE_P95, others: OTHERS };

/**
 * The levels of the figures, in their order. All tests together raise a false alarm in at most the share `alarms` of comparisons. Source:
 * weighted Holm procedure, https://en.wikipedia.org/wiki/Holm%E2%80%93Bonferroni_method.
 */
export function familyTails(figures: readonly TestedFigure[], alarms: number): FamilyTails[] {
  const counts = { endpointsP95: 0, wholeP95: 0, others: 0 };
  for (const figure of figures) counts[kindOf(figure)]++;
  const tests = figures.flatMap((figure) => {
    const kind = kindOf(figure);
    const weight = SHARES[kind] / counts[kind];
    // Less throughput is worse.
    const above = figure.kind === 'throughput' ? 1 - WORSE : WORSE;
    const twice = (estimate: RunsEstimate, share: number, isUsed: boolean) => {
      const chance = oneSided(estimate);
      return [
        { pValue: isUsed ? chance.above : 1, weight: weight * share * above },
        { pValue: isUsed ? chance.below : 1, weight: weight * share * (1 - above) },
      ];
    };
    const { estimate, against } = figure;
    if (against === undefined) return twice(estimate, 1, true);
    return [...twice(estimate, 1 - AGAINST_OTHERS, true), ...twice(against.estimate, AGAINST_OTHERS, against.isUsed)];
  });
  const levels = holmLevels(tests, alarms);
  const take = (): Tails => ({ low: levels.shift() ?? FALSE_ALARMS, high: levels.shift() ?? FALSE_ALARMS });
  return figures.map(({ against }) => ({
    tails: take(),
    against: against === undefined ? bothTails(FALSE_ALARMS) : take(),
  }));
}
