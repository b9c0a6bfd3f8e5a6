// Thresholds against the live numbers: which are crossed now, and whether one of them ends the run.

import type { RunMetrics } from '../metrics/model.ts';
import type { Kpi } from './model.ts';
import { comparedValue, meets } from './statistic.ts';

export interface WatchState {
  /** KPIs that had samples and were not met when last evaluated. */
  readonly crossed: readonly Kpi[];
  /** The first crossed KPI with abortOnFail whose delay is over; the run is to end. */
  readonly abort: Kpi | undefined;
}

/** k6 v2.2.0 evaluates its thresholds every 2 s (internal/metrics/engine/engine.go, thresholdsRate). */
const EVALUATE_EVERY_MS = 2000;

/**
 * Evaluates KPIs during the run as k6 does its thresholds: over all samples so far, not at all where there is none yet.
 * KPIs about a part of the run (`during`, `overMs`) wait for its end. Once a KPI has asked for the end it keeps asking,
 * as k6 does.
 */
export class ThresholdWatch {
  readonly #kpis: readonly Kpi[];
  readonly #metrics: Pick<RunMetrics, 'total'>;
  #evaluatedAtMs: number | undefined;
  #state: WatchState = { crossed: [], abort: undefined };

  constructor(kpis: readonly Kpi[], metrics: Pick<RunMetrics, 'total'>) {
    this.#kpis = kpis.filter((kpi) => kpi.during === undefined && kpi.overMs === undefined);
    this.#metrics = metrics;
  }

  /**
   * The state at `elapsedMs`, milliseconds since the start of the test. Cheap to call often: it evaluates again only when 2 s
   * have passed since the last time, first at 2 s.
   */
  check(elapsedMs: number): WatchState {
    if (elapsedMs - (this.#evaluatedAtMs ?? 0) < EVALUATE_EVERY_MS) return this.#state;
    this.#evaluatedAtMs = elapsedMs;
    const crossed = this.#kpis.filter((kpi) => this.#isCrossed(kpi, elapsedMs));
    const due = crossed.find(({ abort }) => abort !== undefined && (abort.delayMs === 0 || abort.delayMs < elapsedMs));
    this.#state = { crossed, abort: this.#state.abort ?? due };
    return this.#state;
  }

  #isCrossed(kpi: Kpi, elapsedMs: number): boolean {
    const aggregate = this.#metrics.total(kpi.metric, kpi.filter);
    if (aggregate === undefined || aggregate.count === 0) return false;
    const actual = comparedValue(aggregate, kpi, elapsedMs);
    return actual !== undefined && !meets(actual, kpi.comparison, kpi.target);
  }
}
