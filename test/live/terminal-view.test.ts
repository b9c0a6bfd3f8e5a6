// The live view of the terminal: its figures against a list of all samples, and its lines in windows of any size.

import { expect } from 'chai';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { LiveFigures, type LiveRow, type LiveState } from '../../runner/live/figures.ts';
import { liveLine } from '../../runner/live/plain-line.ts';
import type { Tick } from '../../runner/live/run-event.ts';
import { sparkline } from '../../runner/live/sparkline.ts';
import { liveArea } from '../../runner/live/terminal-view.ts';
import { Windower } from '../../runner/metrics/samples/windower.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Kpi } from '../../runner/model/kpi.ts';
import type { Tags } from '../../runner/model/metrics.ts';
import type { ScenarioPlan } from '../../runner/model/plan.ts';
import { anyCharacter } from '../any-character.ts';
import { propertyRuns } from '../property-runs.ts';
import { METRICS } from '../report/sample-run.ts';

const START_MS = Date.parse('2026-11-26T10:00:00.000Z');

const PLAN: ScenarioPlan = {
  name: 'browse',
  component: 'Catalog',
  description: '',
  scriptPath: '/project/scenarios/browse.ts',
  typed: true,
  profile: 'load',
  k6Scenarios: {},
  thresholds: [],
  phases: [
    { name: 'ramp-up', kind: 'ramp-up', startMs: 0, endMs: 10_000 },
    { name: 'hold', kind: 'hold', startMs: 10_000, endMs: 60_000 },
  ],
  totalDurationMs: 90_000,
  maxVUs: 20,
  peakRate: undefined,
  options: {},
  hasHandleSummary: false,
};

const KPI: Kpi = {
  id: 'http_req_duration p(95)<250',
  metric: 'http_req_duration',
  filter: {},
  statistic: 'p(95)',
  comparison: '<',
  target: 250,
  unit: 'ms',
  severity: 'high',
  source: 'threshold',
};

/** A run: `second()` adds one second of requests and returns the state after it. */
class Run {
  readonly store = new MetricsStore({ timeline: false });
  readonly figures = new LiveFigures(PLAN);
  readonly #windower = new Windower(this.store.sink);
  #second = 0;

  second(requests: ReadonlyArray<{ name: string; ms: number; isGood?: boolean }>, most = 10, more: Partial<Tick> = {}) {
    const timeMs = START_MS + this.#second++ * 1000;
    const add = (metric: (typeof METRICS)[keyof typeof METRICS], tags: Tags, value: number) => {
      const series = this.#windower.seriesOf(this.#windower.declare(metric), this.#windower.tagSetOf(tags));
      this.#windower.add(series, timeMs, 0, value);
    };
    add(METRICS.vus, {}, 7);
    for (const { name, ms, isGood = true } of requests) {
      const tags = { name, method: 'GET', expected_response: String(isGood) };
      add(METRICS.http_reqs, tags, 1);
      add(METRICS.http_req_duration, tags, ms);
    }
    this.#windower.flush();
    const tick = {
      elapsedMs: this.#second * 1000,
      loadedMs: this.#second * 1000,
      metrics: this.store,
      standings: [],
      exceptions: 0,
      ...more,
    };
    return this.figures.at(tick, most);
  }
}

const plain = (_: string, text: string) => text;

function row(name: string, more: Partial<LiveRow> = {}): LiveRow {
  return { name, ratePerS: 41.5, p50Ms: 12.4, p95Ms: 180, failedShare: 0.031, p95History: [1, 2, 3], ...more };
}

function state(more: Partial<LiveState> = {}): LiveState {
  return {
    progress: { elapsedMs: 84_000, loadedMs: 83_000, plannedMs: 300_000 },
    phase: 'hold',
    vus: 20,
    iterations: 4120,
    droppedIterations: 3,
    exceptions: 2,
    noun: 'requests',
    all: row(''),
    endpoints: [row('GET /products'), row('GET /search')],
    endpointCount: 9,
    standings: [
      { kpi: KPI, state: 'crossed', actual: 312 },
      { kpi: { ...KPI, id: 'http_req_failed rate<0.01' }, state: 'met', actual: 0.001 },
      { kpi: { ...KPI, id: 'Orders', source: 'target', filter: { name: 'x' } }, state: 'no_data', actual: undefined },
    ],
    generator: { cpuCores: 0.42, coresAllowed: 2 },
    ...more,
  };
}

