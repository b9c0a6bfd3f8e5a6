// Observations of runs with a known fault, and which findings come first.

import { expect } from 'chai';
import { type SimulatedResult, simulateResult } from '../../../bench/verdicts/simulated-result.ts';
import { observationFindings } from '../../../runner/analysis/findings/findings-observations.ts';
import { observe } from '../../../runner/analysis/shape/observe.ts';
import type { Observation } from '../../../runner/model/observation.ts';
import { serverResult } from '../../../runner/monitor/server-figures.ts';
import { hasFacts } from '../../facts.ts';
import { type Watched, watchedRun } from '../../monitor/watched-run.ts';
import { LOAD_START_MS, METRICS, Samples } from '../../report/sample-run.ts';
import { noise } from '../series-noise.ts';

const first = (run: Partial<SimulatedResult>) => {
  const { findings } = simulateResult({ seconds: 90, rate: 40, seed: 3, profile: 'soak', ...run });
  return findings.slice(0, 2).map(({ kind, severity, title }) => ({ kind, severity, title }));
};

/** A run of one endpoint with the given latency and readings. */
function observed(seconds: number, latency: (second: number) => number, watched: readonly Watched[] = [], more = {}) {
  const samples = new Samples();
  const random = noise(4);
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 10; i++) {
      const ms = latency(second) * Math.exp(0.2 * random());
      const tags = { expected_response: 'true', name: 'GET /search', method: 'GET' };
      samples.add(METRICS.http_req_duration, tags, second * 1000 + i * 90, ms);
      samples.add(METRICS.http_req_waiting, tags, second * 1000 + i * 90, ms - 0.4);
      samples.add(METRICS.http_reqs, tags, second * 1000 + i * 90, 1);
    }
  }
  const metrics = samples.done();
  metrics.server = watchedRun(watched, { loadSeconds: seconds });
  const server = serverResult(metrics.server);
  const load = { phases: [], k6Scenarios: {}, loadStartMs: LOAD_START_MS, ...more };
  const { observed: seen } = observe({ metrics, server, ...load });
  return { seen, findings: findingsOf(seen, metrics) };
}

function findingsOf(seen: readonly Observation[], metrics = new Samples().done()) {
  return observationFindings({
    kpis: [],
    metrics,
    generator: undefined,
    exceptions: [],
    iterations: 1,
    faults: metrics.faults,
    observed: seen,
    profile: 'soak',
    loadStartMs: LOAD_START_MS,
  });
}

const memory = (at: (second: number) => number): Watched => {
  const random = noise(8, 0.5);
  return { metric: 'server.memory_bytes', unit: 'bytes', at: (second) => at(Math.max(0, second)) + 3e5 * random() };
};

