// Argument: a file of k6's JSON output, or none for stdin. Prints p95 of http_req_duration per name and status, as such
// readers are usually written: readline, JSON.parse, an array of values per key, sorted at the end.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { printAnswer } from './print-answer.ts';

const path = process.argv[2];
const lines = createInterface({ input: path === undefined ? process.stdin : createReadStream(path) });
const durations = new Map<string, { name: string; status: string; values: number[] }>();

for await (const line of lines) {
  const { type, metric, data } = JSON.parse(line);
  if (type !== 'Point' || metric !== 'http_req_duration') continue;
  const { name, status } = data.tags;
  const key = `${name} ${status}`;
  const known = durations.get(key);
  if (known === undefined) durations.set(key, { name, status, values: [data.value] });
  else known.values.push(data.value);
}

const rows = [...durations.values()].map(({ name, status, values }) => {
  values.sort((a, b) => a - b);
  const rank = 0.95 * (values.length - 1);
  const [below = 0, above = 0] = [values[Math.floor(rank)], values[Math.ceil(rank)]];
  return { name, status, samples: values.length, p95: below + (above - below) * (rank - Math.floor(rank)) };
});
await printAnswer(rows);
