// The figures of one comparison are tested together: each gets the level at which all of them raise few false alarms.

import {
  bothTails,
  FALSE_ALARMS,
  holmLevels,
  oneSided,
  type RunsEstimate,
  type Tails,
} from '../analysis/differences/runs-difference.ts';
import type { ComparedMetric } from '../model/comparison.ts';

// How the chance of a false alarm is shared out: p95 of the endpoints is what a regression is looked for in.
const ENDPOINTS_P95 = 0.75;
const WHOLE_P95 = 0.1;
const OTHERS = 0.15;
/** A change for the worse is what the runs are compared for. */
const WORSE = 0.9;
/** Of a figure that is tested a second time, by what it does against the others. */
const AGAINST_OTHERS = 0.75;

export interface TestedFigure extends Pick<ComparedMetric, 'kind' | 'endpoint' | 'statistic'> {
  readonly estimate: RunsEstimate;
  /** The same figure against the others of its run; `isUsed`: false where that says nothing, but was looked at. */
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

/** In the order given; all tests together raise a false alarm in at most `alarms` of comparisons. */
export function familyTails(figures: readonly TestedFigure[], alarms: number): FamilyTails[] {
  const counts = { endpointsP95: 0, wholeP95: 0, others: 0 };
  for (const figure of figures) counts[kindOf(figure)]++;
  const tests = figures.flatMap((figure) => {
    const kind = kindOf(figure);
    const weight = SHARES[kind] / counts[kind];
    // More throughput is better: its change for the worse lies below 0.
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
