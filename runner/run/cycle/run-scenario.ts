// One scenario of a cycle, in order: idle baseline → execute → analyse → compare → record → report.

import { join } from 'node:path';
import { warningFinding } from '../../analysis/findings/findings-run.ts';
import { analyseRun } from '../../analysis/result/analyse.ts';
import { resultMachine, resultOptions } from '../../analysis/result/result-parts.ts';
import { hashOf } from '../../compare/kept-run.ts';
import type { K6 } from '../../k6/find.ts';
import type { RunListener } from '../../live/run-event.ts';
import { ArchiveWriter } from '../../metrics/archive/archive.ts';
import type { BaselineChoice } from '../../model/baseline-choice.ts';
import type { Environment } from '../../model/environment.ts';
import type { Check } from '../../model/preflight-check.ts';
import type { Result } from '../../model/result.ts';
import type { Judging, RunFacts } from '../../model/run.ts';
import { ARCHIVE_FILE } from '../../model/run-files.ts';
import { openSources } from '../../monitor/open.ts';
import type { WatchPlan } from '../../monitor/plan.ts';
import { ServerWatch } from '../../monitor/watch.ts';
import type { Recorder } from '../../records/cycle/recorder.ts';
import type { Presentation } from '../../report/presentation.ts';
import { createRunFolder, writeFiles } from '../../runs/run-folder.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { messageOf, UserError } from '../../system/errors.ts';
import type { Interrupt } from '../../system/interrupt.ts';
import { packageVersion } from '../../system/package-root.ts';
import { thisProcess } from '../../system/process-identity.ts';
import { redactText } from '../../text/secrets.ts';
import { executeScenario } from '../load/execute.ts';
import type { EarlyEnd, Executed, Execution } from '../load/execution.ts';
import { describeMachine } from '../load/machine.ts';
import type { ClusterPlan } from '../plan/cluster-run.ts';
import { earlierRuns } from '../plan/earlier-runs.ts';
import type { RunFlags } from '../plan/flags.ts';
import { aboutSummary } from '../plan/handle-summary.ts';
import { withUnread } from '../plan/unread-targets.ts';
import { type JudgedRun, withBaseline } from '../results/baseline.ts';

/** Which k6 makes the load, and where. */
export interface LoadOrigin {
  readonly k6: K6;
  readonly stream: 'histograms' | 'samples';
  /** The cluster that makes the load; undefined: this machine. */
  readonly cluster: ClusterPlan | undefined;
  /** Further variables of the script. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly untilDecided: boolean;
  /** See Execution. */
  readonly endsEarly?: EarlyEnd;
}

/** The system that gets the load. */
export interface SystemUnderTest {
  /** Without secrets, for files and pages. */
  readonly environment: Environment;
  /** Its URL including a password; only for k6. */
  readonly url: string;
  readonly buildVersion: string;
  readonly branch: string | undefined;
  /** How it is monitored. */
  readonly watch: WatchPlan;
}

/** Rules of the verdict other than the targets. */
export interface JudgementRules {
  readonly judging: Judging;
  readonly baseline: BaselineChoice | undefined;
  readonly failOn: RunFlags['failOn'];
  /** Compares builds within this cycle, instead of with earlier runs. */
  readonly compare?: (judged: JudgedRun) => Promise<Result>;
}

/** Which files of a run are kept, where, and how its pages look. */
export interface OutputRules {
  readonly out: string;
  readonly keepRaw: boolean;
  /** Whether the bundled script is kept, which may contain secrets. */
  readonly keepBundle: boolean;
  readonly presentation: Presentation;
}

/** What all scenarios of a cycle share while they run. */
export interface CycleUnderWay {
  readonly load: LoadOrigin;
  readonly system: SystemUnderTest;
  readonly judgement: JudgementRules;
  readonly output: OutputRules;
  readonly records: Recorder;
  readonly interrupt: Interrupt;
  readonly listener: RunListener;
}

/** The result of a scenario, and the path of its page; null if it could not be written anywhere. */
export interface ReportedRun {
  readonly result: Result;
  readonly report: string | null;
}

/**
 * Runs, judges, records and reports one scenario; `checks`: what was verified before the load. Throws a UserError if it could
 * not be run.
 */
