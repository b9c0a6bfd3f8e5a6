// The workflow, in order: plan → begin → verify → (idle baseline → execute → analyse → record → report) for each scenario → close.
// Every stage takes plain data and returns plain data; what happens meanwhile goes to the listeners as events.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { worstStatus } from '../analysis/status.ts';
import { followInTerminal } from '../live/follow.ts';
import { LivePage } from '../live/live-page.ts';
import type { RunListener } from '../live/run-event.ts';
import type { Completion } from '../model/completion.ts';
import type { Environment } from '../model/environment.ts';
import type { Result } from '../model/result.ts';
import type { NotRun } from '../model/run.ts';
import { planWatch } from '../monitor/plan.ts';
import { repairStore } from '../records/check.ts';
import { CycleRecords } from '../records/cycle-records.ts';
import { recallOpen } from '../records/recall.ts';
import { NO_RECORDS, type Recorder } from '../records/recorder.ts';
import { openStore } from '../records/store.ts';
import { withServer } from '../records/with-server.ts';
import { makeOutFolder, writeFiles } from '../runs/run-folder.ts';
import { durationMs } from '../system/duration.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { type Interrupt, listenForInterrupt } from '../system/interrupt.ts';
import { nearPath } from '../system/near-path.ts';
import { asUserError } from '../system/refusals.ts';
import type { Terminal } from '../system/terminal.ts';
import { type Verification, verifyCycle } from '../verify/verify-cycle.ts';
import { tellCi } from './ci.ts';
import { completionOf, type PushState } from './completion.ts';
import { completionMarkdown } from './completion-markdown.ts';
import { dryRunDocument, renderDryRun } from './dry-run.ts';
import { openEnvironment } from './environment.ts';
import type { RunFlags } from './flags.ts';
import { type CyclePlan, type CycleRequest, planCycle } from './plan-cycle.ts';
import { pushAfterwards } from './push-afterwards.ts';
import { writeCiFiles, writeCycleReport, writeIndex } from './report-files.ts';
import { type ReportedRun, runScenario } from './run-scenario.ts';
import { type CycleOutcome, cycleSummary, runSummary } from './summary.ts';
import { withTarget } from './target-lock.ts';

/** Carries out one performance test cycle and returns its exit code. Throws a UserError where nothing could be run. */
export async function runCycle(request: CycleRequest, terminal: Terminal): Promise<ExitCode> {
  const beganAtMs = Date.now();
  const refused = async (error: unknown): Promise<never> => {
    if (error instanceof UserError && !request.flags.dryRun) await refuse(request, error, beganAtMs, terminal);
    throw error;
  };
  const plan = await planCycle(request, terminal.warn).catch(refused);
  if (plan.flags.dryRun) return showPlan(plan, terminal);
  await makeOutFolder(plan.out);
  return withTarget(plan.target.url, waitMsOf(plan.flags), async () => {
    const interrupt = listenForInterrupt(terminal.warn);
    const livePage = await openLivePage(plan, interrupt, terminal);
    const pages = livePage === undefined ? [] : [livePage.listener];
    const listener = broadcast([followInTerminal(terminal), summarise(plan, terminal), ...pages], terminal.warn);
    try {
      const records = await begin(plan, terminal);
      const { environment, verification } = await verify(plan, records, interrupt, terminal, beganAtMs);
      try {
        const ran = await runAll(plan, { environment, verification, records, interrupt, listener });
        const outcome = await close(plan, ran, records, interrupt, terminal);
        const exitCode = exitCodeOf(outcome, interrupt);
        await publish(plan, ran, outcome, { environment, records, interrupt, exitCode }, terminal);
        return exitCode;
      } finally {
        await environment.stop();
      }
    } finally {
      await livePage?.close();
      interrupt.release();
    }
  });
}

export type { CycleRequest };

function showPlan(plan: CyclePlan, terminal: Terminal): ExitCode {
  const dryRun = { ...plan, trial: plan.flags.verify };
  if (plan.flags.json) terminal.json(dryRunDocument(dryRun));
  else terminal.line(renderDryRun(dryRun));
  return EXIT.passed;
}

/** The page of --live, and its address for people. */
async function openLivePage(
  { flags: { live }, presentation }: CyclePlan,
  interrupt: Interrupt,
  { line, warn, style }: Terminal,
): Promise<LivePage | undefined> {
  if (live === undefined) return undefined;
  const page = await LivePage.open({ port: live === true ? undefined : live, presentation, interrupt, warn });
  line('  live page');
  line(`    ${style('cyan', page.url)}`);
  return page;
}

