// The numbers of a run under way, looked at now and then: whether every target that has an interval is decided.

import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { type JudgeContext, judge, ruleOf } from './judge.ts';

// Each look is one more chance to err, so they are far apart, begin late, and two in a row must agree. Simulated with targets 5 %
// off the truth, at most about 1 % of runs stop with a wrong verdict; docs/trust.md.

const FIRST_LOOK_MS = 120_000;
const BETWEEN_LOOKS_MS = 60_000;
const AGREEING_LOOKS = 2;

export class DecisionWatch {
  readonly #kpis: readonly Kpi[];
  readonly #metrics: RunMetrics;
  readonly #context: JudgeContext;
  #nextLookMs = FIRST_LOOK_MS;
  #last = '';
  #agreeing = 0;
  #unmatched: readonly Kpi[] = [];

  /** `metrics` are read at each look, with their timeline. KPIs that are judged by their value wait for the end. */
  constructor(kpis: readonly Kpi[], metrics: RunMetrics, context: JudgeContext) {
    this.#kpis = kpis.filter((kpi) => ruleOf(kpi, context) === 'interval');
    this.#metrics = metrics;
    this.#context = context;
  }

  /** Whether there is anything that a longer run could decide. */
  get hasTargets(): boolean {
    return this.#kpis.length > 0;
  }

  /** Those that no sample matched at the last look: a longer run would not decide them either. */
  get unmatched(): readonly Kpi[] {
    return this.#unmatched;
  }

  /** Whether the run may end, `elapsedMs` after its load began. Cheap between looks. */
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
