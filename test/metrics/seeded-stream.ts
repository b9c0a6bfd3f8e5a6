// From a seed: samples of a small shop under load, as k6 would give them, and their windows.

import { Windower } from '../../runner/metrics/samples/windower.ts';
import type { StreamSink } from '../../runner/metrics/sinks/sink.ts';
import type { Metric, MetricType, Series, Tags } from '../../runner/model/metrics.ts';
import { seeded } from '../seeded.ts';

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface Sample {
  readonly metric: Metric;
  readonly tags: Tags;
  readonly timeMs: number;
  readonly value: number;
}

export const metricOf = (name: string, type: MetricType, contains: Metric['contains'] = 'default'): Metric => ({
  name,
  type,
  contains,
});

const DURATION = metricOf('http_req_duration', 'trend', 'time');
const BLOCKED = metricOf('http_req_blocked', 'trend', 'time');
const REQUESTS = metricOf('http_reqs', 'counter');
const FAILED = metricOf('http_req_failed', 'rate');
const VUS = metricOf('vus', 'gauge');

export const START_MS = Date.UTC(2026, 10, 23, 12, 0, 7);

/**
 * `seconds` of load at about `rate` requests a second over four endpoints, ordered by time except a few late ones. Values are
 * multiples of 1/1024, so that sums are exact in whatever order they are added.
 */
export function samplesOf(seed: number, seconds: number, rate: number): Sample[] {
  const random = seeded(seed);
  const samples: Sample[] = [];
  const exact = (value: number) => Math.round(value * 1024) / 1024;
  for (let second = 0; second < seconds; second++) {
    // A pause in the middle: intervals without samples.
    if (second > seconds * 0.4 && second < seconds * 0.45) continue;
    for (let i = 0; i < rate; i++) {
      const late = random() < 0.01 ? -2500 : 0;
      const timeMs = START_MS + second * 1000 + Math.floor((i * 1000) / rate) + late;
      const name = `GET /endpoint/${Math.floor(random() * 4)}`;
      const failed = random() < 0.05 && second > seconds / 2;
      const tags: Tags = { name, method: 'GET', status: failed ? '500' : '200', group: random() < 0.5 ? '::a' : '' };
      const duration = exact(Math.exp(normal(random) * 0.5 + 4));
      samples.push({ metric: DURATION, tags, timeMs, value: duration });
      samples.push({ metric: BLOCKED, tags, timeMs, value: random() < 0.9 ? 0 : exact(random() * 20) });
      samples.push({ metric: REQUESTS, tags, timeMs, value: 1 });
      samples.push({ metric: FAILED, tags, timeMs, value: failed ? 1 : 0 });
    }
    samples.push({ metric: VUS, tags: {}, timeMs: START_MS + second * 1000 + 999, value: 10 + (second % 7) });
  }
  return samples;
}

/** Sends the samples through novaperf's windower. */
export function pourSamples(samples: readonly Sample[], sink: StreamSink, windowMs = 1000): void {
  const windower = new Windower(sink, { windowMs });
  for (const { metric, tags, timeMs, value } of samples) {
    const series = windower.seriesOf(windower.declare(metric), windower.tagSetOf(tags));
    windower.add(series, timeMs, 0, value);
  }
  windower.flush();
}

/** A new series object, as windows refer to it. */
export function seriesOf(id: number, metric: Metric, tags: Tags = {}): Series {
  return { id, metric, tags };
}
