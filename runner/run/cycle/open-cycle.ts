// `novaperf cycle begin` and `novaperf cycle close`: one set of records and one overall report for scenarios run by several calls.

import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readProjectConfig } from '../../config/project-config.ts';
import { UNNAMED_ENVIRONMENTS } from '../../model/environment.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { beginCycle, type ParentProgress } from '../../records/cycle/cycle-begin.ts';
import { closeDelegatedCycle, gatherCycle, readDelegatedCycle } from '../../records/cycle/delegated-cycle.ts';
import { itemsOf } from '../../records/cycle/performance-notes.ts';
import { repairStore } from '../../records/repair/check.ts';
import { withServer } from '../../records/server/with-server.ts';
import { planKey } from '../../records/store/plan-steps.ts';
import { type ConportStore, openStore } from '../../records/store/store.ts';
import { makeOutFolder } from '../../runs/run-folder.ts';
import { UserError } from '../../system/errors.ts';
import { EXIT, type ExitCode } from '../../system/exit-codes.ts';
import { withLock } from '../../system/lock.ts';
import type { Terminal } from '../../system/terminal.ts';
import type { RunFlags } from '../plan/flags.ts';
import { planCycle } from '../plan/plan-cycle.ts';
import { presentationFor } from '../plan/presentation.ts';
import { completionFacts, endCycle, exitCodeOfCycle } from '../results/end-of-cycle.ts';
import { publish } from '../results/publish.ts';
import { pushAfterwards } from '../results/push-afterwards.ts';

/** Arguments of `novaperf cycle begin`. */
export interface CycleBeginRequest {
  /** Scenarios that later calls will run; empty: each call adds its own. */
  readonly scenarios: readonly string[];
  readonly flags: RunFlags;
  readonly projectDir: string;
  /** `7`: an item of these records, or else of the server; `server:7`: of the server. */
  readonly parentProgress: string | undefined;
}

/** Writes the records that begin a cycle and prints its id. No load is sent. Throws a UserError if they cannot be written. */
export async function beginOpenCycle(request: CycleBeginRequest, terminal: Terminal): Promise<void> {
  const { flags, projectDir, scenarios, parentProgress } = request;
  const conportDir = resolve(projectDir, flags.conport);
  const config = await readProjectConfig(conportDir, projectDir);
  if (!flags.records || !config.records) {
    throw new UserError('Expected records for a cycle in several commands, found records disabled.', {
      where: config.where,
      next: 'remove testing.performance.records: false',
    });
  }
  const planned = scenarios.length === 0 ? undefined : await planCycle(request, terminal.warn);
  const plans = (planned?.scenarios ?? []).map(({ plan }): ScenarioPlan => plan);
  const store = await openStore(conportDir);
  for (const done of (await repairStore(store)).done) terminal.warn(done);
  const components = [...new Set(plans.map(({ component }) => component))];
  const begun = await beginCycle(store, {
    component:
      flags.component ?? (components.join(', ') || config.projectName || 'components of the delegated scenarios'),
    scenarios: plans,
    environment:
      planned?.target.name ??
      (flags.baseUrl === undefined ? (flags.env ?? 'as delegated') : UNNAMED_ENVIRONMENTS['base-url']),
    targetUrl: planned?.target.url ?? flags.baseUrl ?? '',
    buildVersion: flags.build ?? '',
    trigger: flags.trigger,
    targetItems: itemsOf((planned?.scenarios ?? []).flatMap(({ kpis }) => kpis)),
    ...(flags.requestedBy === undefined ? {} : { requestedBy: flags.requestedBy }),
    ...(parentProgress === undefined
      ? {}
      : { parent: await parentOf(store, parentProgress, config.conportServer !== undefined) }),
    beganAtMs: Date.now(),
    isDelegated: true,
  });
  const push = flags.push ? await pushAfterwards(conportDir, terminal) : undefined;
  const names = push?.state === 'done' ? push.outcome.names : undefined;
  const { progressId, decisionId } = begun;
  const next = [`novaperf run --cycle ${progressId} <scenario…>`, `novaperf cycle close ${progressId}`];
  if (flags.json) {
    terminal.json({
      schema_version: 1,
      kind: 'novaperf.cycle',
      cycle: progressId,
      progress: { local: progressId, server: names?.progress[progressId]?.server_id ?? null },
      decision: { local: decisionId, server: names?.decisions[decisionId]?.server_id ?? null },
      plan: `LeadPhaseExecutionPlan:${planKey(progressId)}`,
      scenarios: begun.children.map(({ id, plan }) => ({
        scenario: plan.name,
        profile: plan.profile,
        progress_id: id,
      })),
      next,
    });
    return;
  }
  terminal.line(
    `cycle ${progressId} is open: progress ${progressId}, decision ${decisionId}, LeadPhaseExecutionPlan:${planKey(progressId)}`,
  );
  for (const step of next) terminal.line(`  ${step}`);
}

