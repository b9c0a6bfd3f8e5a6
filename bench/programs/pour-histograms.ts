// Argument: millions of requests. Prints their histograms stream, as k6 with our output would write it: 4,000 requests a second
// over 20 endpoints, 14 metrics each.

import { once } from 'node:events';
import { LineBytes } from '../../runner/metrics/bytes/line-bytes.ts';
import { HistogramsWriter } from '../../runner/metrics/histograms/histograms-writer.ts';
import { pourSoak } from '../../test/metrics/soak-stream.ts';

const REQUESTS_PER_SECOND = 4000;
const START_MS = Date.UTC(2026, 10, 23, 8, 0, 0);
const seconds = (Number(process.argv[2]) * 1e6) / REQUESTS_PER_SECOND;

const lines = new LineBytes();
const writer = new HistogramsWriter(lines, { id: 'bench', k6: 'simulated', originMs: START_MS, windowMs: 1000 });
const soak = { seconds, requestsPerSecond: REQUESTS_PER_SECOND, endpoints: 20, startMs: START_MS, seed: 8 };
await pourSoak(soak, writer, () =>
  process.stdout.write(lines.take()) ? undefined : once(process.stdout, 'drain').then(() => undefined),
);
writer.end();
process.stdout.write(lines.take());
