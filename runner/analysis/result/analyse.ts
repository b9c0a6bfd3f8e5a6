// Computes the result of a run from its facts, outcome and numbers: for a run that just ended, a kept one, or a stream
// recorded elsewhere.

import type { ErrorSample } from '../../model/error-sample.ts';
import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import { RESULT_SCHEMA_VERSION, type Result } from '../../model/result.ts';
import { DEFAULT_JUDGING, type Death, type Judging, type Outcome, type RunFacts } from '../../model/run.ts';
import type { SourceFacts } from '../../model/source.ts';
import { serverResult } from '../../monitor/server-figures.ts';
import { nearPath } from '../../system/near-path.ts';
import { packageVersion } from '../../system/package-root.ts';
import { builtinKpis } from '../../targets/builtin-kpis.ts';
import { mergeKpis } from '../../targets/targets.ts';
import { findings } from '../findings/findings.ts';
import { verificationFinding, warmUpFinding, warningFinding } from '../findings/findings-run.ts';
import { weighedByTeam } from '../findings/team-severity.ts';
import { judgeGenerator } from '../generator/generator.ts';
import { clockBound, resultSources, worstGenerator } from '../generator/sources.ts';
import { isConstantLoad } from '../load/arrival-rate.ts';
import { omissionOf } from '../load/coordinated-omission.ts';
import { countIterations } from '../load/iterations.ts';
import { loadStartOf } from '../load/load-start.ts';
import { levelsOf, scalabilityOf } from '../load/scalability.ts';
import { warmUpOfRun } from '../load/warm-up.ts';
import { latencyFigures } from '../requests/primary.ts';
import { otherHostsFinding, requestedHosts } from '../requests/requested-hosts.ts';
import { observe } from '../shape/observe.ts';
import { judge } from '../verdict/judge.ts';
import { watchesMemory } from '../verdict/judge-degradation.ts';
import { statusOf } from '../verdict/status.ts';
import { assembleEndpoints } from './assemble-endpoints.ts';
import { assembleChecks, assembleErrors } from './assemble-errors.ts';
import { assembleJourneys } from './assemble-journeys.ts';
import { assembleMetrics } from './assemble-metrics.ts';
import { listedChecks, listedEndpoints } from './listed-rows.ts';
import {
  resultFinding,
  resultGenerator,
  resultIterations,
  resultKpi,
  resultMachine,
  resultOptions,
} from './result-parts.ts';

export interface RunToAnalyse {
  readonly facts: RunFacts;
  /** undefined: the run died without an outcome. */
  readonly outcome: Outcome | undefined;
  readonly metrics: RunMetrics;
  readonly kpis: readonly Kpi[];
  /** Samples of failed requests, for a run without an outcome. */
  readonly samples?: readonly ErrorSample[];
  /** What ended a run without an outcome. Default: novaperf or its machine. */
  readonly died?: Death | undefined;
}

/**
 * Judges a run and collects everything for its reports and records. The parts `files` and `conport` are filled in
 * later.
 */