describe('the figures during a run', () => {
  it('cover the last 5 s, per endpoint, without the times of failed requests', () => {
    const run = new Run();
    let seen: LiveState | undefined;
    for (let second = 0; second < 20; second++) {
      const ms = second < 10 ? 1000 : 100 + second;
      seen = run.second([
        { name: '/a', ms },
        { name: '/a', ms: ms + 50 },
        { name: '/b', ms: 10 },
        { name: '/b', ms: 1, isGood: false },
      ]);
    }
    expect(seen?.all.ratePerS).to.equal(4);
    expect(seen?.all.failedShare).to.equal(0.25);
    const [a, b] = seen?.endpoints ?? [];
    expect(a?.name).to.equal('GET /a');
    expect(a).to.include({ ratePerS: 2, failedShare: 0 });
    // The last 5 s: 115 to 119 and 165 to 169.
    expect(a?.p50Ms).to.be.closeTo((119 + 165) / 2, 0.2);
    expect(a?.p95Ms).to.be.closeTo(168.55, 0.2);
    expect(b).to.include({ name: 'GET /b', p50Ms: 10, p95Ms: 10, failedShare: 0.5 });
    expect(seen).to.deep.include({ vus: 7, phase: 'hold', endpointCount: 2, noun: 'requests' });
  });

  it('are "no data" before the first sample, and no rate is invented while the server does not answer', () => {
    const run = new Run();
    const before = run.second([]);
    expect(before.all).to.include({ ratePerS: undefined, p95Ms: undefined, failedShare: undefined });
    expect(liveLine(before)).to.include('iterations no data').and.to.include('p95 no data');
    run.second([{ name: '/a', ms: 5 }]);
    let seen = run.second([{ name: '/a', ms: 5 }]);
    expect(seen.all.ratePerS).to.be.above(0);
    for (let second = 0; second < 6; second++) seen = run.second([]);
    expect(seen.all).to.include({ ratePerS: 0, p95Ms: undefined });
    expect(seen.all.p95History.at(-1)).to.equal(undefined);
  });

  it('are kept for a minute if they are shown, and dropped otherwise', () => {
    const run = new Run();
    const heldAfter: number[] = [];
    for (let second = 0; second < 200; second++) {
      // The busiest name changes every second.
      const requests = Array.from({ length: 10 + second }, (_, i) => ({ name: `/${second}`, ms: 10 + (i % 40) }));
      const { all, endpoints } = run.second(requests, 3);
      expect(all.p95History.length).to.be.at.most(60);
      expect(endpoints.length).to.be.at.most(3);
      heldAfter.push(run.store.bytesHeld);
    }
    // Totals grow with the number of names; keeping the history of every name would take far more.
    const perName = ((heldAfter[199] ?? 0) - (heldAfter[99] ?? 0)) / 100;
    expect(perName).to.be.below(1500);
  });
});

describe('a sparkline', () => {
  const rows: ReadonlyArray<readonly [string, ReadonlyArray<number | undefined>, number, string]> = [
    ['has the newest at the right', [1, 2, 4, 8], 60, `${' '.repeat(56)}▁▂▄█`],
    ['has a space where nothing was measured', [8, undefined, 8], 60, `${' '.repeat(57)}█ █`],
    ['shows the highest of several seconds', [...new Array(57).fill(1), 8, 1, 1], 20, `${'▁'.repeat(19)}█`],
    ['is empty without a value', [undefined, undefined], 10, ' '.repeat(10)],
  ];
  for (const [title, history, width, expected] of rows) {
    it(title, () => expect(sparkline(history, width)).to.equal(expected));
  }
});

describe('the live area', () => {
  it('shows progress, all requests, endpoints, KPIs, exceptions and the load generator', () => {
    const text = liveArea(state(), { columns: 100, rows: 40, style: plain });
    expect(text)
      .to.match(/█+░+ 01:23 \/ 05:00 {2}hold {2}20 VUs/)
      .and.to.match(/last 5 s +per s +p50 +p95 +errors +p95, last minute/)
      .and.to.match(/all requests +41\.5\/s +12\.4 ms +180 ms +3\.1 % +▃█$/m)
      .and.to.match(/GET \/products +41\.5\/s/)
      .and.to.include('… and 7 more')
      .and.to.include('targets: ✗ 1 not met now · ○ 1 no data · ✓ 1 met so far')
      .and.to.match(/✗ http_req_duration p\(95\)<250 +312 ms, not met now/)
      .and.to.match(/○ Orders +< 250 ms: no data/)
      .and.to.include('✗ 2 exceptions in the script')
      .and.to.include('k6 uses 0.42 of 2 cores')
      .and.to.include('4,120 iterations, 3 dropped');
  });

  it('keeps what matters most in a small window', () => {
    const at = (rows: number) => liveArea(state(), { columns: 60, rows, style: plain }).split('\n');
    expect(at(2)).to.have.length(1);
    expect(at(2)[0]).to.include('01:23');
    expect(at(5).join('\n')).to.include('all requests').and.to.include('✗ 1 not met').and.to.include('312 ms');
  });

  it('never wraps: every line fits, in any window and with any names', () => {
    const name = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 200 }),
      fc.constantFrom(
        '\u001b[2J\u001b]0;owned\u0007\u001b[31mred',
        'a\nb\r\nc\u2028d',
        '\u202egnp.exe\u202c',
        '漢字テスト商品一覧を取得する長い名前',
        '👩‍👩‍👧‍👦'.repeat(40),
        `z${'\u0301'.repeat(5000)}`,
        'x'.repeat(10_000),
      ),
    );
    const figure = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
    const anyRow = fc.record({
      name,
      ratePerS: figure,
      p50Ms: figure,
      p95Ms: figure,
      failedShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      p95History: fc.array(figure, { maxLength: 60 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 250 }),
        fc.integer({ min: 2, max: 60 }),
        fc.array(anyRow, { maxLength: 12 }),
        name,
        name,
        (columns, rows, endpoints, kpiName, phase) => {
          const text = liveArea(
            state({
              endpoints,
              endpointCount: endpoints.length,
              phase,
              standings: [{ kpi: { ...KPI, id: kpiName }, state: 'crossed', actual: 1e9 / 3 }],
            }),
            { columns, rows, style: plain },
          );
          const lines = text.split('\n');
          expect(lines.length).to.be.at.most(rows - 1);
          for (const line of lines) {
            expect(stringWidth(line), line).to.be.at.most(columns);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
            expect(line).not.to.match(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
          }
        },
      ),
      { numRuns: propertyRuns(150) },
    );
  });
});
