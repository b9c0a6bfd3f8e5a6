import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findBaselineRuns } from '../../runner/compare/baseline-runs.ts';
import { hashOfBundle, type KeptRun } from '../../runner/compare/kept-run.ts';
import type { Result } from '../../runner/model/result.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const metrics = shopSamples({ seconds: 20, requestsPerSecond: 30 });
const sample = resultOf(metrics);

describe('the baseline runs of a run', () => {
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'baseline-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  const keep = async (minute: number, build: string, more: Partial<Result> = {}): Promise<KeptRun> => {
    const run = `r${minute}`;
    const started_at = new Date(Date.parse(sample.started_at) + minute * 60_000).toISOString();
    const result = { ...sample, run, build_version: build, started_at, status: 'pass' as const, ...more };
    const path = join(out, run);
    await mkdir(path);
    await writeFile(join(path, 'result.json'), JSON.stringify(result));
    await writeFile(join(path, 'bundle.js'), 'script');
    return { path, folder: run, result, metrics, scriptHash: await hashOfBundle(path) };
  };
  const runsOf = (results: readonly Result[]) => results.map(({ run }) => run);

  it('are the accepted runs before it, of any build, if each build ran once', async () => {
    for (const minute of [1, 2, 3, 4, 5]) await keep(minute, `1.${minute}`);
    const found = await findBaselineRuns(await keep(9, '1.9'), { kind: 'latest' });
    expect(runsOf(found?.history.a ?? [])).to.deep.equal(['r5', 'r4', 'r3', 'r2', 'r1']);
    expect(runsOf(found?.history.b ?? [])).to.deep.equal(['r9']);
    expect(found?.path).to.equal(join(out, 'r5'));
  });

  it('leave out runs with another load or machine, partial runs and regressions, with the reason', async () => {
    await keep(1, '1.1');
    await keep(2, '1.2', { machine: { ...sample.machine, cores: 64 } });
    await keep(3, '1.3', { machine: { ...sample.machine, cores: 64 } });
    await keep(4, '1.4', { status: 'aborted' });
    await keep(5, '1.5', { partial: true });
    await keep(6, '1.6', {
      baseline: {
        ...{
          choice: 'latest',
          design: 'runs',
          run: 'r1',
          build_version: '1.1',
          verdict: 'slower',
          runs_a: 5,
          runs_b: 1,
        },
        ...{ runs_needed: 0, smallest_change: null, least_change: { percent: 5, ms: 5 }, fails: false },
        ...{ mismatches: [], left_out: [], figures: [], worse: [], better: [] },
      },
    });
    await keep(7, '1.7', { profile: 'soak' });
    const found = await findBaselineRuns(await keep(9, '1.9'), { kind: 'latest' });
    expect(runsOf(found?.history.a ?? [])).to.deep.equal(['r1']);
    expect(found?.leftOut[0]).to.deep.equal({ reason: 'Different machine', runs: 2 });
    expect(found?.leftOut.map(({ reason }) => reason)).to.have.members([
      'Different machine',
      'Different profile',
      'Slower than its own baseline',
      'Partial, or load generator saturated',
      'Aborted',
    ]);
  });

  it('with --baseline branch are those of that branch only', async () => {
    await keep(1, '1.1', { branch: 'main' });
    await keep(2, '1.2', { branch: 'feature' });
    await keep(3, '1.3', { branch: 'main' });
    const run = await keep(9, '1.9', { branch: 'feature' });
    const found = await findBaselineRuns(run, { kind: 'branch', branch: 'main' });
    expect(runsOf(found?.history.a ?? [])).to.deep.equal(['r3', 'r1']);
    expect(await findBaselineRuns(run, { kind: 'branch', branch: 'other' })).to.equal(undefined);
  });

  describe('with --baseline green', () => {
    const rows: ReadonlyArray<[what: string, statuses: ReadonlyArray<Result['status']>, found: readonly string[]]> = [
      ['are the latest that met all their targets', ['pass', 'fail', 'pass'], ['r3', 'r1']],
      [
        'skip runs that missed a target, are inconclusive or were not judged',
        ['pass', 'inconclusive', 'unjudged', 'fail'],
        ['r1'],
      ],
      ['skip runs that were aborted or ended in an error', ['pass', 'aborted', 'error'], ['r1']],
      ['do not exist if no run met its targets', ['fail', 'inconclusive', 'unjudged'], []],
    ];
    for (const [what, statuses, expected] of rows) {
      it(what, async () => {
        for (const [index, status] of statuses.entries()) await keep(index + 1, `1.${index}`, { status });
        const found = await findBaselineRuns(await keep(9, '1.9', { status: 'fail' }), { kind: 'green' });
        expect(runsOf(found?.history.a ?? [])).to.deep.equal(expected);
        expect(found?.path).to.equal(expected[0] === undefined ? undefined : join(out, expected[0]));
      });
    }

    it('are the green runs of the same build if that build is run again', async () => {
      await keep(1, '1.4', { status: 'pass' });
      await keep(2, '1.4', { status: 'fail' });
      const found = await findBaselineRuns(await keep(9, '1.4'), { kind: 'green' });
      expect(found?.path).to.equal(join(out, 'r1'));
      expect(runsOf(found?.history.a ?? [])).to.deep.equal(['r1']);
    });
  });

  it('are joined by further runs of its own build if the builds ran alternately', async () => {
    for (const [minute, build] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
      [4, 'b'],
      [5, 'a'],
    ] as const) {
      await keep(minute, build);
    }
    const found = await findBaselineRuns(await keep(6, 'b'), { kind: 'build', build: 'a' });
    expect(runsOf(found?.history.a ?? [])).to.deep.equal(['r5', 'r3', 'r1']);
    expect(runsOf(found?.history.b ?? [])).to.deep.equal(['r6', 'r4', 'r2']);
    expect(found?.history.inBlocks).to.equal(false);
  });

  it('are the earlier runs of the same build if there is no other', async () => {
    for (const minute of [1, 2, 3]) await keep(minute, 'a');
    const found = await findBaselineRuns(await keep(4, 'a'), { kind: 'latest' });
    expect(runsOf(found?.history.a ?? [])).to.deep.equal(['r3', 'r2', 'r1']);
    expect(runsOf(found?.history.b ?? [])).to.deep.equal(['r4']);
  });

  it('are those of the same build if the given run has another scenario', async () => {
    const named = await keep(1, 'a', { scenario: 'other' });
    await keep(2, 'a');
    await keep(3, 'c');
    const found = await findBaselineRuns(await keep(4, 'b'), { kind: 'run', run: named.path });
    expect(runsOf(found?.history.a ?? [])).to.deep.equal(['r2']);
  });

  it('have the newest run as path if none is comparable, so that the difference can be named', async () => {
    await keep(1, 'a', { environment: 'elsewhere' });
    const found = await findBaselineRuns(await keep(4, 'b'), { kind: 'latest' });
    expect(found?.path).to.equal(join(out, 'r1'));
    expect(found?.history.a).to.deep.equal([]);
  });
});
