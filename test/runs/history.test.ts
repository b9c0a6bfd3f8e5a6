import { expect } from 'chai';
import type { ListedRun } from '../../runner/report/listed-run.ts';
import { scenarioHistories } from '../../runner/runs/history.ts';
import { seeded } from '../seeded.ts';

function run(index: number, build: string, p95: number, more: Partial<ListedRun> = {}): ListedRun {
  return {
    folder: `search_${index}`,
    scenario: 'search',
    component: 'Search',
    profile: 'load',
    environment: 'staging',
    build,
    branch: '',
    started_at: new Date(Date.UTC(2026, 10, 1) + index * 86_400_000).toISOString(),
    status: 'pass',
    p95_ms: p95,
    rate_per_s: 50,
    error_share: 0,
    capacity_per_s: null,
    targets_met: '1 of 1',
    kpis: [
      {
        key: 'checks',
        name: 'share of checks',
        filter: '',
        comparison: '>',
        target: 0.99,
        actual: 1,
        unit: 'share',
        verdict: 'pass',
      },
    ],
    ...more,
  };
}

/** 40 nights, a new build every fifth; 1.3 made it a quarter slower, 1.6 repaired that. */
function nights(): ListedRun[] {
  const random = seeded(5);
  return Array.from({ length: 40 }, (_, index) => {
    const build = `1.${Math.floor(index / 5)}`;
    const level = build >= '1.3' && build < '1.6' ? 125 : 100;
    return run(index, build, level * (0.97 + 0.06 * random()));
  });
}

describe('the history of a scenario', () => {
  it('marks both builds at which a figure changed, and no others', () => {
    const [history] = scenarioHistories(nights(), 'search');
    const [p95, checks] = history?.figures ?? [];
    expect(p95?.changes.map(({ build, before }) => [build, before])).to.deep.equal([
      ['1.3', '1.2'],
      ['1.6', '1.5'],
    ]);
    expect(p95?.changes[0]?.change).to.be.closeTo(0.25, 0.03);
    expect(checks?.changes).to.deep.equal([]);
  });

  it('has one line for p95 and a target with the same values, and two if a value differs', () => {
    const target = (actual: number) => ({
      ...{ key: 'p95 < 250', name: 'p95 of http_req_duration', filter: '', comparison: '<' as const, target: 250 },
      ...{ actual, unit: 'ms', verdict: 'pass' as const },
    });
    const named = (...actuals: number[]) =>
      scenarioHistories(
        actuals.map((actual, index) => run(index, '1', 100 + index, { kpis: [target(actual)] })),
        'search',
      )[0]?.figures.map(({ name }) => name);
    expect(named(100, 101)).to.deep.equal(['p95 of http_req_duration']);
    expect(named(100, 102)).to.deep.equal(['p95 of response times', 'p95 of http_req_duration']);
  });

  it('is separate for each profile and environment, the most recent first, each from its oldest run', () => {
    const histories = scenarioHistories(
      [run(9, '2', 5, { profile: 'soak' }), run(3, '1', 5), run(1, '1', 5), run(2, '1', 5, { scenario: 'browse' })],
      'search',
    );
    expect(histories.map(({ profile, runs }) => [profile, runs.length])).to.deep.equal([
      ['soak', 1],
      ['load', 2],
    ]);
    expect(histories[1]?.runs.map(({ folder }) => folder)).to.deep.equal(['search_1', 'search_3']);
  });

  it('leaves out runs that ended early or did not run, and figures that a run lacks', () => {
    const [history] = scenarioHistories(
      [run(1, '1', 5, { status: 'aborted' }), run(2, '1', 5, { status: 'error' }), run(3, '1', 6, { p95_ms: null })],
      'search',
    );
    expect(history?.runs.length).to.equal(1);
    expect(history?.figures[0]?.points[0]?.value).to.equal(undefined);
  });
});
