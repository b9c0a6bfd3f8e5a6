// The windows of a soak with the given endpoints, rate and duration, one second at a time, as k6 would aggregate them.
//
// Per endpoint the 14 metrics that k6 2.2.0 gives for a request with a check (seven trends of times, two of them mostly
// zero, as connections are kept open), with lognormal times of the spread that a service on a local network shows.

import { Histogram } from '../../runner/metrics/buckets/histogram.ts';
import type { StreamSink } from '../../runner/metrics/sinks/sink.ts';
import type { Metric, Series, SeriesWindow } from '../../runner/model/metrics.ts';
import { seeded } from '../seeded.ts';
import { metricOf, normal } from './seeded-stream.ts';

export interface Soak {
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly endpoints: number;
  readonly startMs: number;
  readonly seed: number;
}

/** Median in milliseconds, spread of its logarithm, and the share of values that are 0. */
const TIMES: ReadonlyArray<readonly [name: string, median: number, spread: number, zeros: number]> = [
  ['http_req_duration', 40, 0.45, 0],
  ['http_req_waiting', 39, 0.45, 0],
  ['http_req_blocked', 0.004, 0.6, 0],
  ['http_req_connecting', 0.2, 0.4, 0.999],
  ['http_req_tls_handshaking', 2, 0.4, 0.999],
  ['http_req_sending', 0.02, 0.6, 0],
  ['http_req_receiving', 0.08, 0.8, 0],
  ['iteration_duration', 1050, 0.02, 0],
];
const COUNTS: ReadonlyArray<
  readonly [name: string, type: 'counter' | 'rate' | 'gauge', contains: Metric['contains'], value: number]
> = [
  ['http_reqs', 'counter', 'default', 1],
  ['http_req_failed', 'rate', 'default', 0],
  ['checks', 'rate', 'default', 1],
  ['data_sent', 'counter', 'data', 312],
  ['data_received', 'counter', 'data', 4096],
  ['iterations', 'counter', 'default', 1],
];
const VUS = ['vus', 'vus_max'] as const;

/** Windows drawn beforehand per series; each second uses one of them at random. */
const DRAWN = 200;

/** Calls `eachSecond` after the windows and health line of every second, and waits for it. */
export async function pourSoak(
  soak: Soak,
  sink: StreamSink,
  eachSecond: (second: number) => Promise<void> | void,
): Promise<void> {
  const random = seeded(soak.seed);
  const perWindow = Math.max(1, Math.round(soak.requestsPerSecond / soak.endpoints));
  const series: Array<{ series: Series; drawn: SeriesWindow[] }> = [];
  const declare = (metric: Metric, tags: Record<string, string>, draw: (series: Series) => SeriesWindow) => {
    const declared: Series = { id: series.length, metric, tags };
    sink.series(declared);
    series.push({ series: declared, drawn: Array.from({ length: DRAWN }, () => draw(declared)) });
  };
  const times = TIMES.map(([name, ...shape]) => ({ metric: metricOf(name, 'trend', 'time'), shape }));
  const counts = COUNTS.map(([name, type, contains, value]) => ({ metric: metricOf(name, type, contains), value }));
  const vus = VUS.map((name) => metricOf(name, 'gauge'));
  for (const metric of [...times.map(({ metric }) => metric), ...counts.map(({ metric }) => metric), ...vus])
    sink.metric(metric);
  for (let endpoint = 0; endpoint < soak.endpoints; endpoint++) {
    const tags = {
      method: endpoint % 3 === 0 ? 'POST' : 'GET',
      name: `/api/resource/${endpoint}`,
      url: `/api/resource/${endpoint}`,
      status: '200',
      proto: 'HTTP/1.1',
      scenario: 'default',
      expected_response: 'true',
      group: '',
    };
    const scale = 0.5 + random() * 3;
    for (const { metric, shape } of times) {
      declare(metric, tags, (of) => drawTimes(of, perWindow, shape, scale, random));
    }
    for (const { metric, value } of counts) {
      declare(metric, tags, (of) => drawCounts(of, perWindow, value, random));
    }
  }
  for (const metric of vus)
    declare(metric, {}, (of) => ({ ...EMPTY, series: of, count: 1, sum: 50, min: 50, max: 50, last: 50 }));
  for (let second = 0; second < soak.seconds; second++) {
    const startMs = soak.startMs + second * 1000;
    for (const { drawn } of series) {
      const window = drawn[Math.floor(random() * DRAWN)];
      if (window !== undefined) sink.window({ ...window, startMs });
    }
    sink.health({ startMs, lengthMs: 1000, cpuCores: 0.4 + random() / 10, residentBytes: 2e8, schedP99Ms: random() });
    await eachSecond(second);
  }
}

const EMPTY = { startMs: 0, lengthMs: 1000, count: 0, sum: 0, min: 0, max: 0, last: 0 };

function drawTimes(
  series: Series,
  count: number,
  [median, spread, zeros]: readonly [number, number, number],
  scale: number,
  random: () => number,
): SeriesWindow {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) {
    const value = random() < zeros ? 0 : Math.exp(Math.log(median * scale) + normal(random) * spread);
    // k6 measures in nanoseconds and writes milliseconds.
    histogram.add(Math.round(value * 1e6) / 1e6);
  }
  const { sum, min = 0, max = 0 } = histogram;
  return { ...EMPTY, series, count, sum, min, max, bins: histogram.toBins() };
}

function drawCounts(series: Series, count: number, value: number, random: () => number): SeriesWindow {
  const isRate = series.metric.type === 'rate';
  const sum = isRate ? count * value + (random() < 0.05 ? (value === 0 ? 1 : -1) : 0) : count * value;
  return { ...EMPTY, series, count, sum, min: value, max: value, last: value };
}
