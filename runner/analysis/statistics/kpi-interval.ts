// The interval of a KPI's statistic over the windows it is judged by, and its position relative to the target.

import type { Confidence, Kpi } from '../../model/kpi.ts';
import type { Aggregate, RunMetrics } from '../../model/metrics.ts';
import type { GradedInterval } from './interval.ts';
import {
  amountInterval,
  averageInterval,
  type ConfidenceInterval,
  quantileInterval,
  shareInterval,
} from './interval.ts';
import { boundOf, meets, quantileOf } from './statistic.ts';

const FIRM_MS = 600_000;

/** An interval, and whether the run was long enough (600 s) for the reliability stated in interval.ts. */
export interface JudgedInterval extends GradedInterval {
  readonly firm: boolean;
}

/** The windows that a KPI is judged over, in order of time, without requests that do not count. */
export interface KpiWindows {
  readonly aggregates: ReadonlyArray<Aggregate | undefined>;
  readonly lengthMs: number;
}

/** The windows of a KPI's timeline; only those in `cells` (ascending indices) if given. */
export function windowsOf(
  kpi: Pick<Kpi, 'metric' | 'filter'>,
  metrics: RunMetrics,
  cells?: readonly number[],
): KpiWindows {
  const timeline = metrics.timeline(kpi.metric, kpi.filter);
  const aggregates =
    cells === undefined ? timeline.map(({ aggregate }) => aggregate) : cells.map((index) => timeline[index]?.aggregate);
  return { aggregates, lengthMs: metrics.intervalMs };
}

/**
 * The 95 % interval of a KPI's statistic; undefined for statistics other than percentiles, median, average and rates.
 */
export function intervalOf(
  statistic: Kpi['statistic'],
  { aggregates, lengthMs }: KpiWindows,
): JudgedInterval | undefined {
  const type = aggregates.find((aggregate) => aggregate !== undefined)?.type;
  const isLong = aggregates.length * lengthMs >= FIRM_MS;
  const q = quantileOf(statistic);
  let interval: GradedInterval | undefined;
  if (type === 'rate' && statistic === 'rate') {
    interval = shareInterval(
      aggregates.map((part) => ({ events: part?.sum ?? 0, samples: part?.count ?? 0 })),
      isLong,
    );
  } else if (type === 'trend' && q !== undefined) {
    interval = quantileInterval(aggregates, q);
  } else if (type === 'trend' && statistic === 'avg') {
    interval = averageInterval(aggregates);
  } else if (type === 'counter' && statistic === 'rate') {
    // The first and the last window are incomplete.
    interval = amountInterval(aggregates.slice(1, -1).map((part) => ((part?.sum ?? 0) * 1000) / lengthMs));
  }
  return interval && { ...interval, firm: interval.grade === 'decided' && isLong };
}

/** The interval if it is decided and has both ends, as needed to compare two runs. */
export function decidedInterval(interval: GradedInterval | undefined): ConfidenceInterval | undefined {
  if (interval?.grade !== 'decided' || interval.low === undefined || interval.high === undefined) return undefined;
  return { low: interval.low, high: interval.high };
}

/** Whether values at the two ends of an interval meet the target; an open end lies beyond every target. */
export function endsMeet(
  { low, high }: Pick<GradedInterval, 'low' | 'high'>,
  { comparison, target }: Pick<Kpi, 'comparison' | 'target'>,
): readonly [low: boolean, high: boolean] {
  return [
    meets(low ?? Number.NEGATIVE_INFINITY, comparison, target),
    meets(high ?? Number.POSITIVE_INFINITY, comparison, target),
  ];
}

/** The position of the interval: on one side of the target, spanning it, or unknown. */
export function confidenceOf(
  kpi: Pick<Kpi, 'comparison' | 'target'>,
  interval: JudgedInterval | undefined,
): Confidence {
  if (interval === undefined || boundOf(kpi.comparison) === 'none') return 'unknown';
  const [low, high] = endsMeet(interval, kpi);
  if (low !== high) return 'open';
  return interval.firm ? 'firm' : 'provisional';
}
