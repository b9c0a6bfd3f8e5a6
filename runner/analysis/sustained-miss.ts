// The numbers of a load that is held, looked at every second → the target that it has missed by far for some seconds, or the iterations it could
// not start: reason enough not to hold it any longer.

import type { Comparison, Kpi } from '../model/kpi.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { isOverTime } from '../targets/drift-target.ts';
import { percent } from '../text/format.ts';
import { comparedValue, meets } from './statistic.ts';

const WINDOW_MS = 3000;
/** The window that is still being filled is left out. */
const UNSETTLED_MS = 1000;
/** Connections and caches warm up first. */
const WARM_UP_MS = 2000;
/** Looks in a row that all miss, one a second. */
const LOOKS = 6;
/** Only a clear miss ends a load early: near the limit the whole step decides. */
const CLEAR = 1.25;
const MOST_DROPPED = 0.1;

/** Whether the value is beyond the limit by a quarter of it; of shares such as `rate > 0.99` a quarter of what is left to 1. */
function isClear(
  value: number,
  { comparison, target, statistic }: Pick<Kpi, 'comparison' | 'target' | 'statistic'>,
): boolean {
  if (isUpper(comparison)) return value >= target * CLEAR;
  return statistic === 'rate' && target <= 1 ? 1 - value >= (1 - target) * CLEAR : value <= target / CLEAR;
}

function isUpper(comparison: Comparison): boolean {
  return comparison === '<' || comparison === '<=';
}

/** Statistics that mean the same of a few seconds as of the whole run: no counts, no gauges, no parts of the run. */
function isWatched({ metric, statistic, comparison, during, overMs, source }: Kpi, metrics: RunMetrics): boolean {
  const type = metrics.metrics.get(metric)?.type;
  if (source === 'builtin' || during !== undefined || overMs !== undefined || isOverTime(statistic)) return false;
  return (type === 'trend' || type === 'rate') && comparison !== '==' && comparison !== '!=';
}

export class SustainedMiss {
  readonly #kpis: readonly Kpi[];
  readonly #metrics: RunMetrics;
  readonly #misses = new Map<string, number>();

  constructor(kpis: readonly Kpi[], metrics: RunMetrics) {
    this.#kpis = kpis;
    this.#metrics = metrics;
  }

  /** To be asked once a second. What has been missed for so long that the load need not be held on, in words; else undefined. */
  check(): string | undefined {
    const { firstSampleMs, lastSampleMs } = this.#metrics;
    if (firstSampleMs === undefined || lastSampleMs === undefined) return undefined;
    const toMs = lastSampleMs - UNSETTLED_MS;
    const range = { fromMs: toMs - WINDOW_MS, toMs };
    if (range.fromMs < firstSampleMs + WARM_UP_MS) return undefined;
    const missed = this.#kpis
      .filter((kpi) => isWatched(kpi, this.#metrics))
      .map((kpi) => {
        const aggregate = this.#metrics.total(kpi.metric, kpi.filter, range);
        const value =
          aggregate === undefined || aggregate.count === 0 ? undefined : comparedValue(aggregate, kpi, WINDOW_MS);
        const isMissed = value !== undefined && !meets(value, kpi.comparison, kpi.target) && isClear(value, kpi);
        return this.#count(kpi.id, isMissed) ? kpi.id : undefined;
      });
    const countOf = (metric: string) => this.#metrics.total(metric, {}, range)?.sum ?? 0;
    const [dropped, run] = [countOf('dropped_iterations'), countOf('iterations')];
    const share = dropped + run === 0 ? 0 : dropped / (dropped + run);
    const isDropping = this.#count('dropped_iterations', share > MOST_DROPPED);
    return (
      missed.find((id) => id !== undefined) ??
      (isDropping ? `${percent(share)} of the requested iterations were not started` : undefined)
    );
  }

  /** Whether it has been missed at so many looks in a row. */
  #count(of: string, isMissed: boolean): boolean {
    const misses = isMissed ? (this.#misses.get(of) ?? 0) + 1 : 0;
    this.#misses.set(of, misses);
    return misses >= LOOKS;
  }
}
