// Streams of several k6 processes, from samples that the test keeps as reference for merged figures.

import { LineBytes } from '../../runner/metrics/bytes/line-bytes.ts';
import { HistogramsWriter } from '../../runner/metrics/histograms/histograms-writer.ts';
import { pourSamples, type Sample, START_MS, samplesOf } from '../metrics/seeded-stream.ts';

export interface Machine {
  readonly samples: readonly Sample[];
  /** Lines of its histograms stream, each without its line end. */
  readonly lines: readonly string[];
}

interface MachineOptions {
  /** By how much its clock is ahead. */
  readonly aheadMs?: number;
  /** Factor on its response times. */
  readonly slower?: number;
  /** k6's tag on requests: whether the status was one that the script expects. */
  readonly tagsExpected?: boolean;
}

export function machine(seed: number, seconds: number, rate: number, options: MachineOptions = {}): Machine {
  const { aheadMs = 0, slower = 1, tagsExpected = false } = options;
  const samples = samplesOf(seed, seconds, rate).map((sample) => ({
    ...sample,
    tags:
      tagsExpected && sample.tags.status !== undefined
        ? { ...sample.tags, expected_response: String(sample.tags.status === '200') }
        : sample.tags,
    timeMs: sample.timeMs + aheadMs,
    value: sample.metric.name === 'http_req_duration' ? sample.value * slower : sample.value,
  }));
  const lines: string[] = [];
  const writer = new HistogramsWriter(new LineBytes((line) => lines.push(line.take().toString().trimEnd())), {
    id: `machine-${seed}`,
    k6: 'v2.2.0',
    originMs: Math.floor((START_MS + aheadMs) / 1000) * 1000,
    windowMs: 1000,
  });
  pourSamples(samples, writer);
  const times = samples.map(({ timeMs }) => timeMs);
  const range = { first_ms: Math.min(...times), last_ms: Math.max(...times) };
  writer.note('span', range);
  // Late samples of the first second have earlier times.
  writer.note('load', { ...range, first_ms: START_MS + aheadMs });
  writer.end();
  return { samples, lines };
}

/** The values of a metric over all of them, sorted. */
export function valuesOf(machines: readonly Machine[], metric: string, name?: string): number[] {
  return machines
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.metric.name === metric && (name === undefined || sample.tags.name === name))
    .map(({ value }) => value)
    .sort((a, b) => a - b);
}

/** k6's percentile: linear interpolation between the two nearest ranks. */
export function exactQuantile(sorted: readonly number[], q: number): number {
  const rank = q * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}
