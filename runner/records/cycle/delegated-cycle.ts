// A cycle of several calls: `cycle begin` opens it, each `run --cycle` adds scenarios, `cycle close` collects the results and closes it.

import { join, resolve } from 'node:path';
import type { Progress } from '../../config/items.ts';
import type { Result } from '../../model/result.ts';
import type { NotRun } from '../../model/run.ts';
import { UserError } from '../../system/errors.ts';
import { EXIT, type ExitCode } from '../../system/exit-codes.ts';
import { withLock } from '../../system/lock.ts';
import { processIdentitySchema, stateOf, thisProcess } from '../../system/process-identity.ts';
import type { ConportStore } from '../store/store.ts';
import { type BegunCycle, type Child, type CycleBeginning, linkTargets, plannedLater } from './cycle-begin.ts';
import { closeCycle, closingStatus, endChild } from './cycle-close.ts';
import { planOf, recordsOf, resultOf } from './open-cycles.ts';
import type { OpenIssue } from './open-issues.ts';

/** An open cycle, and the progress items of its scenarios. */
export interface DelegatedCycle {
  readonly main: Progress;
  readonly children: readonly Progress[];
}

/** All cycles that `cycle close` has not closed, by id. Broken items are ignored; `conport check` reports them. */
export async function findDelegatedCycles(store: ConportStore): Promise<DelegatedCycle[]> {
  const items: Progress[] = [];
  for (const id of await store.progress.ids()) {
    const item = await store.progress.read(id).catch((error: unknown) => {
      if (error instanceof UserError) return undefined;
      throw error;
    });
    if (item !== undefined) items.push(item);
  }
  return items.filter(isOpenCycle).map((main) => ({ main, children: items.filter((item) => isChild(item, main)) }));
}

function isOpenCycle({ open_cycle, status }: Progress): boolean {
  return open_cycle === true && status === 'IN_PROGRESS';
}

function isChild({ parent_id, scenario }: Progress, { id }: Progress): boolean {
  return parent_id === id && typeof scenario === 'string';
}

/** A sentence on an open cycle: since when it is open, how many scenarios ended, and the command that closes it. */
export function waitingText({ main, children }: DelegatedCycle): string {
  const ended = children.filter(({ status }) => status !== 'TODO' && status !== 'IN_PROGRESS').length;
  return `cycle ${main.id} is open since ${main.timestamp.slice(0, 16).replace('T', ' ')} UTC, ${ended} of ${children.length} scenarios ended: novaperf cycle close ${main.id}`;
}

/** The open cycle of this id. Throws a UserError if there is none, or if it is closed. */
export async function readDelegatedCycle(store: ConportStore, mainId: number): Promise<DelegatedCycle> {
  const main = await store.progress.read(mainId);
  const open = await findDelegatedCycles(store);
  const found = open.find(({ main: { id } }) => id === mainId);
  if (found !== undefined) return found;
  const state =
    main === undefined
      ? 'no such progress item'
      : `progress ${mainId} with the status ${main.status}, which is no open cycle`;
  const ids = open.map((each) => each.main.id).join(', ');
  throw new UserError(`Expected the id of an open cycle, found ${state}.`, {
    where: store.progress.path(mainId),
    next: ids === '' ? 'open one with novaperf cycle begin, which prints the id' : `open: ${ids}`,
  });
}

