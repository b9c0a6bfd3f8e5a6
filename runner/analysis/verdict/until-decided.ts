// Checks a running test from time to time: whether every target that has an interval is decided.

import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { type JudgeContext, judge, ruleOf } from './judge.ts';

// Each check is another chance of an error, so they are far apart, start late, and two in a row must agree. Simulated
// with targets 5 % off the true value, at most about 1 % of runs stop with a wrong verdict; docs/trust.md.

const FIRST_LOOK_MS = 120_000;
const BETWEEN_LOOKS_MS = 60_000;
const AGREEING_LOOKS = 2;

/** Decides during a run whether it may end early because all targets are decided. */
export class DecisionWatch {
  readonly #kpis: readonly Kpi[];
  readonly #metrics: RunMetrics;
  readonly #context: JudgeContext;
  #nextLookMs = FIRST_LOOK_MS;
  #last = '';
  #agreeing = 0;
  #unmatched: readonly Kpi[] = [];

  /** `metrics` are read at each check, with their timeline. KPIs that are judged by value are judged at the end. */
  constructor(kpis: readonly Kpi[], metrics: RunMetrics, context: JudgeContext) {
    this.#kpis = kpis.filter((kpi) => ruleOf(kpi, context) === 'interval');
    this.#metrics = metrics;
    this.#context = context;
  }

  /** True if there is a target that a longer run could decide. */
  get hasTargets(): boolean {
    return this.#kpis.length > 0;
  }

  /** KPIs without a matching sample at the last check; a longer run would not decide them either. */
  get unmatched(): readonly Kpi[] {
    return this.#unmatched;
  }

  /** True if the run may end, `elapsedMs` after the start of its load. Cheap between checks. */
  isDecided(elapsedMs: number): boolean {
    if (elapsedMs < this.#nextLookMs || !this.hasTargets) return false;
    this.#nextLookMs += BETWEEN_LOOKS_MS;
    const judged = judge(this.#kpis, this.#metrics, this.#context);
    const hasNoSample = ({ metric, filter }: Kpi) => (this.#metrics.total(metric, filter)?.count ?? 0) === 0;
    this.#unmatched = judged.filter((kpi) => kpi.verdict === 'no_data' && hasNoSample(kpi));
    const isOpen = judged.some(
      (kpi) => kpi.verdict === 'inconclusive' || (kpi.verdict === 'no_data' && !this.#unmatched.includes(kpi)),
    );
    const found = judged.map(({ verdict }) => verdict).join();
    this.#agreeing = isOpen ? 0 : found === this.#last ? this.#agreeing + 1 : 1;
    this.#last = found;
    return this.#agreeing >= AGREEING_LOOKS;
  }
}
