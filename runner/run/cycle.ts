// The workflow, in order: prepare → begin → verify → execute → analyse → record → close. No stage calls back.

import { join, resolve } from 'node:path';
import { worstStatus } from '../analysis/status.ts';
import { readProjectConfig } from '../config/project-config.ts';
import { findK6, type K6 } from '../k6/find.ts';
import { followRun } from '../live/follow.ts';
import { LivePage } from '../live/live-page.ts';
import type { Environment } from '../model/environment.ts';
import type { Result } from '../model/result.ts';
import { planWatch, type WatchPlan } from '../monitor/plan.ts';
import { repairStore } from '../records/check.ts';
import { CycleRecords } from '../records/cycle-records.ts';
import { openStore } from '../records/store.ts';
import type { Presentation } from '../report/presentation.ts';
import { makeOutFolder } from '../runs/run-folder.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { durationMs } from '../system/duration.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { type Interrupt, listenForInterrupt } from '../system/interrupt.ts';
import { nearPath } from '../system/near-path.ts';
import type { Terminal } from '../system/terminal.ts';
import { duration } from '../text/format.ts';
import { type Verification, verifyCycle } from '../verify/verify-cycle.ts';
import { trustOf } from '../verify/verify-scenario.ts';
import { tellCi } from './ci.ts';
import { dryRunDocument, renderDryRun } from './dry-run.ts';
import { type EnvironmentChoice, openEnvironment, permissionOf, plannedTarget } from './environment.ts';
import type { RunFlags } from './flags.ts';
import { prepareScenarios } from './prepare.ts';
import { presentationFor } from './presentation.ts';
import { pushAfterwards } from './push-afterwards.ts';
import { writeCiFiles, writeCycleReport, writeIndex } from './report-files.ts';
import { runScenario } from './run-scenario.ts';
import { type CycleOutcome, cycleDocument, cycleSummary, runSummary } from './summary.ts';
import { withTarget } from './target-lock.ts';

export interface CycleRequest {
  /** Names in scenarios/ or paths of scripts; none = every scenario that has the profile. */
  readonly scenarios: readonly string[];
  readonly flags: RunFlags;
  /** Where scenarios/ is and relative paths begin. */
  readonly projectDir: string;
}

interface Cycle {
  readonly request: CycleRequest;
  readonly terminal: Terminal;
  readonly out: string;
  readonly k6: K6;
  readonly scenarios: readonly PreparedScenario[];
  readonly environment: Environment;
  readonly verification: Verification;
  readonly buildVersion: string;
  readonly watch: WatchPlan;
  readonly presentation: Presentation;
  readonly records: CycleRecords;
  readonly interrupt: Interrupt;
  readonly livePage: LivePage | undefined;
}

