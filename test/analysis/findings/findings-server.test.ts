// Findings about the system under test: exhausted resources, what correlates with response times, leaks, gaps.

import { expect } from 'chai';
import { serverFindings } from '../../../runner/analysis/findings/findings-server.ts';
import { correlate } from '../../../runner/analysis/shape/correlation.ts';
import type { ServerNote } from '../../../runner/monitor/notes.ts';
import { serverResult } from '../../../runner/monitor/server-figures.ts';
import { hasFacts } from '../../facts.ts';
import { type Watched, watchedRun } from '../../monitor/watched-run.ts';
import { LOAD_START_MS, METRICS, Samples } from '../../report/sample-run.ts';
import { seeded } from '../../seeded.ts';

/** Findings of a run of `seconds` with the given latency and readings. */
function found(
  seconds: number,
  latency: (second: number) => number,
  watched: readonly Watched[],
  notes: readonly ServerNote[] = [],
) {
  const samples = new Samples();
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 10; i++) {
      samples.add(
        METRICS.http_req_duration,
        { expected_response: 'true', name: 'x' },
        second * 1000 + i * 90,
        latency(second),
      );
    }
  }
  const metrics = samples.done();
  metrics.server = watchedRun(watched, { loadSeconds: seconds, notes });
  return serverFindings({ metrics, server: serverResult(metrics.server), loadStartMs: LOAD_START_MS });
}

/** A series with neighbours that correlate by phi. */
function walk(seed: number, phi: number): (second: number) => number {
  const random = seeded(seed);
  const values: number[] = [];
  return (second) => {
    while (values.length <= second) values.push(phi * (values.at(-1) ?? 0) + random() - 0.5);
    return values[second] ?? 0;
  };
}

const kinds = (findings: ReturnType<typeof found>) => findings.map(({ kind }) => kind);

describe('findings about the system under test', () => {
  it('name the exhausted pool, its time, and the rise of p95', () => {
    const pool: Watched[] = [
      { metric: 'server.db_connections_in_use', at: (second) => (second >= 70 && second < 110 ? 20 : 5) },
      { metric: 'server.db_connections_waiting', at: (second) => (second >= 70 && second < 110 ? 37 : 0) },
      { metric: 'server.db_connections_max', at: () => 20 },
    ];
    const findings = found(120, (second) => (second >= 70 && second < 110 ? 300 : 50), pool);
    const [first] = findings.filter(({ kind }) => kind === 'server_exhausted');
    expect(first?.severity).to.equal('high');
    hasFacts(first?.title, '20 database connections', '01:10', 'p95', '50.0 ms', '300 ms');
    hasFacts(first?.detail, '40.0 s', '37');
  });

  it('do not call a pool exhausted that was not', () => {
    const pool: Watched[] = [
      { metric: 'server.db_connections_in_use', at: () => 19 },
      { metric: 'server.db_connections_max', at: () => 20 },
    ];
    expect(kinds(found(60, () => 50, pool))).to.deep.equal([]);
  });

  it('say what precedes p95 and by how long, and that this is not a proven cause', () => {
    const level = walk(5, 0.7);
    const cpu: Watched = {
      metric: 'server.cpu_percent',
      unit: '%',
      at: (second) => (second < 0 ? 1 : 40 + 40 * level(second)),
    };
    const findings = found(400, (second) => 100 + 60 * level(Math.max(0, second - 4)), [cpu]);
    const [tie] = findings.filter(({ kind }) => kind === 'server_moves_with');
    expect(tie?.title).to.match(
      /^CPU, process \(100 % = one core\) \(demo\) leads p95 by 4\.00 s, r = (1\.00|0\.9\d)$/,
    );
    expect(tie?.detail).to.include('rank correlation');
  });

  it('do not exist for two smooth series that drift independently @slow', () => {
    let reported = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const [a, b] = [walk(seed, 0.97), walk(seed + 1000, 0.97)];
      const watched: Watched[] = [
        { metric: 'server.cpu_percent', unit: '%', at: (second) => (second < 0 ? 50 : 50 + 10 * a(second)) },
        { metric: 'server.threads', at: (second) => (second < 0 ? 50 : 50 + 10 * walk(seed + 2000, 0.97)(second)) },
      ];
      if (kinds(found(300, (second) => 100 * Math.exp(0.5 * b(second)), watched)).includes('server_moves_with'))
        reported++;
    }
    expect(reported).to.be.at.most(1);
  });

  it('do not exist in a run of a few seconds, or for constant response times', () => {
    const level = walk(5, 0.3);
    const cpu: Watched = {
      metric: 'server.cpu_percent',
      unit: '%',
      at: (second) => (second < 0 ? 1 : 40 + 40 * level(second)),
    };
    expect(kinds(found(15, (second) => 100 + 60 * level(second), [cpu]))).not.to.include('server_moves_with');
    expect(kinds(found(300, (second) => 100 + 0.01 * level(second), [cpu]))).not.to.include('server_moves_with');
  });

  it('name what had not recovered after the load', () => {
    const threads: Watched = { metric: 'server.threads', at: (second) => (second < 0 ? 10 : 200) };
    const [left] = found(60, () => 50, [threads]).filter(({ kind }) => kind === 'server_not_recovered');
    hasFacts(left?.title, '1 figure', '5.00 s');
    hasFacts(left?.detail, '10', '200');
  });

  it('name a source without data, with the time and the reason', () => {
    const gap = {
      about: 'gap',
      source: 'demo',
      fromMs: LOAD_START_MS + 10_000,
      toMs: LOAD_START_MS + 14_000,
      reason: 'ECONNREFUSED',
    } as const;
    const [gapFinding] = found(60, () => 50, [{ metric: 'server.threads', at: () => 10 }], [gap]);
    hasFacts(gapFinding?.title, 'demo', '00:10', '00:14', 'ECONNREFUSED');
  });
});

describe('the correlation of two series', () => {
  it('accounts for correlated neighbours', () => {
    const independent = correlate(
      Array.from({ length: 400 }, (_, i) => walk(1, 0)(i)),
      Array.from({ length: 400 }, (_, i) => walk(2, 0)(i)),
      0,
      1,
    );
    const smooth = correlate(
      Array.from({ length: 400 }, (_, i) => walk(1, 0.95)(i)),
      Array.from({ length: 400 }, (_, i) => walk(2, 0.95)(i)),
      0,
      1,
    );
    expect(independent?.effective).to.be.above(200);
    expect(smooth?.effective).to.be.below(60);
  });

  it('does not exist for a constant, for gaps, or for too few values', () => {
    expect(
      correlate(
        new Array(100).fill(1),
        Array.from({ length: 100 }, (_, i) => i),
        5,
        1,
      ),
    ).to.equal(undefined);
    expect(
      correlate(
        new Array(100).fill(undefined),
        Array.from({ length: 100 }, (_, i) => i),
        5,
        1,
      ),
    ).to.equal(undefined);
    expect(correlate([1, 2, 3], [1, 2, 3], 5, 1)).to.equal(undefined);
  });
});