describe('an observation of a run', () => {
  it('is a slowing endpoint or growing memory, from 90 s on', () => {
    for (const seconds of [90, 360]) {
      const { findings } = observed(seconds, (s) => 30 + s, [memory((s) => 47e6 + (211e6 * s) / 360)]);
      expect(findings.slice(0, 2).map(({ kind, severity }) => `${severity} ${kind}`)).to.deep.equal([
        'high response_time_rose',
        'high server_growth',
      ]);
      expect(findings[0]?.title).to.match(
        /^GET \/search: p50 rose from (29|3\d)(\.\d)? ms to (1[12]|3[89])\d ms over .*, steadily$/,
      );
      expect(findings[1]?.title).to.match(
        /^Resident memory rose from 4[78]\.\d MB to (9\d\.\d|10\d|25\d) MB over .*, steadily \(demo\)$/,
      );
    }
  });

  it('names the part of the request that changed', () => {
    const { findings } = observed(120, (s) => 30 + s);
    expect(findings[0]?.detail).to.match(/100 % of the increase is waiting for the first byte/);
  });

  it('is a step with its time, and the step back', () => {
    const { seen } = observed(200, (s) => (s >= 80 && s < 140 ? 90 : 30));
    const [median] = seen.filter(({ figure }) => figure === 'p50');
    expect(median?.shape).to.equal('stepped');
    expect(median?.at_ms).to.be.within(77_000, 83_000);
    expect(median?.until_ms).to.be.within(137_000, 143_000);
  });

  it('never begins outside of the measured time', () => {
    const { seen } = observed(150, (s) => 10 + Math.max(0, s - 60) ** 2 / 10);
    const [median] = seen.filter(({ figure }) => figure === 'p50');
    expect(median?.from).to.be.within(7, 40);
  });

  it('leaves out ramps', () => {
    const phases = [
      { name: 'up', kind: 'ramp-up', startMs: 0, endMs: 60_000 },
      { name: 'steady', kind: 'hold', startMs: 60_000, endMs: 240_000 },
      { name: 'down', kind: 'ramp-down', startMs: 240_000, endMs: 300_000 },
    ] as const;
    const latency = (s: number) => 30 + Math.min(60, s) - Math.max(0, s - 240);
    const load = (s: number) => 50e6 + 1e6 * Math.min(60, s);
    const { seen } = observed(300, latency, [memory(load)], { phases });
    expect(seen.map(({ subject }) => subject.name)).to.deep.equal([]);
  });

  it('is a leak for a heap with rising lows, not for one that fills or swings', () => {
    const kinds = (at: (second: number) => number) =>
      observed(600, () => 30, [memory(at)]).findings.map(({ kind, severity }) => `${severity} ${kind}`);
    expect(kinds((s) => 50e6 + 60e6 * Math.min(1, s / 150))).to.deep.equal(['low observed']);
    expect(kinds((s) => 50e6 + 30e6 * ((s % 25) / 25))).to.deep.equal(['low observed']);
    expect(kinds((s) => 50e6 + 60e6 * ((s % 25) / 25) + 4e4 * s)).to.deep.equal(['high server_growth']);
    expect(kinds((s) => (s < 300 ? 50e6 : 90e6))).to.deep.equal(['low server_growth']);
  });

  it('is at most low in clean runs, with any noise @slow', () => {
    for (const seed of [1, 2]) {
      for (const phi of [seed === 1 ? 0 : 0.9]) {
        const { findings } = simulateResult({
          seconds: 120,
          rate: 20,
          seed,
          profile: 'soak',
          noise: { sd: 0.1, phi },
        });
        const loud = findings.filter(({ severity }) => severity !== 'low');
        expect(
          loud.map(({ title }) => title),
          `seed ${seed}, correlation ${phi}`,
        ).to.deep.equal([]);
      }
    }
  });

  it('gives the time at which a target will be reached @slow', () => {
    const { findings } = simulateResult({
      seconds: 320,
      rate: 50,
      seed: 3,
      profile: 'soak',
      faults: ['latency-growth:GET /search=+50%/min'],
      thresholds: [['http_req_duration{name:GET /search}', 'p(95)<500']],
    });
    expect(findings[0]?.detail).to.match(/At this pace its p95 reaches the target of 500 ms in about \d/);
  });
});

describe('a change of all endpoints for a while', () => {
  const seen = (name: string, from: number, to: number, atMs: number, untilMs: number | null): Observation => ({
    subject: { kind: name === '' ? 'endpoints' : 'endpoint', name, source: '', panel: '' },
    carried_by: name === '' ? { name: 'GET /a', others_from: from, others_to: to } : null,
    figure: 'p50',
    unit: 'ms',
    shape: 'stepped',
    from,
    to,
    start_ms: 0,
    end_ms: 300_000,
    at_ms: atMs,
    until_ms: untilMs,
    period_ms: null,
    clarity: 7,
    overlap: 0,
    evenness: 1,
    per_hour: null,
  });

  it('does not hide an endpoint that stayed slower', () => {
    const passing = ['', 'GET /a', 'GET /b'].map((name) => seen(name, 40, 70, 250_000, 273_000));
    const lasting = seen('GET /search', 43, 71, 165_000, null);
    const findings = findingsOf([...passing, lasting]);
    expect(findings.map(({ severity }) => severity)).to.deep.equal(['high', 'low']);
    hasFacts(findings[0]?.title, 'GET /search', 'p50', '43.0 ms', '71.0 ms', '02:45');
    hasFacts(findings[1]?.title, 'all endpoints', 'p50', '40.0 ms', '70.0 ms', '04:10', '04:33');
    expect(findings[1]?.detail)
      .to.match(/GET \/a: p50/)
      .and.not.match(/GET \/search/);
  });
});

describe('the first finding', () => {
  const rows: ReadonlyArray<readonly [string, RegExp, Partial<SimulatedResult>?]> = [
    ['latency-growth:+10%/min', /^Response times rose on all endpoints/],
    ['latency-growth:GET /search=+60%/min', /^GET \/search: p50 rose/],
    ['memory-leak:1MB/s', /^Resident memory rose/],
    ['step:30s=+200ms', /^Response times stepped on all endpoints, p50 from 1\d\.\d ms to 21\d ms at 00:(29|30|31)$/],
    ['step:45s=GET /search=+100%', /^GET \/search: p50 stepped/],
  ];
  for (const [fault, title] of rows) {
    it(`of a run with ${fault} names it @slow`, () => {
      const [found] = first({ faults: [fault] });
      expect(found?.title).to.match(title);
      expect(found?.severity).to.equal('high');
    });
  }
});
