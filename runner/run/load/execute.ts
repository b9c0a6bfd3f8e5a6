// Runs one scenario: a plan becomes an archive, a log, the numbers and the outcome, while thresholds are evaluated.

import { createWriteStream, type WriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { launchK6 } from '../../k6/launch.ts';
import { lostSamples } from '../../k6/lost-samples.ts';
import { watchProcessHealth } from '../../k6/process-health.ts';
import { SummaryText } from '../../k6/summary-text.ts';
import { HistogramsReader } from '../../metrics/histograms/histograms-reader.ts';
import { SamplesReader } from '../../metrics/samples/samples-reader.ts';
import { MetricsStore } from '../../metrics/store/store.ts';
import type { Outcome, RunFacts } from '../../model/run.ts';
import { RAW_FILE } from '../../model/run-files.ts';
import { messageOf } from '../../system/errors.ts';
import { redactArguments } from '../../text/secrets.ts';
import { faultsWithoutSecrets, serverWithoutSecrets } from '../plan/without-secrets.ts';
import type { Executed, Execution } from './execution.ts';
import { afterLoad, both, sinkOf } from './execution-parts.ts';
import { LoadWatch } from './load-watch.ts';
import { withMachine } from './machine-health.ts';
import { RunLog } from './run-log.ts';
import { RunMemory } from './run-memory.ts';

/**
 * Runs k6 on the bundle until it ends, is stopped, or a threshold with abortOnFail ends it. Leaves the archive, k6.log and,
 * with keepRaw, the raw stream in the folder. Throws a UserError only if k6 could not be started.
 */
export async function executeScenario(execution: Execution): Promise<Executed> {
  const { scenario, folder, stream, server, archive } = execution;
  const warnings: string[] = [...execution.warnings];
  const log = new RunLog(execution, (warning) => warnings.push(warning));
  const raw = execution.keepRaw ? openRaw(join(folder, RAW_FILE), warnings) : undefined;
  const live = new MetricsStore({ timeline: false });
  const memory = new RunMemory();
  let unwritten = 0;
  let reader: SamplesReader | HistogramsReader | undefined;
  const summary = scenario.callsSummary === true ? new SummaryText(stream) : undefined;
  const running = await launchK6({
    k6: execution.k6,
    script: scenario.bundle,
    variables: execution.env,
    env: scenario.k6Env,
    args: scenario.k6Args,
    stream,
    withSummary: summary !== undefined,
    onStdout: (stdout) => {
      const chunk = summary === undefined ? stdout : summary.push(stdout);
      raw?.write(chunk);
      reader?.push(chunk);
    },
    onLog: (entry) => {
      log.add(entry);
      if (stream === 'samples') unwritten += lostSamples(entry);
    },
  });
  warnings.push(...running.notes);
  const facts: RunFacts = {
    ...execution.facts,
    k6: { ...execution.facts.k6, command: redactArguments(running.command) },
  };
  archive.facts(facts);
  server.attach(serverWithoutSecrets(both(archive, memory.server)));
  const machine = withMachine(sinkOf(execution, live, memory, warnings));
  const { sink } = machine;
  // No output is lost: Node delivers it only after this turn of the event loop.
  const stdout =
    stream === 'histograms'
      ? new HistogramsReader(sink, () => {}, { bins: 'encoded' })
      : new SamplesReader(sink, { startedAtMs: Date.now() });
  reader = stdout;
  // Our output reports the health of its process; for any other k6, CPU and memory are read from the system.
  const health = stream === 'samples' ? watchProcessHealth(running.pid, (health) => sink.health(health)) : undefined;
  const startedAtMs = Date.now();
  const watch = new LoadWatch(
    execution,
    facts,
    { live, whole: memory.metrics, log },
    {
      flush: () => {
        if (stdout instanceof SamplesReader) stdout.flush();
      },
      range: () => stdout.load,
      startedAtMs: () => startedAtMs,
      stop: () => running.stop(),
    },
  );

  const end = await running.ended.finally(() => {
    health?.stop();
    machine.stop();
    watch.loadEnded();
  });
  const read = faultsWithoutSecrets(stdout.end());
  const faults = { ...read, badValues: read.badValues + unwritten };
  log.print(summary?.end() ?? '');
  const { span, load } = stdout;
  memory.end(faults, span);
  await Promise.all([log.end(), raw?.close()]);
  if (span !== undefined) archive.span(span);
  if (load !== undefined) archive.load(load);
  const outcomeNow = (): Outcome => ({
    endedAtMs: end.endedAtMs,
    k6ExitCode: end.exitCode,
    k6Signal: end.signal,
    ...watch.end,
    ...(span === undefined ? {} : { firstSampleMs: span.fromMs, lastSampleMs: span.toMs }),
    exceptions: log.exceptions(),
    faults,
    warnings: [...warnings, ...log.warnings(end.exitCode)],
    samples: log.samples(),
  });
  return afterLoad(execution, { facts, watch, memory, outcomeNow });
}

interface RawFile {
  write(chunk: Buffer): void;
  close(): Promise<void>;
}

/** The raw stream, gzipped under a `.part` name until it is complete. A full disk is a warning, and the run goes on. */
function openRaw(path: string, warnings: string[]): RawFile {
  const file: WriteStream = createWriteStream(`${path}.part`);
  const gzip: Gzip = createGzip({ level: 1 });
  let broken = false;
  file.on('error', (error) => {
    if (!broken) warnings.push(`${RAW_FILE} is incomplete: ${messageOf(error)}`);
    broken = true;
    gzip.unpipe(file);
    gzip.resume();
  });
  gzip.pipe(file);
  return {
    write: (chunk) => void gzip.write(chunk),
    async close() {
      gzip.end();
      if (broken) return;
      await finished(file).catch(() => undefined);
      if (!broken) await rename(`${path}.part`, path);
    },
  };
}