/** Every event goes to all. A listener that fails gets no further ones, and the run goes on. */
function broadcast(listeners: readonly RunListener[], warn: (text: string) => void): RunListener {
  const listening = new Set(listeners);
  return (event) => {
    for (const listener of listening) {
      try {
        listener(event);
      } catch (error) {
        listening.delete(listener);
        warn(`A display of the run failed; the test is still running: ${messageOf(error)}`);
      }
    }
  };
}

/** Prints what each run came to. */
function summarise({ flags }: CyclePlan, terminal: Terminal): RunListener {
  return (event) => {
    if (event.kind !== 'finished' || flags.json) return;
    const { result, report } = event;
    terminal.line(runSummary(result, report === null ? null : nearPath(report), terminal));
  };
}

/** The records of the cycle are begun; what an earlier one left open when its process died is closed before. */
async function begin(plan: CyclePlan, { warn }: Terminal): Promise<Recorder> {
  const { flags, scenarios, target, conportDir, config } = plan;
  if (!flags.records || !config.records) return NO_RECORDS;
  const store = await openStore(conportDir);
  for (const done of (await repairStore(store)).done) warn(done);
  if (config.conportServer !== undefined) await recall(plan, warn);
  return CycleRecords.begin(store, {
    component: componentOf(plan),
    scenarios: scenarios.map((scenario) => scenario.plan),
    environment: target.name,
    targetUrl: target.url,
    buildVersion: flags.build ?? '',
    trigger: flags.trigger,
    ...(flags.requestedBy === undefined ? {} : { requestedBy: flags.requestedBy }),
    beganAtMs: Date.now(),
  });
}

function componentOf({ scenarios }: CyclePlan): string {
  return [...new Set(scenarios.map(({ plan: { component } }) => component))].join(', ');
}

/** What the server knows of earlier cycles, for a store that has none of it. A server that is away costs no run. */
async function recall({ scenarios, conportDir }: CyclePlan, warn: (text: string) => void): Promise<void> {
  try {
    const components = scenarios.map(({ plan: { component } }) => component);
    await withServer(conportDir, (store, connection) => recallOpen(store, connection, components));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warn(`Open errors of earlier cycles were not looked up on the ConPort server.\n${error.toText()}`);
  }
}

/** A call that could not become a cycle (exit code 2) is recorded, pushed and printed like any other end. */
async function refuse(
  { flags, scenarios, projectDir }: CycleRequest,
  error: UserError,
  beganAtMs: number,
  terminal: Terminal,
): Promise<void> {
  const conportDir = resolve(projectDir, flags.conport);
  const environment = flags.baseUrl === undefined ? (flags.env ?? 'not opened') : 'base-url';
  const component = flags.component ?? (scenarios.join(', ') || 'every scenario');
  // A mistyped command must not make a folder of records where there is none.
  const hasRecords = flags.records && existsSync(conportDir);
  const records = hasRecords
    ? await recordRefused(conportDir, { component, environment, flags, beganAtMs }, error).catch(() => undefined)
    : undefined;
  const push = records !== undefined && flags.push ? await pushAfterwards(conportDir, terminal) : OFF;
  const common = { component, environment, buildVersion: flags.build ?? '', trigger: flags.trigger, beganAtMs };
  const conport = records === undefined ? null : { directory: flags.conport, ...records };
  const completion = completionOf({
    ...NOTHING_RAN,
    ...common,
    exitCode: error.exitCode,
    error,
    push,
    records: conport,
  });
  if (flags.json) terminal.json(completion);
}

const OFF: PushState = { state: 'off' };

/** What a completion says of a cycle that sent no load. */
const NOTHING_RAN = {
  status: 'error',
  interrupted: false,
  runs: [],
  notRun: [],
  overallReport: null,
  index: null,
  get endedAtMs() {
    return Date.now();
  },
} as const;

async function recordRefused(
  conportDir: string,
  facts: { component: string; environment: string; flags: RunFlags; beganAtMs: number },
  error: UserError,
) {
  const { flags, component, environment, beganAtMs } = facts;
  const records = await CycleRecords.begin(await openStore(conportDir), {
    ...{ component, environment, beganAtMs, scenarios: [], targetUrl: flags.baseUrl ?? '', trigger: flags.trigger },
    buildVersion: flags.build ?? '',
    ...(flags.requestedBy === undefined ? {} : { requestedBy: flags.requestedBy }),
  });
  const testExecutionReport = await records.abandon(messageOf(error));
  return { progressId: records.progressId, decisionId: records.decisionId, testExecutionReport };
}

