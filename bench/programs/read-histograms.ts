// Reads a histograms stream on stdin as during a run: live store, archive, a p95 each second. Prints the counted requests and the
// peak memory of this process. Argument: path of the archive.

import { ArchiveWriter } from '../../runner/metrics/archive/archive.ts';
import { HistogramsReader } from '../../runner/metrics/histograms/histograms-reader.ts';
import { tee } from '../../runner/metrics/sinks/tee.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import { printAnswer } from './print-answer.ts';

const HOURS_8_MS = 8 * 3_600_000;

const live = new MetricsStore({ timeline: false });
const archive = new ArchiveWriter(process.argv[2] ?? '', { facts: { run: 'bench' }, plannedDurationMs: HOURS_8_MS });
const reader = new HistogramsReader(tee(live.sink, archive));
for await (const chunk of process.stdin) {
  reader.push(chunk);
  live.total('http_req_duration')?.quantile(0.95);
}
const { complete, lostLines } = reader.end();
await archive.close();
await printAnswer({
  requests: live.total('http_reqs')?.sum,
  isWhole: complete && lostLines === 0 && archive.problem === undefined,
  residentBytes: process.resourceUsage().maxRSS * 1024,
});
