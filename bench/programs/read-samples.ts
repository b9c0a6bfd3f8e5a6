// Argument: a file of k6's JSON output. Prints p95 of http_req_duration per name and status, by novaperf's parser, which
// also aggregates every series of every metric.

import { openInput } from '../../runner/metrics/bytes/input.ts';
import { SamplesReader } from '../../runner/metrics/samples/samples-reader.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import { printAnswer } from './print-answer.ts';

const store = new MetricsStore({ timeline: false });
const reader = new SamplesReader(store.sink);
const input = await openInput(process.argv[2] ?? '-');
for await (const chunk of input.chunks) reader.push(chunk);
reader.end();
const rows = store.groupBy('http_req_duration', ['name', 'status']).map(({ tags, aggregate }) => ({
  name: tags.name,
  status: tags.status,
  samples: aggregate.count,
  p95: aggregate.quantile(0.95),
}));
await printAnswer(rows);
