// The workflow, in order: plan → begin → verify → (idle baseline → execute → analyse → record → report) for each scenario → close.
// Every stage takes and returns plain data; progress goes to the listeners as events.

import { join } from 'node:path';
import { followInTerminal } from '../../live/follow.ts';
import type { LivePage } from '../../live/live-page.ts';
import type { RunListener } from '../../live/run-event.ts';
import { UNKNOWN_BUILD } from '../../model/build.ts';
import type { Environment } from '../../model/environment.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import type { NotRun } from '../../model/run.ts';
import { planWatch } from '../../monitor/plan.ts';
import type { Recorder } from '../../records/cycle/recorder.ts';
import { makeOutFolder } from '../../runs/run-folder.ts';
import { durationMs } from '../../system/duration.ts';
import { messageOf, UserError } from '../../system/errors.ts';
import { EXIT, type ExitCode } from '../../system/exit-codes.ts';
import { type Interrupt, listenForInterrupt } from '../../system/interrupt.ts';
import { nearPath } from '../../system/near-path.ts';
import { asUserError } from '../../system/refusals.ts';
import type { Terminal } from '../../system/terminal.ts';
import { redactUrl } from '../../text/secrets.ts';
import { dryRunDocument, renderDryRun } from '../plan/dry-run.ts';
import type { RunFlags } from '../plan/flags.ts';
import { type CyclePlan, type CycleRequest, planCycle } from '../plan/plan-cycle.ts';
import { prepareScenarios } from '../plan/prepare.ts';
import { errorWithoutSecrets } from '../plan/without-secrets.ts';
import { completionFacts, endCycle, exitCodeOfCycle } from '../results/end-of-cycle.ts';
import { publish } from '../results/publish.ts';
import { type CycleOutcome, runSummary } from '../results/terminal-summary.ts';
import { beginRecords, componentOf } from './begin-records.ts';
import type { CapacityRules, PrepareStep } from './capacity.ts';
import { refuseCall } from './refused-call.ts';
import { type Repeats, runScenarioRepeatedly } from './repeats.ts';
import type { CycleUnderWay, ReportedRun } from './run-scenario.ts';
import { withTarget } from './target-lock.ts';
import { type Verified, verifyPlan } from './verify-plan.ts';

/** Runs one performance test cycle and returns its exit code. Throws a UserError if nothing could be run. */
export async function runCycle(request: CycleRequest, terminal: Terminal): Promise<ExitCode> {
  const beganAtMs = Date.now();
  const refused = async (thrown: unknown): Promise<never> => {
    const error = thrown instanceof UserError ? errorWithoutSecrets(thrown) : thrown;
    if (error instanceof UserError && !request.flags.dryRun) {
      const { flags, scenarios, projectDir } = request;
      await refuseCall({ ...flags, scenarios, projectDir, beganAtMs }, error, terminal);
    }
    throw error;
  };
  const plan = await planCycle(request, terminal.warn).catch(refused);
  if (plan.flags.dryRun) return showPlan(plan, terminal);
  let hasBegun = false;
  const work = async () => {
    hasBegun = true;
    const interrupt = listenForInterrupt(terminal.warn);
    const livePage = await openLivePage(plan, interrupt, terminal);
    const pages = livePage === undefined ? [] : [livePage.listener];
    const listener = broadcast([followInTerminal(terminal), summarise(plan, terminal), ...pages], terminal.warn);
    try {
      const records = await beginRecords(plan, terminal).catch(refused);
      const verified = await verifyPlan(plan, records, interrupt, terminal, beganAtMs);
      try {
        const ran = await runAll(plan, { ...verified, records, interrupt, listener });
        const outcome = await close(plan, ran, records, interrupt, terminal);
        const exitCode = exitCodeOf(outcome, interrupt);
        await publishOutcome(plan, ran, outcome, { interrupt, exitCode }, terminal);
        return exitCode;
      } finally {
        await verified.stop();
      }
    } finally {
      await livePage?.close();
      interrupt.release();
    }
  };
  try {
    await makeOutFolder(plan.out);
    return await withTargets(plan, work);
  } catch (error) {
    // A folder that cannot be made, a target that another cycle loads.
    if (hasBegun) throw error;
    return refused(error);
  }
}

