// The workflow, in order: plan → begin → verify → (idle baseline → execute → analyse → record → report) for each scenario → close.
// Every stage takes plain data and returns plain data; what happens meanwhile goes to the listeners as events.

import { worstStatus } from '../analysis/status.ts';
import { followInTerminal } from '../live/follow.ts';
import { LivePage } from '../live/live-page.ts';
import type { RunListener } from '../live/run-event.ts';
import type { Environment } from '../model/environment.ts';
import type { Result } from '../model/result.ts';
import { planWatch } from '../monitor/plan.ts';
import { repairStore } from '../records/check.ts';
import { CycleRecords } from '../records/cycle-records.ts';
import { openStore } from '../records/store.ts';
import { makeOutFolder } from '../runs/run-folder.ts';
import { durationMs } from '../system/duration.ts';
import { messageOf } from '../system/errors.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { type Interrupt, listenForInterrupt } from '../system/interrupt.ts';
import { nearPath } from '../system/near-path.ts';
import { asUserError } from '../system/refusals.ts';
import type { Terminal } from '../system/terminal.ts';
import { type Verification, verifyCycle } from '../verify/verify-cycle.ts';
import { tellCi } from './ci.ts';
import { dryRunDocument, renderDryRun } from './dry-run.ts';
import { openEnvironment } from './environment.ts';
import type { RunFlags } from './flags.ts';
import { type CyclePlan, type CycleRequest, planCycle } from './plan-cycle.ts';
import { pushAfterwards } from './push-afterwards.ts';
import { writeCiFiles, writeCycleReport, writeIndex } from './report-files.ts';
import { type ReportedRun, runScenario } from './run-scenario.ts';
import { type CycleOutcome, cycleDocument, cycleSummary, runSummary } from './summary.ts';
import { withTarget } from './target-lock.ts';

/** Carries out one performance test cycle and returns its exit code. Throws a UserError where nothing could be run. */
export async function runCycle(request: CycleRequest, terminal: Terminal): Promise<ExitCode> {
  const plan = await planCycle(request, terminal.warn);
  if (plan.flags.dryRun) return showPlan(plan, terminal);
  await makeOutFolder(plan.out);
  return withTarget(plan.target.url, waitMsOf(plan.flags), async () => {
    const interrupt = listenForInterrupt(terminal.warn);
    const livePage = await openLivePage(plan, interrupt, terminal);
    const pages = livePage === undefined ? [] : [livePage.listener];
    const listener = broadcast([followInTerminal(terminal), summarise(plan, terminal), ...pages], terminal.warn);
    try {
      const records = await begin(plan, terminal);
      const { environment, verification } = await verify(plan, records, interrupt, terminal);
      try {
        const ran = await runAll(plan, { environment, verification, records, interrupt, listener });
        const outcome = await close(plan, ran, records, interrupt, terminal);
        await publish(plan, outcome, terminal);
        return exitCodeOf(outcome, interrupt);
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
async function begin(plan: CyclePlan, { warn }: Terminal): Promise<CycleRecords> {
  const { flags, scenarios, target, conportDir } = plan;
  const store = await openStore(conportDir);
  for (const done of (await repairStore(store)).done) warn(done);
  return CycleRecords.begin(store, {
    component: [...new Set(scenarios.map(({ plan: { component } }) => component))].join(', '),
    scenarios: scenarios.map((scenario) => scenario.plan),
    environment: target.name,
    targetUrl: target.url,
    buildVersion: flags.build ?? '',
    trigger: flags.trigger,
    ...(flags.requestedBy === undefined ? {} : { requestedBy: flags.requestedBy }),
    beganAtMs: Date.now(),
  });
}

interface Verified {
  readonly environment: Environment;
  readonly verification: Verification;
}

/** Opens the environment and makes every check. Where one fails, the records say why there was no load. */
async function verify(
  { config, choice, scenarios, flags, k6 }: CyclePlan,
  records: CycleRecords,
  interrupt: Interrupt,
  terminal: Terminal,
): Promise<Verified> {
  let environment: Environment | undefined;
  try {
    environment = await openEnvironment(config, choice);
    const trial = flags.verify ? { k6, interrupt } : undefined;
    const verification = await verifyCycle({ environment, scenarios, permission: config, trial, terminal });
    return { environment, verification };
  } catch (error) {
    await environment?.stop();
    await records.abandon(messageOf(error));
    throw error;
  }
}

interface Ran {
  readonly beganAtMs: number;
  readonly runs: readonly ReportedRun[];
  /** Scenarios that could not run: `name: reason`. */
  readonly failures: readonly string[];
}

/** One scenario after the other. One that k6 cannot even start must not cost the others their run. */
async function runAll(
  plan: CyclePlan,
  stage: Verified & {
    readonly records: CycleRecords;
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
  };
  const beganAtMs = Date.now();
  const runs: ReportedRun[] = [];
  const failures: string[] = [];
  for (const scenario of plan.scenarios) {
    const { name } = scenario.plan;
    if (interrupt.isRequested) {
      failures.push(`${name}: not started, the cycle was interrupted`);
      continue;
    }
    try {
      runs.push(await runScenario(cycle, scenario, stage.verification.get(scenario) ?? []));
    } catch (error) {
      const known = asUserError(error);
      listener({ kind: 'failed', scenario: name, error: known });
      failures.push(`${name}: ${known.message}`);
    }
  }
  return { beganAtMs, runs, failures };
}

/** The cycle's report, its records and the list of all runs. What cannot be written costs the cycle no verdict. */
async function close(
  { out, flags, presentation }: CyclePlan,
  { beganAtMs, runs, failures }: Ran,
  records: CycleRecords,
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
  const facts = { beganAtMs, endedAtMs: Date.now(), failures, outDir: out };
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
  await unlessUnwritten(writeCiFiles(out, results, failures));
  const testReport = closed?.testExecutionReport ?? null;
  const status = worstStatus(results)?.status ?? 'error';
  return {
    status: failures.length > 0 && status === 'pass' ? 'error' : status,
    results: results.map(
      (result): Result => ({ ...result, conport: { ...result.conport, test_execution_report: testReport } }),
    ),
    failures,
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

/** The completion summary, CI and the ConPort server. A run whose report is nowhere on disk goes to stdout as a document. */
async function publish({ flags, conportDir }: CyclePlan, outcome: CycleOutcome, terminal: Terminal): Promise<void> {
  if (!flags.json) terminal.line(cycleSummary(outcome, terminal));
  if (flags.json || !outcome.hasReports) terminal.json(cycleDocument(outcome));
  await tellCi(outcome, terminal, process.env);
  if (flags.push) await pushAfterwards(conportDir, terminal);
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