/** Adds the scenarios of a call to the cycle. Scenarios that `cycle begin` planned use the items made for them. */
export async function joinCycle(
  anyStore: ConportStore,
  mainId: number,
  { scenarios: plans, targetItems = [] }: Pick<CycleBeginning, 'scenarios' | 'targetItems'>,
): Promise<BegunCycle> {
  // Locked, so that two simultaneous calls do not use the same planned item.
  return withLock(join(anyStore.dir, '.cycle.lock'), async () => {
    const { main, children: known } = await readDelegatedCycle(anyStore, mainId);
    const store = anyStore.ofCycle(main.cycle_key);
    const runner = await thisProcess();
    const plan = await planOf(store, mainId);
    const children: Child[] = [];
    for (const scenario of plans) {
      const place = known.find(
        (item) =>
          item.status === 'TODO' &&
          item.runner === undefined &&
          item.scenario === scenario.name &&
          item.profile === scenario.profile &&
          children.every(({ id }) => id !== item.id),
      );
      const id = place?.id ?? (await plannedLater(store, mainId, scenario));
      await store.progress.update(id, (entry) => ({ ...entry, runner }));
      children.push({ id, plan: scenario, state: 'planned' });
    }
    const decisionId = plan?.decision_id ?? 0;
    if (decisionId !== 0) await linkTargets(store, decisionId, targetItems);
    return { store, progressId: mainId, decisionId, children };
  });
}

/** Records a refused call (exit code 2) in its cycle. Its scenarios count as not run until a later call runs. */
export async function recordRefusedCall(
  anyStore: ConportStore,
  mainId: number,
  call: { readonly scenarios: string; readonly reason: string; readonly exitCode: number },
): Promise<void> {
  const { main } = await readDelegatedCycle(anyStore, mainId);
  const store = anyStore.ofCycle(main.cycle_key);
  const id = await store.progress.create((number) => ({
    id: number,
    timestamp: new Date().toISOString(),
    status: 'IN_PROGRESS',
    description: `Execute the performance test ${call.scenarios}`,
    parent_id: mainId,
    scenario: call.scenarios,
    is_refused: true,
    ...store.cycleMark,
  }));
  await endChild(store, id, 'FAILED', `refused: ${call.reason}`, { exitCode: call.exitCode });
}

/** The outcome of all calls of a cycle. */
export interface GatheredCycle {
  readonly beginning: CycleBeginning;
  readonly decisionId: number | null;
  readonly results: readonly Result[];
  /** The absolute folder of each result. */
  readonly folders: readonly string[];
  readonly failures: readonly NotRun[];
  /** Exit codes of calls without a result: 2, 3, or 105 for an interrupted one. */
  readonly codesWithoutResult: readonly ExitCode[];
  readonly issues: readonly OpenIssue[];
}

/**
 * Collects the results of all calls from their folders, in the order of their items, and the scenarios that did not run. A scenario that
 * a later call ran does not count as not run. Throws a UserError if a call is still running.
 */
export async function gatherCycle(store: ConportStore, { main, children }: DelegatedCycle): Promise<GatheredCycle> {
  const running = [];
  for (const child of children) if (await isRunning(child)) running.push(`progress ${child.id} (${child.scenario})`);
  if (running.length > 0) {
    throw new UserError(
      `Expected every scenario of cycle ${main.id} to have ended, found ${running.join(', ')} running.`,
      { next: 'close the cycle after it has ended' },
    );
  }
  const plan = await planOf(store, main.id);
  const records = await recordsOf(store, children);
  const results: Result[] = [];
  const folders: string[] = [];
  const failures: NotRun[] = [];
  const codes: ExitCode[] = [];
  for (const child of children) {
    const result = await resultOf(store, child);
    const isOver = child.status !== 'TODO' && child.status !== 'IN_PROGRESS';
    if (result !== undefined && isOver) {
      results.push({ ...result, conport: { ...result.conport, ...records.of(child.id) } });
      folders.push(resolve(store.projectDir, String(child.run_folder)));
      continue;
    }
    if (hasRunSince(child, children)) continue;
    const reason = isOver ? outcomeOf(child) : child.runner === undefined ? 'no call ran it' : 'its process died';
    const isLost = child.status.startsWith('DONE');
    failures.push({
      scenario: String(child.scenario),
      reason: isLost ? `its result is not in ${child.run_folder}` : reason,
    });
    codes.push(codeOf(child));
  }
  return {
    beginning: {
      component: componentOf(results, plan?.component),
      scenarios: [],
      environment: results[0]?.environment ?? plan?.environment ?? 'unknown',
      targetUrl: results[0]?.target_url ?? plan?.target_url ?? '',
      buildVersion: results[0]?.build_version ?? plan?.build_version ?? '',
      trigger: plan?.trigger ?? 'requested',
      beganAtMs: Date.parse(main.timestamp),
    },
    decisionId: plan?.decision_id ?? null,
    results,
    folders,
    failures,
    codesWithoutResult: codes,
    issues: records.issues,
  };
}

