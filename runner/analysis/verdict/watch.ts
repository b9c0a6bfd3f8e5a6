// Evaluates thresholds during a run: which are crossed now, and whether one of them ends the run.

import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { isOverTime } from '../../targets/drift-target.ts';
import { comparedValue, meets } from '../statistics/statistic.ts';

/** The state of one KPI when last evaluated. `later`: it is about a part of the run and is judged at the end. */
export interface Standing {
  readonly kpi: Kpi;
  readonly state: 'met' | 'crossed' | 'no_data' | 'later';
  /** undefined: no sample, or not evaluated yet. */
  readonly actual: number | undefined;
}

export interface WatchState {
  /** All KPIs, in the given order. */
  readonly standings: readonly Standing[];
  /** KPIs with samples that were not met when last evaluated. */
  readonly crossed: readonly Kpi[];
  /** The first crossed KPI with abortOnFail after its delay: the run must end. */
  readonly abort: Kpi | undefined;
}

/** k6 v2.2.0 evaluates its thresholds every 2 s (internal/metrics/engine/engine.go, thresholdsRate). */
const EVALUATE_EVERY_MS = 2000;

/**
 * Evaluates KPIs during the run as k6 does its thresholds: over all samples so far, and not at all without samples.
 * KPIs about a part of the run (`during`, `overMs`) wait for its end. As in k6, once `abort` is set it stays set.
 */
export class ThresholdWatch {
  readonly #metrics: Pick<RunMetrics, 'total'>;
  #evaluatedAtMs: number | undefined;
  #state: WatchState;

  constructor(kpis: readonly Kpi[], metrics: Pick<RunMetrics, 'total'>) {
    this.#metrics = metrics;
    this.#state = { standings: kpis.map((kpi) => unevaluated(kpi)), crossed: [], abort: undefined };
  }

  /**
   * The state at `elapsedMs`, milliseconds since the start of the test. Cheap to call: it evaluates again only after 2
   * s, first at 2 s.
   */
  check(elapsedMs: number): WatchState {
    if (elapsedMs - (this.#evaluatedAtMs ?? 0) < EVALUATE_EVERY_MS) return this.#state;
    this.#evaluatedAtMs = elapsedMs;
    const standings = this.#state.standings.map(({ kpi }) => this.#evaluate(kpi, elapsedMs));
    const crossed = standings.flatMap(({ kpi, state }) => (state === 'crossed' ? [kpi] : []));
    const due = crossed.find(({ abort }) => abort !== undefined && (abort.delayMs === 0 || abort.delayMs < elapsedMs));
    this.#state = { standings, crossed, abort: this.#state.abort ?? due };
    return this.#state;
  }

  #evaluate(kpi: Kpi, elapsedMs: number): Standing {
    const standing = unevaluated(kpi);
    if (standing.state === 'later') return standing;
    const aggregate = this.#metrics.total(kpi.metric, kpi.filter);
    if (aggregate === undefined || aggregate.count === 0) return standing;
    const actual = comparedValue(aggregate, kpi, elapsedMs);
    if (actual === undefined) return standing;
    return { kpi, state: meets(actual, kpi.comparison, kpi.target) ? 'met' : 'crossed', actual };
  }
}

function unevaluated(kpi: Kpi): Standing {
  const isOfPart = kpi.during !== undefined || kpi.overMs !== undefined || isOverTime(kpi.statistic);
  return { kpi, state: isOfPart ? 'later' : 'no_data', actual: undefined };
}
