// Decides, once a second, whether a step can end early because a target was clearly missed for some seconds, or too
// many iterations could not start.

import type { Comparison, Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { percent } from '../../text/format.ts';
import { meanOf } from '../statistics/numbers.ts';
import { valueWithin } from '../statistics/part-value.ts';

const WINDOW_MS = 3000;
/** The newest window is incomplete. */
const UNSETTLED_MS = 1000;
/** Connections and caches warm up first. */
const WARM_UP_MS = 2000;
/** Consecutive checks, one per second, that must all miss. */
const LOOKS = 6;
/** If a miss shrinks by this share from the first half of the checks to the second, the system is warming up. */
const SHRINKS = 0.1;
/** Only a clear miss ends a step early; near the limit the whole step decides. */
const CLEAR = 1.25;
const MOST_DROPPED = 0.1;

/**
 * True if the value is beyond the limit by a quarter of it; for shares such as `rate > 0.99`, by a quarter of the
 * distance to 1.
 */
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

/** A number that increases as the value gets worse. */
function badness(value: number, { comparison, target, statistic }: Kpi): number {
  if (isUpper(comparison)) return value;
  return statistic === 'rate' && target <= 1 ? 1 - value : 1 / value;
}

/** Follows the targets of one step; call check() once a second. */
export class SustainedMiss {
  readonly #kpis: readonly Kpi[];
  readonly #metrics: RunMetrics;
  /** The badness of each consecutive miss, latest last. */
  readonly #misses = new Map<string, number[]>();

  constructor(kpis: readonly Kpi[], metrics: RunMetrics) {
    this.#kpis = kpis;
    this.#metrics = metrics;
  }

  /** What was missed for so long that the step can end, in words; otherwise undefined. Call it once a second. */
  check(): string | undefined {
    const { firstSampleMs, lastSampleMs } = this.#metrics;
    if (firstSampleMs === undefined || lastSampleMs === undefined) return undefined;
    const toMs = lastSampleMs - UNSETTLED_MS;
    const range = { fromMs: toMs - WINDOW_MS, toMs };
    if (range.fromMs < firstSampleMs + WARM_UP_MS) return undefined;
    const missed = this.#kpis.map((kpi) => {
      const found = valueWithin(kpi, this.#metrics, range);
      const isMissed = found !== undefined && !found.isMet && isClear(found.value, found.kpi);
      return this.#isSustained(kpi.id, isMissed ? badness(found.value, found.kpi) : undefined) ? kpi.id : undefined;
    });
    const countOf = (metric: string) => this.#metrics.total(metric, {}, range)?.sum ?? 0;
    const [dropped, run] = [countOf('dropped_iterations'), countOf('iterations')];
    const share = dropped + run === 0 ? 0 : dropped / (dropped + run);
    const isDropping = this.#isSustained('dropped_iterations', share > MOST_DROPPED ? share : undefined);
    return (
      missed.find((id) => id !== undefined) ??
      (isDropping ? `${percent(share)} of the requested iterations were not started` : undefined)
    );
  }

  /** True if it was missed in enough consecutive checks and is not improving. `badness`: undefined if it is met. */
  #isSustained(of: string, badness: number | undefined): boolean {
    const misses = badness === undefined ? [] : [...(this.#misses.get(of) ?? []), badness].slice(-LOOKS);
    this.#misses.set(of, misses);
    if (misses.length < LOOKS) return false;
    const half = LOOKS / 2;
    return meanOf(misses.slice(half)) > (1 - SHRINKS) * meanOf(misses.slice(0, half));
  }
}