export function analyseRun({ facts, outcome, metrics, kpis, samples = [], died = 'either' }: RunToAnalyse): Result {
  const faults = outcome?.faults ?? { ...metrics.faults, complete: false };
  const span = timeSpan(facts, metrics, outcome);
  const firstMs = metrics.firstSampleMs === undefined ? undefined : span.startMs;
  const loadStartMs = loadStartOf(metrics, facts.plan.k6Scenarios, firstMs);
  /** The origin of all times in the result. */
  const originMs = loadStartMs ?? span.startMs;
  const exceptions = outcome?.exceptions ?? [];
  const elapsedMs = span.endMs - span.startMs;
  const wasCut =
    outcome === undefined ||
    outcome.k6ExitCode === null ||
    (outcome.stoppedBy !== null && outcome.stoppedBy !== 'decided');
  const counts = countIterations(metrics, {
    scenarios: facts.plan.k6Scenarios,
    options: facts.plan.options,
    elapsedMs: wasCut ? undefined : (metrics.load?.toMs ?? span.endMs) - originMs,
  });
  const iterations = counts.completed;
  const asked = counts.open?.asked;
  const judging = facts.judging ?? DEFAULT_JUDGING;
  const { phases, k6Scenarios } = facts.plan;
  const journeys = assembleJourneys(metrics, k6Scenarios, elapsedMs);
  const warmUp = warmUpOfRun(metrics, { phases, loadStartMs, isConstant: isConstantLoad(k6Scenarios) });
  const sources = outcome?.sources ?? [];
  const whole = judgeGenerator(metrics.health, {
    droppedIterations: counts.dropped,
    begunIterations: counts.open?.begun ?? counts.begun ?? iterations,
    requestedIterations: asked,
    vusReached: metrics.total('vus_max')?.max,
    vusAllowed: facts.plan.maxVUs,
  });
  const generator = worstGenerator(whole, sources);
  const asking = mergeKpis(kpis, builtinKpis(asked, degradationOf(facts.plan, judging), watchesMemory(metrics)));
  const judged = judge(asking, metrics, {
    phases: facts.plan.phases,
    loadStartMs,
    elapsedMs: elapsedMs > 0 ? elapsedMs : undefined,
    generator,
    iterations: counts,
    profile: facts.plan.profile,
    judging,
    warmUp,
    earlier: facts.earlier,
  });
  const status = statusOf({
    kpis: judged,
    iterations,
    exceptions,
    died: outcome === undefined ? died : undefined,
    k6ExitCode: outcome === undefined ? null : outcome.k6ExitCode,
    k6Signal: outcome?.k6Signal,
    stoppedBy: outcome?.stoppedBy ?? null,
    abortedByKpi: outcome?.abortedByKpi ?? null,
    faults,
    incompleteSources: sources.filter(({ isComplete }) => !isComplete).map(({ name }) => name),
    inconclusive: judging.inconclusive,
    profile: facts.plan.profile,
  });
  const server = serverResult(metrics.server);
  const { observed, series, steady } = observe({
    metrics,
    server,
    phases: facts.plan.phases,
    k6Scenarios: facts.plan.k6Scenarios,
    loadStartMs: originMs,
  });
  const hosts = requestedHosts(metrics, { typed: facts.plan.typed, targetUrl: facts.targetUrl });
  const checks = assembleChecks(metrics);
  const listed = {
    endpoints: listedEndpoints(assembleEndpoints(metrics, elapsedMs)),
    checks: listedChecks(checks),
  };
  const leftOut = { endpoints: listed.endpoints.leftOut, checks: listed.checks.leftOut };
  const kept = outcome?.samples ?? samples;
  const errors = assembleErrors(metrics, checks, exceptions, iterations, kept, facts.plan.options);
  return weighedByTeam({
    schema_version: RESULT_SCHEMA_VERSION,
    novaperf_version: packageVersion,
    run: facts.run,
    scenario: facts.plan.name,
    component: facts.plan.component,
    description: facts.plan.description,
    profile: facts.plan.profile,
    environment: facts.environment,
    environment_source: facts.environmentSource,
    target_url: facts.targetUrl,
    build_version: facts.buildVersion,
    ...(facts.branch === undefined ? {} : { branch: facts.branch }),
    started_at: new Date(span.startMs).toISOString(),
    ended_at: new Date(span.endMs).toISOString(),
    load_started_at: metrics.load && loadStartMs !== undefined ? new Date(loadStartMs).toISOString() : null,
    load_ended_at: metrics.load === undefined ? null : new Date(metrics.load.toMs).toISOString(),
    duration_ms: elapsedMs,
    status: status.status,
    status_reason: status.reason,
    status_cause: status.cause,
    exit_code: status.exitCode,
    partial: wasCut || !faults.complete,
    script: nearPath(facts.plan.scriptPath),
    k6: { ...facts.k6, exit_code: outcome?.k6ExitCode ?? null },
    machine: resultMachine(facts.machine),
    kpis: judged.map(resultKpi),
    metrics: assembleMetrics(metrics, elapsedMs),
    latency: latencyFigures(metrics),
    endpoints: listed.endpoints.listed,
    checks: listed.checks.listed,
    ...(leftOut.endpoints.length + leftOut.checks > 0 && { left_out: leftOut }),
    errors,
    findings: [
      ...findings({
        kpis: judged,
        metrics,
        generator,
        counts,
        exceptions,
        iterations,
        faults,
        watched: { server, loadStartMs: originMs },
        abortedByKpi: outcome?.abortedByKpi ?? null,
        observed,
        profile: facts.plan.profile,
        options: facts.plan.options,
        loadStartMs: originMs,
        omission: omissionOf(metrics, k6Scenarios, steady),
        scalability: scalabilityOf(levelsOf(metrics, k6Scenarios)),
        machineMemoryBytes: isLocal(server) ? facts.machine.memoryBytes : undefined,
        sources,
      }).map(resultFinding),
      ...warmUpFinding(warmUp, judging, originMs),
      ...facts.verification.filter(({ state }) => state === 'warning').map(verificationFinding),
      ...otherHostsFinding(hosts, facts.targetUrl),
      ...(outcome?.warnings ?? []).map(warningFinding),
    ],
    observations: {
      start_ms: steady === undefined ? null : steady.fromMs - originMs,
      end_ms: steady === undefined ? null : steady.toMs - originMs,
      series,
      observed: observed.slice(0, MOST_OBSERVATIONS),
    },
    phases: facts.plan.phases.map(({ name, kind, startMs, endMs }) => ({
      name,
      kind,
      start_ms: startMs,
      end_ms: endMs,
    })),
    scenarios: { ...facts.plan.k6Scenarios },
    ...(journeys.length > 0 && { journeys }),
    iterations: resultIterations(counts, exceptions),
    vus_max: metrics.total('vus')?.max ?? null,
    hosts,
    options: resultOptions(facts.plan),
    warm_up:
      warmUp === undefined
        ? null
        : {
            end_ms: warmUp.endMs - originMs,
            is_over: warmUp.isOver,
            left_out: judging.warmUp === 'leave-out' && traitsOf(facts.plan.profile).isStatistical,
            mean_before: warmUp.before,
            mean_after: warmUp.after,
          },
    generator: resultGenerator(generator, counts.dropped),
    verification: facts.verification.map(({ id, title, state, detail, durationMs }) => ({
      id,
      title,
      state,
      detail,
      duration_ms: durationMs,
    })),
    server,
    ...(sources.length > 1 && { sources: resultSources(sources), clocks: clocksOf(sources) }),
    ...(facts.slice !== undefined && {
      slice: {
        run: facts.slice.run,
        from_ms: facts.slice.fromMs,
        to_ms: facts.slice.toMs,
        tags: facts.slice.tags,
      },
    }),
    stream: {
      complete: faults.complete,
      bad_lines: faults.badLines,
      bad_values: faults.badValues,
      lost_lines: faults.lostLines,
    },
    files: {},
    conport: {
      progress_id: null,
      decision_id: null,
      performance_notes: [],
      test_execution_report: null,
      error_logs: [],
    },
  });
}