/** Carries out one performance test cycle and returns its exit code. Throws a UserError where nothing could be run. */
export async function runCycle(request: CycleRequest, terminal: Terminal): Promise<ExitCode> {
  const { flags, projectDir } = request;
  const conportDir = resolve(projectDir, flags.conport);
  const config = await readProjectConfig(conportDir);
  const presentation = await presentationFor(flags, config, projectDir);
  const k6 = await findK6({ k6Flag: flags.k6, env: process.env, onProgress: (line) => terminal.warn(line) });
  const scenarios = await prepareScenarios({ names: request.scenarios, projectDir, conportDir, flags, k6, config });
  if (scenarios.length === 0) throw noScenario(request);
  const choice: EnvironmentChoice = {
    env: flags.env,
    baseUrl: flags.baseUrl,
    needed: scenarios.some(({ needsEnvironment }) => needsEnvironment),
    build: flags.build,
    allowTarget: flags.allowTarget,
    trust: trustOf(scenarios),
  };
  const target = plannedTarget(config, choice);
  const stream = streamFor(k6, flags);
  if (flags.dryRun) {
    const plan = { scenarios, k6, stream, target, trial: flags.verify };
    if (flags.json) terminal.json(dryRunDocument(plan));
    else terminal.line(renderDryRun(plan));
    return EXIT.passed;
  }
  const out = resolve(projectDir, flags.out);
  await makeOutFolder(out);
  return withTarget(target.url, waitMsOf(flags), async () => {
    const store = await openStore(conportDir);
    // What an earlier cycle left open when its process died is closed before this one begins.
    for (const done of (await repairStore(store)).done) terminal.warn(done);
    const interrupt = listenForInterrupt((requests) => terminal.warn(requests === 1 ? STOPPING : 'Stopping at once.'));
    let livePage: LivePage | undefined;
    try {
      livePage = await openLivePage(flags, presentation, interrupt, terminal);
      const records = await CycleRecords.begin(store, {
        component: componentOf(scenarios),
        scenarios: scenarios.map(({ plan }) => plan),
        environment: target.name,
        targetUrl: target.url,
        buildVersion: flags.build ?? '',
        trigger: flags.trigger,
        ...(flags.requestedBy === undefined ? {} : { requestedBy: flags.requestedBy }),
        beganAtMs: Date.now(),
      });
      // The records say why a cycle ended before any load.
      const abandoned = async (error: unknown) => {
        await records.abandon(messageOf(error));
        throw error;
      };
      const environment = await openEnvironment(config, choice).catch(abandoned);
      const buildVersion = flags.build ?? environment.version ?? 'unknown';
      const watch = planWatch(flags, config.environments.get(environment.name), environment);
      const permission = permissionOf(config, choice);
      const outcome = await verifyCycle({
        environment,
        scenarios,
        permission,
        trial: flags.verify ? { k6, interrupt } : undefined,
        terminal,
      })
        .catch(abandoned)
        .then((verification) => {
          const opened = { environment, verification, buildVersion, watch, presentation, livePage };
          return executeAll({ request, terminal, out, k6, scenarios, records, interrupt, ...opened }, stream);
        })
        .finally(() => environment.stop());
      if (flags.json) terminal.json(cycleDocument(outcome));
      else terminal.line(cycleSummary(outcome, terminal));
      await tellCi(outcome, terminal, process.env);
      if (flags.push) await pushAfterwards(conportDir, terminal);
      return exitCodeOf(outcome, interrupt);
    } finally {
      await livePage?.close();
      interrupt.release();
    }
  });
}

/** The page of --live, and its address for people. */
async function openLivePage(
  { live }: RunFlags,
  presentation: Presentation,
  interrupt: Interrupt,
  terminal: Terminal,
): Promise<LivePage | undefined> {
  if (live === undefined) return undefined;
  const page = await LivePage.open({
    port: live === true ? undefined : live,
    presentation,
    interrupt,
    warn: (text) => terminal.warn(text),
  });
  terminal.line(`  live page  ${terminal.style('cyan', page.url)}`);
  return page;
}

const STOPPING = '\nStopping: the run ends gracefully and is reported. Once more to stop at once.';
const DEFAULT_WAIT_MS = 3_600_000;

/** How long to wait for a target that another cycle loads: not at all without --wait. */
function waitMsOf({ wait }: RunFlags): number {
  if (wait === undefined) return 0;
  return wait === true ? DEFAULT_WAIT_MS : (durationMs(wait) ?? DEFAULT_WAIT_MS);
}

function noScenario({ flags, projectDir }: CycleRequest): UserError {
  return new UserError(`No scenario in scenarios/ takes part in the profile ${flags.profile ?? 'load'}.`, {
    where: resolve(projectDir, 'scenarios'),
    next: 'novaperf list shows which scenario has which profile; novaperf new <name> writes one',
  });
}

/** Where the samples come from: the toolkit's own output where k6 has it, unless --stream says otherwise. */
function streamFor(k6: K6, flags: RunFlags): 'histograms' | 'samples' {
  if (flags.stream === 'histograms' && !k6.hasHistograms) {
    throw new UserError(`--stream histograms: expected a k6 with the output "novaperf", found ${k6.path} without it.`, {
      next: 'leave --k6 and K6_BIN away to have one built with Go, or use --stream samples',
    });
  }
  if (flags.stream !== 'auto') return flags.stream;
  return k6.hasHistograms ? 'histograms' : 'samples';
}

/** One component's name, or the names of several in the order of their scenarios. */
function componentOf(scenarios: readonly PreparedScenario[]): string {
  return [...new Set(scenarios.map(({ plan }) => plan.component))].join(', ');
}

