// The figures of one comparison are tested together: each gets the level at which all of them raise few false alarms.

import { holmLevels } from '../analysis/runs-difference.ts';
import type { ComparedMetric } from '../model/comparison.ts';

/** p95 of an endpoint is what a regression is looked for in; everything else shares a fifth of the false alarms. */
const OTHERS_SHARE = 0.2;

type Figure = Pick<ComparedMetric, 'kind' | 'endpoint' | 'statistic'>;

function isMain({ kind, endpoint, statistic }: Figure): boolean {
  return kind === 'latency' && endpoint !== null && statistic === 'p95';
}

/** In the order given; all of them together raise a false alarm in at most `alarms` of comparisons. */
export function familyLevels(figures: readonly (Figure & { readonly pValue: number })[], alarms: number): number[] {
  const mains = figures.filter(isMain).length;
  const others = figures.length - mains;
  const share = mains === 0 ? 1 : OTHERS_SHARE;
  return holmLevels(
    figures.map((figure) => ({
      pValue: figure.pValue,
      weight: isMain(figure) ? (1 - OTHERS_SHARE) / mains : share / others,
    })),
    alarms,
  );
}
