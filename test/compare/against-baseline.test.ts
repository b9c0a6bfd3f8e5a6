import { expect } from 'chai';
import { latencyFigures } from '../../runner/analysis/requests/primary.ts';
import { baselineResult } from '../../runner/compare/against-baseline.ts';
import { compareRuns } from '../../runner/compare/compare.ts';
import type { KeptRun } from '../../runner/compare/kept-run.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import { baselineSchema } from '../../runner/model/baseline.ts';
import type { RunMetrics } from '../../runner/model/metrics.ts';
import type { Result } from '../../runner/model/result.ts';
import { baselineRows, baselineTitle } from '../../runner/report/view/baseline.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const metrics = shopSamples({ seconds: 20, requestsPerSecond: 30 });
const sample = resultOf(metrics);
const latency = latencyFigures(metrics);

/** A run with the sample's times multiplied by `factor`. */
function result(run: string, build: string, factor: number, more: Partial<Result> = {}): Result {
  const times = (value: number | null) => (value === null ? null : value * factor);
  return {
    ...sample,
    run,
    build_version: build,
    latency: latency && { ...latency, med: times(latency.med), p95: times(latency.p95), p99: times(latency.p99) },
    endpoints: sample.endpoints.map((each) => ({
      ...each,
      med: times(each.med),
      p95: times(each.p95),
      p99: times(each.p99),
    })),
    ...more,
  };
}

/** `samples`: those of its archive; empty if only result.json is left. */
const kept = (of: Result, samples: RunMetrics): KeptRun => ({
  path: `/runs/${of.run}`,
  folder: of.run,
  result: of,
  metrics: samples,
  scriptHash: 'x',
});

/** `spread`: factors of the baseline's runs; `factor`: that of the compared run. */
function against(spread: readonly number[], factor: number, more: Partial<Result> = {}, samples: RunMetrics = metrics) {
  const a = spread.map((each, index) => result(`a${index}`, '1.0', each));
  const b = result('b', '1.1', factor, more);
  const base = kept(a.at(-1) ?? sample, samples);
  const history = { a, b: [b], inBlocks: true };
  const facts = { choice: 'latest', size: { percent: 5, ms: 5 }, fails: false, leftOut: [] };
  return baselineResult(compareRuns(base, kept(b, samples), history), history, base, facts);
}

const NO_ARCHIVE = new MetricsStore({ timeline: true });

const STEADY = [1, 1.01, 0.99, 1.02, 0.98, 1];

describe('a run against its baseline', () => {
  for (const [what, found, verdict] of [
    ['50 % slower', against(STEADY, 1.5), 'slower'],
    ['a third faster', against(STEADY, 0.66), 'faster'],
    ['within the spread of the runs', against([1, 1.2, 0.8, 1.3, 0.9, 1.1], 1.1), 'undecided'],
    ['of another machine', against(STEADY, 1.5, { machine: { ...sample.machine, cores: 64 } }), 'not_comparable'],
    ['without enough runs', against([1, 1.01], 1.5), 'undecided'],
  ] as const) {
    it(`is ${verdict} if it is ${what}`, () => {
      expect(found.verdict).to.equal(verdict);
      expect(baselineSchema.parse(JSON.parse(JSON.stringify(found)))).to.deep.equal(found);
    });
  }

  it('lists what changed, the largest change first, with the smallest detectable change', () => {
    const { worse, better, smallest_change, runs_needed } = against(STEADY, 1.5);
    expect(better).to.deep.equal([]);
    expect(worse.length).to.be.above(3);
    for (const { change } of worse) expect(change).to.be.closeTo(0.5, 0.02);
    expect(smallest_change).to.be.within(0.05, 0.25);
    expect(runs_needed).to.equal(0);
  });

  it('names p95 or p50 before p99, however far p99 moved', () => {
    const { endpoints } = result('b', '1.1', 1.5);
    const tail = endpoints.map((each) => ({ ...each, p99: (each.p99 ?? 0) * 4 }));
    const { worse } = against(STEADY, 1.5, { endpoints: tail });
    const at = (statistic: string) => worse.findIndex((each) => each.statistic === statistic);
    expect(worse[0]?.statistic).to.be.oneOf(['p50', 'p95']);
    expect(at('p99')).to.be.above(worse.findLastIndex(({ statistic }) => statistic === 'p95'));
  });

  it('puts the difference of the two runs first if there are too few runs to judge the builds', () => {
    const found = against([1, 1.01], 7.5, {}, NO_ARCHIVE);
    expect(found.verdict).to.equal('undecided');
    const p50 = found.figures.filter(({ statistic, unit }) => unit === 'ms' && statistic === 'p50');
    expect(p50.map(({ in_two_runs }) => in_two_runs)).to.deep.equal(p50.map(() => 'slower'));
    expect(baselineTitle(found)).to.match(
      /^Slower in these two runs: .+ times as high .+; undecided .+ 3 more runs needed$/,
    );
    const rows = baselineRows(found).filter(({ isChanged }) => isChanged);
    expect(rows.map(({ verdict, tone }) => [verdict, tone])).to.deep.equal(rows.map(() => ['undecided', 'warn']));
    expect(baselineTitle(against([1, 1.01], 1))).to.match(
      /^No clear difference in these two runs; .+ 3 more runs needed$/,
    );
  });

  it('gives the number of further runs needed, and what does not match', () => {
    expect(against([1, 1.01], 1.5).runs_needed).to.equal(3);
    const { mismatches } = against(STEADY, 1, { environment: 'staging' });
    expect(mismatches.map(({ topic }) => topic)).to.deep.equal(['Different environment']);
  });
});