function componentOf(results: readonly Result[], planned: string | undefined): string {
  return [...new Set(results.map(({ component }) => component))].join(', ') || (planned ?? 'unknown');
}

/**
 * Whether a later call ran the same scenario. For a refused call, any later call counts because its scenario name may have been wrong, and
 * also an earlier one of the same scenario.
 */
function hasRunSince({ id, scenario, is_refused }: Progress, children: readonly Progress[]): boolean {
  return children.some((other) => {
    if (other.run_folder === undefined) return false;
    const isLater = other.id > id;
    return is_refused === true ? isLater || other.scenario === scenario : isLater && other.scenario === scenario;
  });
}

/** Why a scenario has no result. Records before the field `outcome` say it in the last line of their description. */
function outcomeOf({ outcome, description, status }: Progress): string {
  return outcome ?? (description.split('\n').at(-1)?.trim() || status);
}

function codeOf({ exit_code, status }: Progress): ExitCode {
  if (exit_code === EXIT.environment) return EXIT.environment;
  return status === 'BLOCKED' ? EXIT.interrupted : EXIT.usage;
}

async function isRunning(child: Progress): Promise<boolean> {
  if (child.status !== 'TODO' && child.status !== 'IN_PROGRESS') return false;
  const runner = processIdentitySchema.safeParse(child.runner).data;
  if (runner === undefined) return false;
  const state = await stateOf(runner);
  return state === 'running' || (state === 'elsewhere' && Date.now() < Date.parse(child.timestamp) + ELSEWHERE_MS);
}

/** Whether a process of another machine still runs is not known here, so it counts as gone after a day. */
const ELSEWHERE_MS = 86_400_000;

/** Sets the items of calls to BLOCKED if their process died; returns one sentence for each. */
export async function endDeadCalls(anyStore: ConportStore): Promise<string[]> {
  const done: string[] = [];
  for (const { main, children } of await findDelegatedCycles(anyStore)) {
    const store = anyStore.ofCycle(main.cycle_key);
    for (const child of children) {
      const open = child.status === 'TODO' || child.status === 'IN_PROGRESS';
      if (!open || child.runner === undefined || (await isRunning(child))) continue;
      await endChild(store, child.id, 'BLOCKED', 'interrupted: its process ended without closing it');
      done.push(
        `progress ${child.id} is BLOCKED now: its process ended without closing it; cycle ${main.id} stays open`,
      );
    }
  }
  return done;
}

/** Writes the records that close the cycle; returns the key of its report item and the main item's status. */
export async function closeDelegatedCycle(
  anyStore: ConportStore,
  { main, children }: DelegatedCycle,
  gathered: GatheredCycle,
  overallReportPath: string | null,
): Promise<{ testExecutionReport: string; status: string }> {
  const store = anyStore.ofCycle(main.cycle_key);
  for (const child of children) {
    if (child.status === 'TODO') await endChild(store, child.id, 'FAILED', 'no call of the cycle ran it');
  }
  const { beginning, results, failures, issues, decisionId } = gathered;
  const interrupted = results.length === 0 && gathered.codesWithoutResult.includes(EXIT.interrupted);
  const status = closingStatus({ interrupted, results, failures });
  const testExecutionReport = await closeCycle(store, {
    ...beginning,
    ...{ results, failures, issues, decisionId, status, interrupted },
    overallReportPath: overallReportPath === null ? null : store.pathFromProject(overallReportPath),
    endedAtMs: Date.now(),
    progressId: main.id,
  });
  return { testExecutionReport, status };
}