interface Verified {
  readonly environment: Environment;
  readonly verification: Verification;
}

/** Opens the environment and makes every check. Where one fails, the records say why there was no load. */
async function verify(
  plan: CyclePlan,
  records: Recorder,
  interrupt: Interrupt,
  terminal: Terminal,
  beganAtMs: number,
): Promise<Verified> {
  const { config, choice, scenarios, flags, k6 } = plan;
  let environment: Environment | undefined;
  try {
    environment = await openEnvironment(config, choice);
    const trial = flags.verify ? { k6, interrupt } : undefined;
    const verification = await verifyCycle({ environment, scenarios, permission: config, trial, terminal });
    return { environment, verification };
  } catch (error) {
    await environment?.stop();
    const testExecutionReport = await records.abandon(messageOf(error));
    if (error instanceof UserError) await notVerified(plan, records, error, testExecutionReport, beganAtMs, terminal);
    throw error;
  }
}

/** The completion of a cycle whose environment did not verify (exit code 3). */
async function notVerified(
  plan: CyclePlan,
  { progressId, decisionId }: Recorder,
  error: UserError,
  testExecutionReport: string | null,
  beganAtMs: number,
  terminal: Terminal,
): Promise<void> {
  const { flags, conportDir, scenarios, target, out } = plan;
  const push = flags.push && progressId !== null ? await pushAfterwards(conportDir, terminal) : OFF;
  const completion = completionOf({
    ...NOTHING_RAN,
    ...{
      component: componentOf(plan),
      environment: target.name,
      buildVersion: flags.build ?? '',
      trigger: flags.trigger,
    },
    ...{ beganAtMs, exitCode: error.exitCode, error, push },
    notRun: scenarios.map(({ plan: { name } }) => ({ scenario: name, reason: 'not started' })),
    records: progressId === null ? null : { directory: flags.conport, progressId, decisionId, testExecutionReport },
  });
  await writeCompletion(out, completion).catch(() => undefined);
  if (flags.json) terminal.json(completion);
}

interface Ran {
  readonly beganAtMs: number;
  readonly runs: readonly ReportedRun[];
  readonly failures: readonly NotRun[];
}

/** One scenario after the other. One that k6 cannot even start must not cost the others their run. */
async function runAll(
  plan: CyclePlan,
  stage: Verified & {
    readonly records: Recorder;
    readonly interrupt: Interrupt;
    readonly listener: RunListener;
  },
): Promise<Ran> {
  const { environment, interrupt, listener } = stage;
  const { flags, config, baseline } = plan;
  const cycle = {
    ...plan,
    ...stage,
    buildVersion: flags.build ?? environment.version ?? plan.versionFromGit ?? 'unknown',
    watch: planWatch(flags, config.environments.get(environment.name), environment),
    keepRaw: flags.keepRaw,
    baseline,
    failOn: flags.failOn,
    untilDecided: flags.untilDecided !== undefined,
  };
  const beganAtMs = Date.now();
  const runs: ReportedRun[] = [];
  const failures: NotRun[] = [];
  for (const scenario of plan.scenarios) {
    const { name } = scenario.plan;
    if (interrupt.isRequested) {
      failures.push({ scenario: name, reason: 'not started, the cycle was interrupted' });
      continue;
    }
    try {
      runs.push(await runScenario(cycle, scenario, stage.verification.get(scenario) ?? []));
    } catch (error) {
      const known = asUserError(error);
      listener({ kind: 'failed', scenario: name, error: known });
      failures.push({ scenario: name, reason: known.message });
    }
  }
  return { beganAtMs, runs, failures };
}

