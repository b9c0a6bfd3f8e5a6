import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pooledInterval } from '../../runner/analysis/statistics/pooled.ts';
import { type JudgeContext, judge } from '../../runner/analysis/verdict/judge.ts';
import { hashOf } from '../../runner/compare/kept-run.ts';
import type { Kpi } from '../../runner/model/kpi.ts';
import type { Result } from '../../runner/model/result.ts';
import { DEFAULT_JUDGING } from '../../runner/model/run.ts';
import { earlierRuns } from '../../runner/run/plan/earlier-runs.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const metrics = shopSamples({ seconds: 130, requestsPerSecond: 30 });
const target: Kpi = {
  ...{ id: 't', metric: 'http_req_duration', filter: {}, statistic: 'p(95)', comparison: '<', target: 10_000 },
  ...{ unit: 'ms', severity: 'high', source: 'target' },
};
const context: JudgeContext = {
  ...{ phases: [], loadStartMs: metrics.firstSampleMs, elapsedMs: undefined, generator: undefined },
  ...{ profile: 'load', judging: DEFAULT_JUDGING },
};
const sample: Result = { ...resultOf(metrics), profile: 'load', build_version: '1.0', status: 'pass' };
const [alone] = judge([target], metrics, context);

describe('earlier runs of a build', () => {
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'earlier-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  const kpiOf = (value: number): Result['kpis'][number] => ({
    ...{
      id: 't',
      metric: 'http_req_duration',
      filter: {},
      statistic: 'p(95)',
      comparison: '<',
      target: 400,
      unit: 'ms',
    },
    ...{
      actual: value,
      ci_low: value * 0.97,
      ci_high: value * 1.03,
      confidence: 'firm',
      samples: 3900,
      verdict: 'pass',
    },
    ...{ severity: 'high', source: 'target', expression: 'x', margin_percent: 1, note: null },
  });
  const keep = async (minute: number, more: Partial<Result> = {}, script = 'script') => {
    const started_at = new Date(Date.parse(sample.started_at) + minute * 60_000).toISOString();
    const path = join(out, `r${minute}`);
    await mkdir(path);
    await writeFile(
      join(path, 'result.json'),
      JSON.stringify({ ...sample, kpis: [kpiOf(100 + minute)], started_at, ...more }),
    );
    await writeFile(join(path, 'bundle.js'), script);
  };
  const setup = { result: sample, scriptHash: hashOf('script') };

  it('are complete runs of the same build, script, load, SUT and machine, newest first', async () => {
    await keep(1);
    await keep(2);
    await keep(3, { build_version: '1.1' });
    await keep(4, { profile: 'soak' });
    await keep(5, { status: 'aborted', partial: true });
    await keep(6, { target_url: 'http://elsewhere.test' });
    await keep(7, { machine: { ...sample.machine, cores: 64 } });
    await keep(8, { options: { ...sample.options, vus: 99 } });
    await keep(9, {}, 'another script');
    await keep(10, { slice: { run: 'r1', from_ms: 0, to_ms: 1000, tags: {} } });
    const found = await earlierRuns(setup, '1.0', out);
    expect(found.map(({ run }) => run)).to.deep.equal(['r2', 'r1']);
    expect(found[0]?.figures.map(({ value }) => value)).to.deep.equal([102]);
  });

  for (const [what, given] of [
    ['a smoke run', { ...setup, result: { ...sample, profile: 'smoke' as const } }],
    ['an unknown script', { ...setup, scriptHash: undefined }],
  ] as const) {
    it(`do not exist for ${what}`, async () => {
      await keep(1, { profile: given.result.profile });
      expect(await earlierRuns(given, '1.0', out)).to.deep.equal([]);
    });
  }

  it('do not exist if the build is unknown', async () => {
    await keep(1, { build_version: 'unknown' });
    expect(await earlierRuns(setup, 'unknown', out)).to.deep.equal([]);
  });

  it('are judged together with the run, which keeps its own figures', async () => {
    const { actual = 0, ciLow, ciHigh } = alone ?? {};
    const factors = [0.8, 1.25, 1.1];
    for (const [i, factor] of factors.entries()) await keep(i + 1, { kpis: [kpiOf(actual * factor)] });
    const [judged] = judge([target], metrics, { ...context, earlier: await earlierRuns(setup, '1.0', out) });
    const values = factors.map((factor) => actual * factor);
    const expected = pooledInterval(
      actual,
      { low: ciLow, high: ciHigh, grade: 'decided' },
      values.map((value) => ({ value, low: value * 0.97, high: value * 1.03 })),
      false,
    );
    expect(judged?.pooled).to.include({ runs: 4, agrees: true, ownLow: ciLow, ownHigh: ciHigh });
    expect(judged?.ciLow).to.be.closeTo(expected?.interval.low ?? 0, 1e-9);
    expect(judged?.ciHigh).to.be.closeTo(expected?.interval.high ?? 0, 1e-9);
    expect(judged?.actual).to.equal(actual);
  });

  it('are read by their own figures, not by the pooled ones', async () => {
    const pooled = { runs: 2, mean: 1, agrees: true, own_ci_low: 99, own_ci_high: 104, decides_after_runs: null };
    await keep(1, { kpis: [{ ...kpiOf(101), pooled }] });
    const [found] = await earlierRuns(setup, '1.0', out);
    expect(found?.figures[0]).to.include({ low: 99, high: 104 });
  });
});
