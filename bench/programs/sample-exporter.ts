// Arguments: an exporter's URL, seconds, a path. Samples it once a second into an archive, as in a run, and prints the CPU used.

import { ArchiveWriter } from '../../runner/metrics/archive/archive.ts';
import { ExpositionSource } from '../../runner/monitor/exposition-source.ts';
import { ServerRecorder } from '../../runner/monitor/recorder.ts';
import { Sampler } from '../../runner/monitor/sampler.ts';
import { ALL_SERIES } from '../../runner/monitor/series-filter.ts';
import { settleV8 } from '../../runner/system/v8-settings.ts';

const [url = '', seconds = '', path = ''] = process.argv.slice(2);
/** Left out: the first scrapes parse labels and warm up the compiler, once per run. */
const WARM_MS = 8000;

// As in a run.
settleV8();
const archive = new ArchiveWriter(path, { facts: {}, plannedDurationMs: Number(seconds) * 1000 });
const recorder = new ServerRecorder();
recorder.attach(archive, Date.now());
let readings = 0;
const source = new ExpositionSource('bench', { url, headers: {}, filter: { ...ALL_SERIES, maxSeries: 20_000 } });
const sampler = new Sampler([source], {
  onReadings: ({ name }, read) => {
    readings += read.length;
    recorder.readings(name, read);
  },
  onGap: ({ reason }) => {
    throw new Error(`Expected no gap, found: ${reason}`);
  },
});
sampler.start();
await pause(WARM_MS);
const before = { cpu: process.cpuUsage(), atMs: performance.now(), readings };
await pause(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(before.cpu);
const tookSeconds = (performance.now() - before.atMs) / 1000;
const taken = readings - before.readings;
sampler.stop();
recorder.flush();
await archive.close();
process.stdout.write(JSON.stringify({ cpuSeconds: (user + system) / 1e6, tookSeconds, readings: taken }));

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