/** Does `work` while all systems of the cycle are locked; a system that occurs twice is locked once. */
function withTargets<T>({ systems, other, flags }: CyclePlan, work: () => Promise<T>): Promise<T> {
  const waitMs = waitMsOf(flags);
  const urls = [...systems, ...(other === undefined ? [] : [other])].map(({ target }) => target.url);
  // In the same order in all cycles, to prevent a deadlock.
  const hosts = new Map(urls.filter((url) => url !== '').map((url) => [hostOf(url), url]));
  const ordered = [...hosts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, url]) => url);
  return ordered.reduceRight<() => Promise<T>>((inner, url) => () => withTarget(url, waitMs, inner), work)();
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

export type { CycleRequest };

function showPlan(plan: CyclePlan, terminal: Terminal): ExitCode {
  const dryRun = { ...plan, trial: plan.flags.verify };
  if (plan.flags.json) terminal.json(dryRunDocument(dryRun));
  else terminal.line(renderDryRun(dryRun));
  return EXIT.passed;
}

/** Opens the page of --live and prints its address. */
async function openLivePage(
  { flags: { live }, presentation }: CyclePlan,
  interrupt: Interrupt,
  { line, warn, style }: Terminal,
): Promise<LivePage | undefined> {
  if (live === undefined) return undefined;
  const { LivePage } = await import('../../live/live-page.ts');
  const page = await LivePage.open({ port: live === true ? undefined : live, presentation, interrupt, warn });
  line('  live page');
  line(`    ${style('cyan', page.url)}`);
  return page;
}

/** Sends every event to all listeners. One that fails gets no further events, and the run goes on. */
function broadcast(listeners: readonly RunListener[], warn: (text: string) => void): RunListener {
  const listening = new Set(listeners);
  return (event) => {
    for (const listener of listening) {
      try {
        listener(event);
      } catch (error) {
        listening.delete(listener);
        warn(`The progress display failed; the test is still running: ${messageOf(error)}`);
      }
    }
  };
}

/** Prints the summary of each run. */
function summarise({ flags }: CyclePlan, terminal: Terminal): RunListener {
  return (event) => {
    if (event.kind !== 'finished' || flags.json) return;
    const { result, report } = event;
    terminal.line(runSummary(result, report === null ? null : nearPath(report), terminal));
  };
}

interface Ran {
  readonly beganAtMs: number;
  readonly runs: readonly ReportedRun[];
  readonly failures: readonly NotRun[];
}

/** The rules of a capacity search, which the breakpoint profile is without a given duration. */
function capacityRules({ flags, config, conportDir, projectDir, k6 }: CyclePlan): CapacityRules | undefined {
  if (!traitsOf(flags.profile).isSearch || flags.duration !== undefined) return undefined;
  const prepareStep: PrepareStep = async ({ plan: { scriptPath } }, load) => {
    const held = { ...flags, ...load, isHeld: true };
    const [ready] = await prepareScenarios({ names: [scriptPath], projectDir, conportDir, flags: held, k6, config });
    if (ready === undefined)
      throw new UserError('Expected the scenario for another step, found that it no longer exists.', {
        where: scriptPath,
      });
    return ready;
  };
  const { maxRate, stepTime, maxStepTime } = flags;
  return { maxRate, stepTime, maxStepTime, prepareStep };
}

