// Runs one scenario with load from a cluster. The archive, the log, the numbers and the outcome are like those of one machine.

import { ClusterLoad } from '../../cluster/cluster-load.ts';
import { openKubeApi } from '../../cluster/kube-api.ts';
import { runnerArguments } from '../../cluster/objects.ts';
import type { LogEntry } from '../../k6/log.ts';
import { MergedStream } from '../../metrics/several/merged-stream.ts';
import { mergeFaults } from '../../metrics/sinks/faults.ts';
import { MetricsStore } from '../../metrics/store/store.ts';
import type { Outcome, RunFacts } from '../../model/run.ts';
import { unionOf } from '../../model/time-range.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { exportsFunction } from '../../scenario/setup-once.ts';
import { redactArguments } from '../../text/secrets.ts';
import { type ClusterPlan, clusterRunOf } from '../plan/cluster-run.ts';
import { faultsWithoutSecrets, serverWithoutSecrets } from '../plan/without-secrets.ts';
import type { Executed, Execution } from './execution.ts';
import { afterLoad, both, sinkOf } from './execution-parts.ts';
import { LoadWatch } from './load-watch.ts';
import { RunLog } from './run-log.ts';
import { RunMemory } from './run-memory.ts';
import { SetupOnce } from './setup-once.ts';

/** Like executeScenario. Throws a UserError if the cluster rejects the run, or its pods do not start. */
export async function executeOnCluster(execution: Execution, choice: ClusterPlan): Promise<Executed> {
  const { scenario, listener, server, archive } = execution;
  const warnings: string[] = [...execution.warnings];
  const log = new RunLog(execution, (warning) => warnings.push(warning));
  const live = new MetricsStore({ timeline: false });
  const memory = new RunMemory();
  const merged = new MergedStream(sinkOf(execution, live, memory, warnings), true);
  const onLog = (entry: LogEntry) => log.add(entry);
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
  server.attach(serverWithoutSecrets(both(archive, memory.server)));
  const watch = new LoadWatch(
    execution,
    facts,
    { live, whole: memory.metrics, log },
    {
      flush: () => {},
      range: () => load.load,
      // Not earlier: pods are scheduled and images pulled first.
      startedAtMs: () => load.load?.fromMs,
      stop: () => load.stop(),
    },
  );

  const end = await load
    .run()
    .finally(async () => {
      const problem = await once?.teardown();
      if (problem !== undefined) warnings.push(problem);
      watch.loadEnded();
    })
    .catch((error: unknown) => {
      watch.close();
      throw error;
    });
  const faults = faultsWithoutSecrets(once?.faults === undefined ? end.faults : mergeFaults(end.faults, once.faults));
  const span = unionOf([end.span, once?.span]);
  memory.end(faults, span);
  await log.end();
  if (span !== undefined) archive.span(span);
  if (end.load !== undefined) archive.load(end.load);
  const outcomeNow = (): Outcome => ({
    endedAtMs: end.endedAtMs,
    k6ExitCode: end.exitCode === 0 ? (once?.exitCode ?? 0) : end.exitCode,
    ...watch.end,
    ...(span === undefined ? {} : { firstSampleMs: span.fromMs, lastSampleMs: span.toMs }),
    exceptions: log.exceptions(),
    faults,
    warnings: [...warnings, ...end.warnings, ...log.warnings(undefined), ...setupWarning(scenario, choice.parallelism)],
    sources: [...end.sources],
    samples: log.samples(),
  });
  return afterLoad(execution, { facts, watch, memory, outcomeNow });
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