/** The cycle's report, its records and the list of all runs. What cannot be written costs the cycle no verdict. */
async function close(
  { out, flags, presentation }: CyclePlan,
  { beganAtMs, runs, failures }: Ran,
  records: Recorder,
  interrupt: Interrupt,
  { warn }: Terminal,
): Promise<CycleOutcome> {
  const unwritten: string[] = [];
  const unlessUnwritten = async <T>(written: Promise<T>): Promise<T | undefined> => {
    try {
      return await written;
    } catch (error) {
      const known = asUserError(error);
      warn(known.toText());
      unwritten.push(known.message);
      return undefined;
    }
  };
  const results = runs.map(({ result }) => result);
  const texts = failures.map(({ scenario, reason }) => `${scenario}: ${reason}`);
  const facts = { beganAtMs, endedAtMs: Date.now(), failures: texts, outDir: out };
  const overallReport = await unlessUnwritten(writeCycleReport(out, results, facts));
  const closed = await unlessUnwritten(
    records.close({
      results,
      overallReportPath: overallReport ?? out,
      interrupted: interrupt.isRequested,
      failures,
    }),
  );
  const index = await unlessUnwritten(writeIndex(out, presentation));
  await unlessUnwritten(writeCiFiles(out, results, texts));
  const testReport = closed?.testExecutionReport ?? null;
  const status = worstStatus(results)?.status ?? 'error';
  return {
    status: failures.length > 0 && status === 'pass' ? 'error' : status,
    results: results.map(
      (result): Result => ({ ...result, conport: { ...result.conport, test_execution_report: testReport } }),
    ),
    failures: texts,
    unwritten,
    hasReports: runs.every(({ report }) => report !== null),
    overallReport: overallReport === undefined ? null : nearPath(overallReport),
    index: index === undefined ? null : nearPath(index),
    conport: {
      directory: flags.conport,
      progress_id: records.progressId,
      decision_id: records.decisionId,
      test_execution_report: testReport,
    },
  };
}

/** The ConPort server, the completion and CI. A run whose report is nowhere on disk goes to stdout as a document. */
async function publish(
  plan: CyclePlan,
  { beganAtMs, runs, failures }: Ran,
  outcome: CycleOutcome,
  end: { environment: Environment; records: Recorder; interrupt: Interrupt; exitCode: ExitCode },
  terminal: Terminal,
): Promise<void> {
  const { flags, conportDir, out } = plan;
  if (!flags.json) terminal.line(cycleSummary(outcome, terminal));
  const { conport } = outcome;
  const push = flags.push && conport.progress_id !== null ? await pushAfterwards(conportDir, terminal) : OFF;
  const completion = completionOf({
    status: outcome.status,
    exitCode: end.exitCode,
    interrupted: end.interrupt.isRequested,
    component: componentOf(plan),
    environment: end.environment.name,
    buildVersion: outcome.results[0]?.build_version ?? flags.build ?? '',
    trigger: flags.trigger,
    beganAtMs,
    endedAtMs: Date.now(),
    runs: runs.map(({ report }, index) => {
      const result = outcome.results[index] ?? runs[index]?.result;
      if (result === undefined) throw new Error('a run without a result');
      return { result, folder: nearPath(join(out, result.run)), report: report === null ? null : nearPath(report) };
    }),
    notRun: failures,
    overallReport: outcome.overallReport,
    index: outcome.index,
    records:
      conport.progress_id === null
        ? null
        : {
            directory: conport.directory,
            progressId: conport.progress_id,
            decisionId: conport.decision_id,
            testExecutionReport: conport.test_execution_report,
          },
    push,
    error: undefined,
  });
  await writeCompletion(out, completion).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    terminal.warn(error.toText());
  });
  const whole = outcome.hasReports ? completion : { ...completion, results: outcome.results };
  if (flags.json || !outcome.hasReports) terminal.json(whole);
  await tellCi(outcome, terminal, process.env);
}

/** completion.json and completion.md of the cycle that ended last, next to the overall reports. */
async function writeCompletion(out: string, completion: Completion): Promise<void> {
  await writeFiles(
    out,
    new Map([
      ['completion.json', `${JSON.stringify(completion, null, 2)}\n`],
      ['completion.md', completionMarkdown(completion)],
    ]),
  );
}

const DEFAULT_WAIT_MS = 3_600_000;

/** How long to wait for a target that another cycle loads: not at all without --wait. */
function waitMsOf({ wait }: RunFlags): number {
  if (wait === undefined) return 0;
  return wait === true ? DEFAULT_WAIT_MS : (durationMs(wait) ?? DEFAULT_WAIT_MS);
}

/** The code of the worst run; a cycle in which a scenario could not run at all is never 0, and interrupted where that is why. */
function exitCodeOf({ results, failures }: CycleOutcome, { isRequested }: Interrupt): ExitCode {
  const worst = worstStatus(results);
  if (worst !== undefined && worst.status !== 'pass') return worst.exit_code;
  if (failures.length === 0) return EXIT.passed;
  return isRequested ? EXIT.interrupted : EXIT.usage;
}