/** Runs the scenarios one after the other. One that k6 cannot start does not stop the others. */
async function runAll(
  plan: CyclePlan,
  stage: Verified & {
    readonly records: Recorder;
    readonly interrupt: Interrupt;
    readonly listener: RunListener;
  },
): Promise<Ran> {
  const { environments, records, interrupt, listener } = stage;
  const { flags, config } = plan;
  const cycleOn = (environment: Environment): CycleUnderWay & Repeats => ({
    ...{ records, interrupt, listener },
    load: { k6: plan.k6, stream: plan.stream, cluster: plan.cluster, untilDecided: flags.untilDecided !== undefined },
    system: {
      environment: { ...environment, url: redactUrl(environment.url) },
      url: environment.url,
      buildVersion: flags.build ?? environment.version ?? plan.versionFromGit ?? UNKNOWN_BUILD,
      branch: plan.branch,
      watch: planWatch(flags, config.environments.get(environment.name), environment, plan.scenarios[0]?.plan.profile),
    },
    judgement: { judging: plan.judging, baseline: plan.baseline, failOn: flags.failOn },
    output: { out: plan.out, keepRaw: flags.keepRaw, keepBundle: flags.bundle, presentation: plan.presentation },
    repeat: flags.repeat,
    two: plan.other,
    capacity: capacityRules(plan),
  });
  const beganAtMs = Date.now();
  const runs: ReportedRun[] = [];
  const failures: NotRun[] = [];
  for (const scenario of plan.scenarios) {
    const { name } = scenario.plan;
    if (interrupt.isRequested) {
      failures.push({ scenario: name, reason: 'not started, the cycle was interrupted' });
      continue;
    }
    const environment = environments.get(scenario);
    if (environment === undefined) throw new Error(`no environment was opened for ${name}`);
    try {
      const cycle = cycleOn(environment);
      for await (const run of runScenarioRepeatedly(cycle, scenario, stage)) runs.push(run);
    } catch (error) {
      const known = errorWithoutSecrets(asUserError(error));
      listener({ kind: 'failed', scenario: name, error: known });
      failures.push({ scenario: name, reason: known.message });
    }
  }
  return { beganAtMs, runs, failures };
}

/** Writes the cycle's report, its records and the list of all runs. A failed write does not change the verdict. */
async function close(
  { out, flags, presentation }: CyclePlan,
  { beganAtMs, runs, failures }: Ran,
  records: Recorder,
  interrupt: Interrupt,
  { warn }: Terminal,
): Promise<CycleOutcome> {
  const results = runs.map(({ result }) => result);
  const end = { results, folders: results.map(({ run }) => join(out, run)), failures, beganAtMs };
  const state = { isOpen: flags.cycle !== undefined, hasReports: runs.every(({ report }) => report !== null) };
  return endCycle(
    { ...end, ...state, out, presentation, conport: flags.conport },
    {
      progressId: records.progressId,
      decisionId: records.decisionId,
      close: (overallReport) =>
        records.close({
          results,
          overallReportPath: overallReport ?? out,
          interrupted: interrupt.isRequested,
          failures,
        }),
    },
    warn,
  );
}

async function publishOutcome(
  plan: CyclePlan,
  { beganAtMs, runs, failures }: Ran,
  outcome: CycleOutcome,
  { interrupt, exitCode }: { interrupt: Interrupt; exitCode: ExitCode },
  terminal: Terminal,
): Promise<void> {
  const { flags, out } = plan;
  const reports = runs.map(({ result, report }) => ({ folder: join(out, result.run), report }));
  await publish(
    plan,
    {
      ...completionFacts(outcome, reports, failures),
      ...{ exitCode, interrupted: interrupt.isRequested, beganAtMs, endedAtMs: Date.now(), trigger: flags.trigger },
      component: componentOf(plan),
      environment: plan.target.name,
      buildVersion: outcome.results[0]?.build_version ?? flags.build ?? '',
      openCycle: flags.cycle ?? null,
    },
    terminal,
    outcome,
  );
}

const DEFAULT_WAIT_MS = 3_600_000;

/** How long to wait for a system that another cycle loads; 0 without --wait. */
function waitMsOf({ wait }: RunFlags): number {
  if (wait === undefined) return 0;
  return wait === true ? DEFAULT_WAIT_MS : (durationMs(wait) ?? DEFAULT_WAIT_MS);
}

/** The code of the worst run; never 0 if a scenario could not run, and that of an interrupt if this was the reason. */
function exitCodeOf({ results, failures }: CycleOutcome, { isRequested }: Interrupt): ExitCode {
  return exitCodeOfCycle(results, failures.length === 0 ? [] : [isRequested ? EXIT.interrupted : EXIT.usage]);
}
