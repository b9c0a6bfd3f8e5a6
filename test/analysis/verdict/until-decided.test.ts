import { expect } from 'chai';
import { normal, seeded } from '../../../bench/verdicts/streams.ts';
import type { JudgeContext } from '../../../runner/analysis/verdict/judge.ts';
import { DecisionWatch } from '../../../runner/analysis/verdict/until-decided.ts';
import type { Kpi } from '../../../runner/model/kpi.ts';
import type { RunMetrics } from '../../../runner/model/metrics.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { metricsOf, type Sample } from '../samples.ts';

const CONTEXT: JudgeContext = {
  phases: [],
  loadStartMs: undefined,
  elapsedMs: undefined,
  generator: undefined,
  profile: 'load',
  judging: DEFAULT_JUDGING,
};
const TARGET: Kpi = {
  id: 'k',
  metric: 'http_req_duration',
  filter: {},
  statistic: 'med',
  comparison: '<',
  target: 100,
  unit: 'ms',
  severity: 'high',
  source: 'target',
};

const random = seeded(8);
const SAMPLES: Sample[] = Array.from({ length: 600 * 4 }, (_, i) => ({
  metric: 'http_req_duration',
  value: 100 * Math.exp(0.3 * normal(random)),
  timeMs: 1_700_000_000_000 + i * 250,
}));

/** The time in seconds at which a run of 600 s would end. */
function endsAt(kpi: Kpi, context = CONTEXT): number | undefined {
  let soFar = metricsOf(SAMPLES.slice(0, 4));
  const live: RunMetrics = new Proxy(soFar, { get: (_, name) => Reflect.get(soFar, name) });
  const watch = new DecisionWatch([kpi], live, context);
  for (let seconds = 30; seconds <= 600; seconds += 30) {
    soFar = metricsOf(SAMPLES.slice(0, seconds * 4));
    if (watch.isDecided(seconds * 1000)) return seconds;
  }
  return undefined;
}

describe('a run that lasts until it is decided', () => {
  it('ends at the second look with the same verdict, the first at 120 s', () => {
    expect(endsAt({ ...TARGET, target: 150 })).to.equal(180);
    expect(endsAt({ ...TARGET, target: 60 })).to.equal(180);
  });

  it('ends at the second look if no sample matches, which more time would not change', () => {
    expect(endsAt({ ...TARGET, target: 150, metric: 'other' })).to.equal(180);
    expect(endsAt({ ...TARGET, target: 150, filter: { name: 'GET /nowhere' } })).to.equal(180);
  });

  it('continues while a target is too close to call, or if it is judged by value', () => {
    expect(endsAt({ ...TARGET, target: 100 })).to.equal(undefined);
    expect(endsAt({ ...TARGET, target: 150, source: 'threshold' })).to.equal(undefined);
  });

  it('includes thresholds if all verdicts must be certain', () => {
    const judging = { ...DEFAULT_JUDGING, thresholds: 'certain' } as const;
    expect(endsAt({ ...TARGET, target: 150, source: 'threshold' }, { ...CONTEXT, judging })).to.equal(180);
  });
});