/** A run in which everything changes has hundreds; only the clearest are kept. */
const MOST_OBSERVATIONS = 100;

/** True if all sources are read on this machine, such as /proc. */
function isLocal({ sources = [] }: ReturnType<typeof serverResult>): boolean {
  return sources.length > 0 && sources.every(({ kind }) => kind === 'process' || kind === 'machine');
}

/** The limits for response times and memory in a soak: the scenario's own, or the configured ones. */
function degradationOf({ profile, degradation }: ScenarioPlan, judging: Judging) {
  const limits = degradation ?? judging.degradation;
  return traitsOf(profile).isEndurance && limits !== false ? limits : undefined;
}

/** From the first to the last sample. A run without samples has no length and starts and ends at its start time. */
function timeSpan(
  facts: RunFacts,
  metrics: RunMetrics,
  outcome: Outcome | undefined,
): { startMs: number; endMs: number } {
  const startMs = outcome?.firstSampleMs ?? metrics.firstSampleMs ?? facts.startedAtMs;
  return { startMs, endMs: Math.max(startMs, outcome?.lastSampleMs ?? metrics.lastSampleMs ?? startMs) };
}

function clocksOf(sources: readonly SourceFacts[]): Result['clocks'] {
  const bound = clockBound(sources);
  return bound === undefined ? null : { bound_ms: bound.boundMs, basis: bound.basis };
}
