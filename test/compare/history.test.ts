import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { latencyFigures } from '../../runner/analysis/requests/primary.ts';
import { compareRuns } from '../../runner/compare/compare.ts';
import { findHistory } from '../../runner/compare/history.ts';
import { hashOfBundle, type KeptRun } from '../../runner/compare/kept-run.ts';
import { overallMark } from '../../runner/compare/overall-mark.ts';
import type { Result } from '../../runner/model/result.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const metrics = shopSamples({ seconds: 20, requestsPerSecond: 30 });
const latency = latencyFigures(metrics);
const sample = resultOf(metrics);

/** A run at minute `minute` with the sample's latency multiplied by `factor`. */
function result(run: string, build: string, minute: number, factor: number, more: Partial<Result> = {}): Result {
  const times = (value: number | null) => (value === null ? null : value * factor);
  return {
    ...sample,
    run,
    build_version: build,
    started_at: new Date(Date.parse(sample.started_at) + minute * 60_000).toISOString(),
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

describe('further runs of two builds', () => {
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'history-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  const keep = async (kept: Result, bundle = 'script'): Promise<KeptRun> => {
    const path = join(out, kept.run);
    await mkdir(path);
    await writeFile(join(path, 'result.json'), JSON.stringify(kept));
    await writeFile(join(path, 'bundle.js'), bundle);
    return { path, folder: kept.run, result: kept, metrics, scriptHash: await hashOfBundle(path) };
  };
  /** Runs of a at even minutes and of b at odd ones; returns the last of each. */
  const inTurn = async (factors: readonly (readonly [number, number])[]) => {
    let pair: [KeptRun, KeptRun] | undefined;
    for (const [index, [ofA, ofB]] of factors.entries()) {
      pair = [
        await keep(result(`a${index}`, '1.0', index * 2, ofA)),
        await keep(result(`b${index}`, '1.1', index * 2 + 1, ofB)),
      ];
    }
    if (pair === undefined) throw new Error('no runs');
    return pair;
  };
  const P95 = { endpoint: null, statistic: 'p95' };
  const overRuns = async (a: KeptRun, b: KeptRun) => {
    const comparison = compareRuns(a, b, await findHistory(a, b));
    const metric = comparison.metrics.find(
      ({ endpoint, statistic, kind }) => kind === 'latency' && endpoint === P95.endpoint && statistic === P95.statistic,
    );
    return { over: metric?.over_runs ?? null, history: comparison.history, headline: overallMark(comparison).word };
  };

  it('show a slower build if the builds ran alternately', async () => {
    const [a, b] = await inTurn([
      [1, 1.2],
      [1.02, 1.19],
      [0.98, 1.22],
      [1.01, 1.21],
    ]);
    const { over, history, headline } = await overRuns(a, b);
    expect(headline).to.equal('Slower over several runs');
    expect(over).to.include({ runs_a: 4, runs_b: 4, verdict: 'worse' });
    expect(over?.change).to.be.within(0.18, 0.22);
    expect(history).to.include({ runs_a: 4, runs_b: 4, better: 0, unknown: 0, in_blocks: false });
    expect(history?.worse).to.be.above(history?.same ?? 0);
  });

  it('show that builds are about the same', async () => {
    const [a, b] = await inTurn([
      [1, 1],
      [1.01, 0.99],
      [0.99, 1.01],
      [1, 1.005],
    ]);
    const { over, headline } = await overRuns(a, b);
    expect(over).to.include({ verdict: 'same' });
    expect(headline).to.equal('About the same over several runs');
  });

  it('are marked as blocks if all runs of b came after those of a', async () => {
    for (const [index, factor] of [1, 1.02, 0.98, 1.01, 0.99, 1].entries())
      await keep(result(`a${index}`, '1.0', index, factor));
    const a = await keep(result('a', '1.0', 10, 1));
    await keep(result('b0', '1.1', 20, 1.2));
    const b = await keep(result('b', '1.1', 21, 1.2));
    const { over, history } = await overRuns(a, b);
    expect(over).to.include({ runs_a: 7, runs_b: 2, verdict: 'worse' });
    expect(history?.in_blocks).to.equal(true);
  });

  it('of one build are all compared with the latest run', async () => {
    for (const [index, factor] of [1, 1.02, 0.98, 1.01, 0.99].entries())
      await keep(result(`r${index}`, '1.0', index, factor));
    const [a, b] = [await keep(result('a', '1.0', 6, 1)), await keep(result('b', '1.0', 7, 1.01))];
    const { over } = await overRuns(a, b);
    expect(over).to.include({ runs_a: 6, runs_b: 1 });
    expect(over?.verdict).not.to.equal('worse');
  });

  it('leave out runs with other conditions, an early end, a saturated load generator or another build', async () => {
    const a = await keep(result('a', '1.0', 0, 1));
    const b = await keep(result('b', '1.1', 1, 1));
    for (const [name, more] of [
      ['aborted', { status: 'aborted' }],
      ['partial', { partial: true }],
      ['busy', { generator: { ...sample.generator, state: 'saturated' } }],
      ['elsewhere', { environment: 'staging' }],
      ['other_load', { options: { vus: 999 } }],
      ['other_machine', { machine: { ...sample.machine, cores: 64 } }],
      ['other_build', { build_version: '0.9' }],
    ] as const) {
      await keep(result(name, '1.0', 2, 5, more));
    }
    await keep(result('other_script', '1.0', 2, 5), 'another script');
    const { a: ofA, b: ofB } = await findHistory(a, b);
    expect([...ofA, ...ofB].map(({ run }) => run)).to.deep.equal(['a', 'b']);
    const [x, y] = [await keep(result('x', 'unknown', 3, 1)), await keep(result('y', 'unknown', 4, 1))];
    expect((await findHistory(x, y)).a.map(({ run }) => run)).to.deep.equal(['x']);
  });

  it('give no verdict if the two runs are not comparable, or if there are too few', async () => {
    const [a, b] = await inTurn([
      [1, 1.2],
      [1.02, 1.19],
    ]);
    expect((await overRuns(a, b)).over).to.equal(null);
    const other = { ...b, result: { ...b.result, environment: 'staging' } };
    expect((await overRuns(a, other)).history).to.equal(null);
  });
});