export async function runScenario(
  cycle: CycleUnderWay,
  scenario: PreparedScenario,
  checks: readonly Check[],
): Promise<ReportedRun> {
  const { records, interrupt, listener, load, system, judgement, output } = cycle;
  const { k6 } = load;
  const stream = streamOf(load, scenario);
  const { plan } = scenario;
  listener({ kind: 'scenario', plan, environment: system.environment, k6Version: k6.version, stream });
  const { folder, facts } = await openFolder(cycle, scenario, checks);
  const server = new ServerWatch(openSources(system.watch.sources), system.watch);
  // First, so that a run that is killed in its first second is recorded.
  const archive = new ArchiveWriter(join(folder, ARCHIVE_FILE), {
    facts,
    plannedDurationMs: plan.totalDurationMs + server.extraMs,
  });
  const progressId = await records.scenarioStarted(plan, folder, {
    url: system.environment.url,
    buildVersion: system.buildVersion,
  });
  try {
    // Before the load, because `node build.mjs` during a long run removes the chunks of this build.
    const [{ writeReportsSomewhere }] = await Promise.all([
      import('../results/report-files.ts'),
      import('../../compare/render.ts'),
    ]);
    announceIdle(server, cycle);
    await server.watchIdle(interrupt);
    const execution: Execution = {
      scenario,
      k6,
      stream,
      env: { ...scenario.env, ...load.variables },
      facts,
      archive,
      folder,
      keepRaw: output.keepRaw,
      untilDecided: load.untilDecided,
      endsEarly: load.endsEarly,
      warnings: warningsOf(scenario, k6),
      server,
      interrupt,
      listener,
    };
    const { cluster: place } = load;
    const executed = await (place === undefined
      ? executeScenario(execution)
      : (await import('../load/execute-on-cluster.ts')).executeOnCluster(execution, place));
    const analysed = analyse(executed, scenario);
    const judged = { folder, result: analysed, metrics: executed.metrics };
    const compared = await (judgement.compare?.(judged) ?? withBaseline(judged, { ...judgement, ...output }));
    const recorded = await record(records, progressId, compared, join(folder, 'report.html'));
    const reported = await writeReportsSomewhere(folder, recorded, executed.metrics, output.presentation);
    for (const problem of reported.problems) listener({ kind: 'trouble', text: problem });
    listener({ kind: 'finished', ...reported, metrics: executed.metrics });
    return reported;
  } catch (error) {
    server.stop();
    await archive.close();
    await records.scenarioFailed(progressId, redactText(messageOf(error)));
    throw error;
  }
}

/** Creates the run's folder with the bundle, and returns what is known of the run before its first sample. */
async function openFolder(
  cycle: CycleUnderWay,
  scenario: PreparedScenario,
  checks: readonly Check[],
): Promise<{ folder: string; facts: RunFacts }> {
  const { out, keepBundle } = cycle.output;
  const { environment, buildVersion, branch } = cycle.system;
  const { k6 } = cycle.load;
  const { bundle, plan } = scenario;
  const startedAtMs = Date.now();
  const { path: folder, run } = await createRunFolder(out, plan.name, startedAtMs);
  const files = [
    ['bundle.js', bundle.code],
    ['bundle.js.map', bundle.map],
  ] as const;
  if (keepBundle) await writeFiles(folder, new Map(files));
  const facts: RunFacts = {
    novaperfVersion: packageVersion,
    run,
    startedAtMs,
    process: await thisProcess(),
    plan,
    environment: environment.name,
    environmentSource: environment.source,
    targetUrl: environment.url,
    buildVersion,
    ...(branch === undefined ? {} : { branch }),
    judging: cycle.judgement.judging,
    ...(await earlierOf(cycle, scenario)),
    k6: { version: k6.version, path: k6.path, stream: streamOf(cycle.load, scenario), command: [] },
    machine: describeMachine(),
    verification: [...checks],
  };
  return { folder, facts };
}

/** The earlier runs that this one is pooled with; read before the load, so that a later report uses the same ones. */
async function earlierOf(cycle: CycleUnderWay, { bundle, plan }: PreparedScenario): Promise<Pick<RunFacts, 'earlier'>> {
  const { environment, buildVersion } = cycle.system;
  const { k6 } = cycle.load;
  const result = {
    ...{ scenario: plan.name, profile: plan.profile, options: resultOptions(plan) },
    ...{ environment: environment.name, target_url: environment.url, machine: resultMachine(describeMachine()), k6 },
  };
  const earlier = await earlierRuns({ result, scriptHash: hashOf(bundle.code) }, buildVersion, cycle.output.out);
  return earlier.length === 0 ? {} : { earlier };
}

/** If k6 downloads another k6 for an extension, that one lacks our output, so the samples stream is used. */
function streamOf({ stream }: LoadOrigin, { needsOtherK6 }: PreparedScenario): LoadOrigin['stream'] {
  return needsOtherK6 === true ? 'samples' : stream;
}

function announceIdle({ sources }: ServerWatch, { system: { watch }, listener }: CycleUnderWay): void {
  if (sources.length === 0 || watch.idleMs === 0) return;
  listener({ kind: 'idle', sources: sources.map(({ name }) => name), durationMs: watch.idleMs });
}

/** Warnings for the report: why no better k6 was found, and which options of the script have no effect. */
function warningsOf({ bundle, plan, warnings, callsSummary }: PreparedScenario, k6: K6): string[] {
  return [...k6.notes, ...warnings, ...bundle.warnings, ...aboutSummary(plan, callsSummary === true)];
}

/** Judges the run, from its archive or from memory. */
function analyse({ facts, outcome, metrics, archiveProblem }: Executed, { kpis, unread }: PreparedScenario): Result {
  const unkept = `Could not write the archive, so figures are from memory, in longer intervals: ${archiveProblem}`;
  const warnings = archiveProblem === undefined ? outcome.warnings : [...outcome.warnings, unkept];
  return withUnread(analyseRun({ facts, outcome: { ...outcome, warnings }, metrics, kpis }), unread);
}

/** Records that cannot be written are a finding, so that the run still has its report. */
async function record(records: Recorder, progressId: number, result: Result, reportPath: string): Promise<Result> {
  try {
    return { ...result, conport: await records.scenarioEnded(progressId, result, reportPath) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      ...result,
      findings: [...result.findings, warningFinding(`The records are incomplete: ${error.toText()}`)],
    };
  }
}
