// Argument: a file of k6's JSON output. Printed: p95 of http_req_duration per name and status, by the toolkit's parser, which
// aggregates every series of every metric on the way.

import { createReadStream } from 'node:fs';
import { PointsReader } from '../../runner/metrics/points-parser.ts';
import { MetricsStore } from '../../runner/metrics/store.ts';

const store = new MetricsStore({ timeline: false });
const reader = new PointsReader(store.sink);
const input = createReadStream(process.argv[2] ?? '', { highWaterMark: 1 << 20 });
input.on('data', (chunk) => reader.push(Buffer.from(chunk)));
input.on('end', () => {
  reader.end();
  const rows = store.groupBy('http_req_duration', ['name', 'status']).map(({ tags, aggregate }) => ({
    name: tags.name,
    status: tags.status,
    samples: aggregate.count,
    p95: aggregate.quantile(0.95),
  }));
  process.stdout.write(JSON.stringify(rows));
});
