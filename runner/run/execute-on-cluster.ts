// One scenario under load from a cluster: a plan goes in; an archive, a log, the numbers and the outcome come out, as of one machine.

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { ThresholdWatch } from '../analysis/watch.ts';
import { ClusterLoad, unionOf } from '../cluster/cluster-load.ts';
import { openKubeApi } from '../cluster/kube-api.ts';
import { runnerArguments } from '../cluster/objects.ts';
import { ExceptionCounter } from '../k6/exceptions.ts';
import { type LogEntry, LogText, renderLogEntry } from '../k6/log.ts';
import { mergeFaults } from '../metrics/faults.ts';
import { MergedStream } from '../metrics/merged-stream.ts';
import { MetricsStore } from '../metrics/store.ts';
import { tee } from '../metrics/tee.ts';
import { withoutSecrets } from '../metrics/without-secrets.ts';
import { withoutSetup } from '../metrics/without-setup.ts';
import type { Outcome, RunFacts } from '../model/run.ts';
import { ARCHIVE_FILE, LOG_FILE } from '../model/run-files.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { exportsFunction } from '../scenario/setup-once.ts';
import { messageOf } from '../system/errors.ts';
import { redactArguments, redactText } from '../text/secrets.ts';
import { type ClusterPlan, clusterRunOf } from './cluster-run.ts';
import { watchDisk } from './disk-watch.ts';
import { ErrorSamples } from './error-samples.ts';
import type { Executed, Execution } from './execute.ts';
import { both, decisionWatch, endOf, numbersOf, outcomeExceptions, SETUP_LEFT_OUT } from './execution-parts.ts';
import { RunMemory } from './run-memory.ts';
import { SetupOnce } from './setup-once.ts';
import { faultsWithoutSecrets, serverWithoutSecrets } from './without-secrets.ts';

const TICK_MS = 1000;

