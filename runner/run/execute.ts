// One scenario under load: a plan goes in; an archive, a log, the numbers and the outcome come out. Thresholds are watched meanwhile.

import { createWriteStream, type WriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { loadStartOf } from '../analysis/load-start.ts';
import { ThresholdWatch } from '../analysis/watch.ts';
import { ExceptionCounter } from '../k6/exceptions.ts';
import type { K6 } from '../k6/find.ts';
import { launchK6, type StreamKind } from '../k6/launch.ts';
import { LogText, renderLogEntry } from '../k6/log.ts';
import { lostSamples } from '../k6/lost-samples.ts';
import { watchProcessHealth } from '../k6/process-health.ts';
import { SummaryText } from '../k6/summary-text.ts';
import type { RunListener } from '../live/run-event.ts';
import type { ArchiveWriter } from '../metrics/archive.ts';
import { HistogramsReader } from '../metrics/histograms-reader.ts';
import { SamplesReader } from '../metrics/samples-reader.ts';
import { MetricsStore } from '../metrics/store.ts';
import { tee } from '../metrics/tee.ts';
import { withoutSecrets } from '../metrics/without-secrets.ts';
import { withoutSetup } from '../metrics/without-setup.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { Outcome, RunFacts } from '../model/run.ts';
import { ARCHIVE_FILE, LOG_FILE, RAW_FILE } from '../model/run-files.ts';
import type { ServerWatch } from '../monitor/watch.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { messageOf } from '../system/errors.ts';
import type { Interrupt } from '../system/interrupt.ts';
import { redactArguments, redactText } from '../text/secrets.ts';
import { watchDisk } from './disk-watch.ts';
import { ErrorSamples } from './error-samples.ts';
import { both, decisionWatch, endOf, numbersOf, outcomeExceptions, SETUP_LEFT_OUT } from './execution-parts.ts';
import { withMachine } from './machine-health.ts';
import { RunMemory } from './run-memory.ts';
import { faultsWithoutSecrets, serverWithoutSecrets } from './without-secrets.ts';

export interface Execution {
  readonly scenario: PreparedScenario;
  readonly k6: K6;
  readonly stream: StreamKind;
  /** Variables of the script, besides the process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** With a k6 that has no command yet. */
  readonly facts: RunFacts;
  /** Takes all that the run says; is closed at its end. */
  readonly archive: ArchiveWriter;
  readonly folder: string;
  readonly keepRaw: boolean;
  /** Whether the load ends as soon as every target is decided. */
  readonly untilDecided: boolean;
  /** What is known to be amiss before the run; stands among the outcome's warnings. */
  readonly warnings: readonly string[];
  /** Monitors the system under test; its idle time is over. What it reads goes into the archive. */
  readonly server: ServerWatch;
  /** The user's way to ask for the end: the run then stops gracefully, at a second request at once. */
  readonly interrupt: Interrupt;
  readonly listener: RunListener;
}

/** A run that is over. */
export interface Executed {
  readonly facts: RunFacts;
  readonly outcome: Outcome;
  /** From the archive, as `novaperf report` will read it again; from memory, coarser, where it could not be written. */
  readonly metrics: RunMetrics;
  /** Why the archive is not whole; undefined where it is. */
  readonly archiveProblem: string | undefined;
}

const TICK_MS = 1000;

/**
 * Runs k6 on the bundle until it ends, is stopped, or a threshold with abortOnFail ends it. Leaves the archive, k6.log and,
 * with keepRaw, the raw stream in the folder. Throws a UserError only where k6 could not be started at all.
 */
export async function executeScenario(execution: Execution): Promise<Executed> {
  const { scenario, folder, stream, listener, server, interrupt, archive } = execution;
  const { kpis } = scenario;
  const warnings: string[] = [...execution.warnings];
  const log = createWriteStream(join(folder, LOG_FILE));
  log.on('error', (error) => warnings.push(`k6.log could not be written: ${messageOf(error)}`));
  const raw = execution.keepRaw ? openRaw(join(folder, RAW_FILE), warnings) : undefined;
  const live = new MetricsStore({ timeline: false });
  const memory = new RunMemory();
  const exceptions = new ExceptionCounter();
  const samples = new ErrorSamples();

  let stoppedBy: Outcome['stoppedBy'] = null;
  let abortedByKpi: string | null = null;

  const logText = new LogText();
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
      if (ErrorSamples.isLine(entry)) {
        const sample = samples.add(entry);
        if (sample !== undefined) archive.sample(sample);
        return;
      }
      exceptions.add(entry);
      if (stream === 'samples') unwritten += lostSamples(entry);
      log.write(redactText(logText.add(entry)));
      if (entry.source === 'console') listener({ kind: 'log', line: redactText(renderLogEntry(entry).trimEnd()) });
    },
  });
  warnings.push(...running.notes);
  const facts: RunFacts = {
    ...execution.facts,
    k6: { ...execution.facts.k6, command: redactArguments(running.command) },
  };
  archive.facts(facts);
  const thrown = () => outcomeExceptions(exceptions);
  server.attach(serverWithoutSecrets(both(archive, memory.server)));
  const all = withoutSecrets(tee(live.sink, archive, memory.sink));
  const leavesSetup = execution.facts.judging?.setup === 'leave-out';
  if (leavesSetup) warnings.push(SETUP_LEFT_OUT);
  const machine = withMachine(leavesSetup ? withoutSetup(all) : all);
  const { sink } = machine;
  // Nothing can have come yet: Node delivers output no sooner than this turn of its event loop ends.
  reader =
    stream === 'histograms'
      ? new HistogramsReader(sink, () => {}, { encodedBins: true })
      : new SamplesReader(sink, { startedAtMs: Date.now() });
  // The extension reports the health of its own process; of any other k6 the system knows CPU and memory.
  const health = stream === 'samples' ? watchProcessHealth(running.pid, (health) => sink.health(health)) : undefined;
  listener({ kind: 'load', facts, kpis, soFar: { metrics: memory.metrics, exceptions: thrown } });
  const disk = watchDisk({
    folder,
    problem: () => archive.problem,
    onTrouble: (text) => listener({ kind: 'trouble', text }),
  });

  const stopListening = interrupt.onRequest(() => {
    stoppedBy ??= 'user';
    running.stop();
  });

  const startedAtMs = Date.now();
  const watch = new ThresholdWatch(kpis, live);
  const decisions = execution.untilDecided ? decisionWatch(scenario, facts, memory.metrics) : undefined;
  let loadFromMs: number | undefined;
  const timer = setInterval(() => {
    const elapsedMs = Date.now() - startedAtMs;
    // Thresholds with abortOnFail must not wait for windows to be over: k6's own do not.
    if (reader instanceof SamplesReader) reader.flush();
    if (reader?.load !== undefined && reader.load.fromMs !== loadFromMs) {
      loadFromMs = reader.load.fromMs;
      archive.load(reader.load);
    }
    const loadStart = loadStartOf({ load: reader?.load }, scenario.plan.k6Scenarios, undefined);
    const seen = watch.check(elapsedMs);
    if (seen.abort !== undefined && stoppedBy === null) {
      stoppedBy = 'threshold';
      abortedByKpi = seen.abort.id;
      running.stop();
    }
    if (stoppedBy === null && decisions?.isDecided(elapsedMs)) {
      stoppedBy = 'decided';
      running.stop();
    }
    const { standings } = seen;
    const loadedMs = loadStart === undefined ? undefined : Date.now() - loadStart;
    const tick = { elapsedMs, loadedMs, metrics: live, standings, exceptions: exceptions.iterationCount };
    listener({ kind: 'tick', tick });
  }, TICK_MS);

  const end = await running.ended.finally(() => {
    clearInterval(timer);
    health?.stop();
    machine.stop();
    stopListening();
    listener({ kind: 'load-ended', recoveryMs: server.recoveryMs });
  });
  const read = faultsWithoutSecrets(reader.end());
  const faults = { ...read, badValues: read.badValues + unwritten };
  const summaryText = redactText(summary?.end() ?? '').trimEnd();
  if (summaryText !== '') {
    log.write(`${summaryText}\n`);
    listener({ kind: 'log', line: summaryText });
  }
  const { span } = reader;
  memory.end(faults, span);
  log.write(redactText(logText.end()));
  await Promise.all([endOf(log), raw?.close()]);
  if (span !== undefined) archive.span(span);
  if (reader.load !== undefined) archive.load(reader.load);
  const outcomeNow = (): Outcome => ({
    endedAtMs: end.endedAtMs,
    k6ExitCode: end.exitCode,
    k6Signal: end.signal,
    stoppedBy,
    abortedByKpi,
    ...(span === undefined ? {} : { firstSampleMs: span.fromMs, lastSampleMs: span.toMs }),
    exceptions: thrown(),
    faults,
    warnings,
    samples: samples.samples(),
  });
  // The load is over: whatever happens while the system under test is watched on, its end is known.
  archive.outcome(outcomeNow());
  await server.afterwards(interrupt);
  disk.stop();
  const outcome = outcomeNow();
  archive.outcome(outcome);
  await archive.close();
  return { facts, outcome, ...(await numbersOf(archive, join(folder, ARCHIVE_FILE), memory)) };
}

interface RawFile {
  write(chunk: Buffer): void;
  close(): Promise<void>;
}

/** The raw stream, gzipped under a `.part` name until it is whole. A full disk is a warning; the run goes on. */
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