async function executeAll(cycle: Cycle, stream: 'histograms' | 'samples'): Promise<CycleOutcome> {
  const { request, terminal, records, interrupt, out } = cycle;
  const beganAtMs = Date.now();
  const results: Result[] = [];
  const failures: string[] = [];
  const unwritten: string[] = [];
  for (const scenario of cycle.scenarios) {
    if (interrupt.isRequested) {
      failures.push(`${scenario.plan.name}: not started, the cycle was interrupted`);
      continue;
    }
    try {
      const { result, folder } = await runOne(cycle, scenario, stream);
      results.push(result);
      if (!request.flags.json) terminal.line(runSummary(result, nearPath(join(folder, 'report.html')), terminal));
    } catch (error) {
      // A scenario that k6 cannot even start must not cost the others their run.
      if (!(error instanceof UserError)) throw error;
      terminal.warn(error.toText());
      cycle.livePage?.failed(scenario.plan.name, error.message);
      failures.push(`${scenario.plan.name}: ${error.message}`);
    }
  }
  const status = results.length === 0 ? 'error' : (worstStatus(results)?.status ?? 'error');
  const facts = { beganAtMs, endedAtMs: Date.now(), failures, outDir: out };
  const overallReport = await unlessUnwritten(writeCycleReport(out, results, facts), unwritten, terminal);
  const closed = await records.close({
    results,
    overallReportPath: overallReport ?? out,
    interrupted: interrupt.isRequested,
    failures,
  });
  const index = await unlessUnwritten(writeIndex(out, cycle.presentation), unwritten, terminal);
  await unlessUnwritten(writeCiFiles(out, results, failures), unwritten, terminal);
  return {
    status: failures.length + unwritten.length > 0 && status === 'pass' ? 'error' : status,
    results: results.map((result) => ({
      ...result,
      conport: { ...result.conport, test_execution_report: closed.testExecutionReport },
    })),
    failures,
    unwritten,
    overallReport: overallReport === undefined ? null : nearPath(overallReport),
    index: index === undefined ? null : nearPath(index),
    conport: {
      directory: request.flags.conport,
      progress_id: records.progressId,
      decision_id: records.decisionId,
      test_execution_report: closed.testExecutionReport,
    },
  };
}

/** The path of a file that was written. The records of the runs must be closed on a full disk too. */
async function unlessUnwritten(
  written: Promise<string>,
  unwritten: string[],
  terminal: Terminal,
): Promise<string | undefined> {
  try {
    return await written;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.warn(error.toText());
    unwritten.push(error.message);
    return undefined;
  }
}

async function runOne(cycle: Cycle, scenario: PreparedScenario, stream: 'histograms' | 'samples') {
  const { terminal, environment } = cycle;
  const { plan } = scenario;
  const target = environment.url === '' ? 'the target the script names' : environment.url;
  terminal.line();
  terminal.line(
    `${terminal.style('bold', plan.name)}  ${plan.profile === 'own' ? 'its own load' : plan.profile} → ${target}${environment.source === 'as-scripted' ? '' : ` (${environment.name})`}, k6 ${cycle.k6.version}, ${stream}`,
  );
  const view = followRun(plan, terminal);
  cycle.livePage?.prepare(plan.name);
  try {
    return await runScenario({
      scenario,
      k6: cycle.k6,
      stream,
      environment,
      verification: cycle.verification.get(scenario) ?? [],
      buildVersion: cycle.buildVersion,
      watch: cycle.watch,
      out: cycle.out,
      keepRaw: cycle.request.flags.keepRaw,
      presentation: cycle.presentation,
      records: cycle.records,
      interrupt: cycle.interrupt,
      livePage: cycle.livePage,
      onStart: () => undefined,
      onWatch: ({ sources }, baselineMs) => {
        if (sources.length === 0 || baselineMs === 0) return;
        const names = sources.map(({ name }) => name).join(', ');
        terminal.line(`  watching ${names}; idle for ${duration(baselineMs, { trim: true })} before the load`);
      },
      onTick: (tick) => view.show(tick),
      onLog: (line) => terminal.warn(`  ${line}`),
    });
  } finally {
    view.end();
  }
}

/** The code of the worst run; a cycle in which a scenario could not run at all is never 0, and interrupted where that is why. */
function exitCodeOf(cycle: CycleOutcome, { isRequested }: Interrupt): ExitCode {
  const worst = worstStatus(cycle.results);
  if (worst !== undefined && worst.status !== 'pass') return worst.exit_code;
  if (cycle.failures.length === 0) return cycle.unwritten.length === 0 ? EXIT.passed : EXIT.crashed;
  return isRequested ? EXIT.interrupted : EXIT.usage;
}