/** As executeScenario. Throws a UserError where the cluster does not take the run, or its pods do not start. */
export async function executeOnCluster(execution: Execution, choice: ClusterPlan): Promise<Executed> {
  const { scenario, folder, listener, server, interrupt, archive } = execution;
  const { kpis } = scenario;
  const warnings: string[] = [...execution.warnings];
  const log = createWriteStream(join(folder, LOG_FILE));
  log.on('error', (error) => warnings.push(`k6.log could not be written: ${messageOf(error)}`));
  const live = new MetricsStore({ timeline: false });
  const memory = new RunMemory();
  const exceptions = new ExceptionCounter();
  const samples = new ErrorSamples();
  const logText = new LogText();
  let stoppedBy: Outcome['stoppedBy'] = null;
  let abortedByKpi: string | null = null;

  const all = withoutSecrets(tee(live.sink, archive, memory.sink));
  const leavesSetup = execution.facts.judging?.setup === 'leave-out';
  if (leavesSetup) warnings.push(SETUP_LEFT_OUT);
  const merged = new MergedStream(leavesSetup ? withoutSetup(all) : all, true);
  const onLog = (entry: LogEntry) => {
    if (ErrorSamples.isLine(entry)) {
      const sample = samples.add(entry);
      if (sample !== undefined) archive.sample(sample);
      return;
    }
    exceptions.add(entry);
    log.write(redactText(logText.add(entry)));
    if (entry.source === 'console') listener({ kind: 'log', line: redactText(renderLogEntry(entry).trimEnd()) });
  };
  const api = openKubeApi(choice.cluster);
  const once = setupOnceFor(execution, merged, onLog);
  const variables = { ...execution.env, ...(await once?.setup()) };
  const load = new ClusterLoad({
    api,
    run: clusterRunOf(choice, scenario, variables, Date.now()),
    plannedMs: scenario.plan.totalDurationMs,
    merged,
    onLog,
    onProgress: (text) => listener({ kind: 'trouble', text }),
  });
  const command = ['k6', 'run', ...runnerArguments(scenario.k6Args).split(' ')];
  const facts: RunFacts = {
    ...execution.facts,
    machine: { ...execution.facts.machine, os: `collected on ${execution.facts.machine.os}` },
    k6: {
      ...execution.facts.k6,
      path: `${choice.parallelism} pods of ${choice.cluster.image} on the cluster ${choice.cluster.name}${once === undefined ? '' : '; setup() and teardown() once, on this machine'}`,
      command: redactArguments(command),
    },
  };
  archive.facts(facts);
  const thrown = () => outcomeExceptions(exceptions);
  server.attach(serverWithoutSecrets(both(archive, memory.server)));
  listener({ kind: 'load', facts, kpis, soFar: { metrics: memory.metrics, exceptions: thrown } });
  const disk = watchDisk({
    folder,
    problem: () => archive.problem,
    onTrouble: (text) => listener({ kind: 'trouble', text }),
  });
  const stopListening = interrupt.onRequest(() => {
    stoppedBy ??= 'user';
    load.stop();
  });
  const watch = new ThresholdWatch(kpis, live);
  const decisions = execution.untilDecided ? decisionWatch(scenario, facts, memory.metrics) : undefined;
  const stopFor = (reason: 'threshold' | 'decided') => {
    stoppedBy = reason;
    load.stop();
  };
  let loadFromMs: number | undefined;
  const timer = setInterval(() => {
    if (load.load === undefined) return;
    if (load.load.fromMs !== loadFromMs) {
      loadFromMs = load.load.fromMs;
      archive.load(load.load);
    }
    const elapsedMs = Math.max(0, Date.now() - loadFromMs);
    const seen = watch.check(elapsedMs);
    if (seen.abort !== undefined && stoppedBy === null) {
      abortedByKpi = seen.abort.id;
      stopFor('threshold');
    }
    if (stoppedBy === null && decisions?.isDecided(elapsedMs)) stopFor('decided');
    const { standings } = seen;
    listener({ kind: 'tick', tick: { elapsedMs, metrics: live, standings, exceptions: exceptions.iterationCount } });
  }, TICK_MS);

  const end = await load.run().finally(async () => {
    const problem = await once?.teardown();
    if (problem !== undefined) warnings.push(problem);
    clearInterval(timer);
    stopListening();
    disk.stop();
    log.write(logText.end());
    listener({ kind: 'load-ended', recoveryMs: server.recoveryMs });
  });
  const faults = faultsWithoutSecrets(once?.faults === undefined ? end.faults : mergeFaults(end.faults, once.faults));
  const span = unionOf([end.span, once?.span]);
  memory.end(faults, span);
  await endOf(log);
  if (span !== undefined) archive.span(span);
  if (end.load !== undefined) archive.load(end.load);
  const outcomeNow = (): Outcome => ({
    endedAtMs: end.endedAtMs,
    k6ExitCode: end.exitCode === 0 ? (once?.exitCode ?? 0) : end.exitCode,
    stoppedBy,
    abortedByKpi,
    ...(span === undefined ? {} : { firstSampleMs: span.fromMs, lastSampleMs: span.toMs }),
    exceptions: thrown(),
    faults,
    warnings: [...warnings, ...end.warnings, ...setupWarning(scenario, choice.parallelism)],
    sources: [...end.sources],
    samples: samples.samples(),
  });
  archive.outcome(outcomeNow());
  await server.afterwards(interrupt);
  const outcome = outcomeNow();
  archive.outcome(outcome);
  await archive.close();
  return { facts, outcome, ...(await numbersOf(archive, join(folder, ARCHIVE_FILE), memory)) };
}

function setupOnceFor(
  { scenario, k6, env, interrupt }: Execution,
  merged: MergedStream,
  onLog: (entry: LogEntry) => void,
): SetupOnce | undefined {
  const { around } = scenario;
  if (around === undefined) return undefined;
  return new SetupOnce({ scenario, around, k6, variables: env, sink: merged.source(), onLog, interrupt });
}

function setupWarning({ bundle, around }: PreparedScenario, parallelism: number): string[] {
  if (parallelism < 2 || around !== undefined || !exportsFunction(bundle, 'setup')) return [];
  return [`setup() and teardown() ran in each of the ${parallelism} runners; --setup-once runs them once`];
}