const rowSchema = z.looseObject({ id: z.number().int() });

async function parentOf(store: ConportStore, text: string, hasServer: boolean): Promise<ParentProgress> {
  const [, prefix, digits] = /^(server:)?([1-9]\d*)$/.exec(text) ?? [];
  const id = Number(digits);
  if (digits === undefined) {
    throw new UserError(
      `--parent-progress: expected the id of a progress item, such as 7 or server:7, found "${text}".`,
    );
  }
  if (prefix === undefined && (await store.progress.read(id)) !== undefined) return { id };
  if (hasServer) {
    const rows = await withServer(store.dir, async (_store, connection) =>
      z.array(rowSchema).parse(await connection.list('get_progress')),
    );
    if (rows.some((row) => row.id === id)) return { serverId: id };
  }
  throw new UserError(
    `--parent-progress: expected the id of a progress item, found no item ${id} here${hasServer ? ' or on the ConPort server' : ''}.`,
    {
      where: store.progress.path(id),
      next: hasServer
        ? 'check its id on the server'
        : 'if the item is only on a ConPort server, configure that server in ProjectConfig',
    },
  );
}

/** Arguments of `novaperf cycle close`. */
export interface CycleCloseRequest {
  readonly id: number;
  readonly flags: { readonly conport: string; readonly out: string; readonly push: boolean; readonly json: boolean };
  readonly projectDir: string;
}

/** Closes the cycle; returns the exit code that a single run of all its scenarios would have. */
export async function closeOpenCycle(
  { id, flags, projectDir }: CycleCloseRequest,
  terminal: Terminal,
): Promise<ExitCode> {
  const conportDir = resolve(projectDir, flags.conport);
  const config = await readProjectConfig(conportDir, projectDir);
  const out = resolve(projectDir, flags.out);
  const presentation = await presentationFor({ template: undefined, assets: 'inline' }, config, projectDir);
  const store = await openStore(conportDir);
  for (const done of (await repairStore(store)).done) terminal.warn(done);
  return withLock(join(conportDir, `.close-${id}.lock`), async () => {
    const cycle = await readDelegatedCycle(store, id);
    const gathered = await gatherCycle(store, cycle);
    await makeOutFolder(out);
    const { beginning, results, folders, failures, codesWithoutResult, decisionId } = gathered;
    const { beganAtMs, component, environment, buildVersion, trigger } = beginning;
    const ending = { results, folders, failures, beganAtMs, out, presentation, conport: flags.conport };
    const outcome = await endCycle(
      { ...ending, isOpen: false, hasReports: true },
      {
        progressId: id,
        decisionId,
        close: (overallReport) => closeDelegatedCycle(store, cycle, gathered, overallReport ?? null),
      },
      terminal.warn,
    );
    const exitCode = exitCodeOfCycle(results, codesWithoutResult);
    const reports = folders.map((folder) => ({ folder, report: join(folder, 'report.html') }));
    const facts = {
      ...completionFacts(outcome, reports, failures),
      ...{ exitCode, interrupted: exitCode === EXIT.interrupted, beganAtMs, endedAtMs: Date.now() },
      ...{ component, environment, buildVersion, trigger, closedCycle: id },
    };
    await publish({ flags, conportDir, out }, facts, terminal, outcome);
    return exitCode;
  });
}
