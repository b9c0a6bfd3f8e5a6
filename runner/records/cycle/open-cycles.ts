// Finds open cycles by the process in their main item, and closes those of dead processes.

import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Progress } from '../../config/items.ts';
import { type Result, resultSchema } from '../../model/result.ts';
import type { NotRun } from '../../model/run.ts';
import { UserError } from '../../system/errors.ts';
import { filesIn } from '../../system/exclusive-file.ts';
import { processIdentitySchema, stateOf, thisProcess } from '../../system/process-identity.ts';
import { errorLogSchema } from '../store/error-log-value.ts';
import { performanceNoteSchema, qaPlanSchema } from '../store/item-values.ts';
import { PLAN_CATEGORY, planKey } from '../store/plan-steps.ts';
import type { ConportStore } from '../store/store.ts';
import { closeCycle, endChild, endMain } from './cycle-close.ts';
import { ERROR_LOGS_CATEGORY, isOpen } from './error-logs.ts';
import { REPORTS_CATEGORY } from './execution-report.ts';
import { errorIssue, noteIssue, type OpenIssue } from './open-issues.ts';
import { NOTES_CATEGORY } from './performance-notes.ts';

const runnerSchema = processIdentitySchema.extend({ planned_ms: z.number().nonnegative().default(0) });
type Runner = z.infer<typeof runnerSchema>;

/** Time that a cycle may need outside its load: start, pre-flight checks, reports. */
const OUTSIDE_LOAD_MS = 3_600_000;

/** A cycle that was begun and not closed. `elsewhere`: on another machine, and within the time that it may need. */
export interface OpenCycle {
  readonly main: Progress;
  readonly runner: Runner;
  readonly state: 'running' | 'gone' | 'elsewhere';
}

/** All open cycles, by id. Items that people wrote name no process and are ignored. */
export async function findOpenCycles(store: ConportStore, nowMs = Date.now()): Promise<OpenCycle[]> {
  const cycles: OpenCycle[] = [];
  for (const id of await store.progress.ids()) {
    const main = await readable(store, id);
    if (main?.status !== 'IN_PROGRESS' || typeof main.scenario === 'string') continue;
    const runner = runnerSchema.safeParse(main.runner).data;
    if (runner === undefined) continue;
    const state = await stateOf(runner);
    const overdue = nowMs > Date.parse(main.timestamp) + runner.planned_ms + OUTSIDE_LOAD_MS;
    cycles.push({ main, runner, state: state === 'elsewhere' && overdue ? 'gone' : state });
  }
  return cycles;
}

/** A progress item; undefined for a broken one, which `conport check` reports. */
async function readable(store: ConportStore, id: number): Promise<Progress | undefined> {
  try {
    return await store.progress.read(id);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/**
 * Closes the cycle of a dead process: the cycle and its unfinished scenarios become BLOCKED, and ended scenarios are reported. Returns
 * the key of its report item, or undefined if it still runs or another process closes it.
 */
export async function repairCycle(anyStore: ConportStore, cycle: OpenCycle): Promise<string | undefined> {
  const store = anyStore.ofCycle(cycle.main.cycle_key);
  if (cycle.state !== 'gone' || !(await claim(store, cycle))) return undefined;
  const { main, runner } = cycle;
  const died = `the process that ran the cycle (${runner.pid} on ${runner.host}) ended without closing it`;
  const children = (await store.progress.all()).filter(({ parent_id }) => parent_id === main.id);
  const plan = await planOf(store, main.id);
  const records = await recordsOf(store, children);
  const results: Result[] = [];
  const failures: NotRun[] = [];
  for (const child of children) {
    const result = await resultOf(store, child);
    if (result !== undefined && child.status !== 'IN_PROGRESS') {
      results.push({ ...result, conport: { ...result.conport, ...records.of(child.id) } });
      continue;
    }
    const name =
      plan?.scenarios.find(({ progress_id }) => progress_id === child.id)?.scenario ?? `progress ${child.id}`;
    failures.push({ scenario: name, reason: `${child.status === 'TODO' ? 'not started' : 'running'} when ${died}` });
    if (child.status !== 'TODO' && child.status !== 'IN_PROGRESS') continue;
    const folder =
      typeof child.run_folder === 'string' ? `; for a report of its data: novaperf report ${child.run_folder}` : '';
    const reason = child.status === 'TODO' ? `not started: ${died}` : `interrupted: ${died}${folder}`;
    await endChild(store, child.id, 'BLOCKED', reason);
  }
  const earlier = await earlierReport(store, main.id);
  if (earlier !== undefined) {
    // The process died after it wrote the report item and before it closed the main item.
    await endMain(store, main.id, 'BLOCKED', `${died} (${REPORTS_CATEGORY}:${earlier})`);
    return earlier;
  }
  return closeCycle(store, {
    component: plan?.component ?? results[0]?.component ?? 'unknown',
    environment: plan?.environment ?? results[0]?.environment ?? 'unknown',
    targetUrl: plan?.target_url ?? '',
    buildVersion: plan?.build_version ?? '',
    trigger: plan?.trigger ?? 'unknown',
    beganAtMs: Date.parse(main.timestamp),
    endedAtMs: await lastWriteMs(store, main, children),
    status: 'BLOCKED',
    reason: died,
    results,
    failures,
    interrupted: true,
    overallReportPath: null,
    progressId: main.id,
    decisionId: plan?.decision_id ?? null,
    issues: records.issues,
  });
}

/** Whether this process may repair the cycle: of several simultaneous repairs, the first replaces the dead process in the item. */
async function claim(store: ConportStore, { main, runner }: OpenCycle): Promise<boolean> {
  const mine = await thisProcess();
  let claimed = false;
  await store.progress.update(main.id, (entry) => {
    const now = runnerSchema.safeParse(entry.runner).data;
    claimed =
      entry.status === 'IN_PROGRESS' &&
      now?.pid === runner.pid &&
      now.host === runner.host &&
      now.started === runner.started;
    return claimed ? { ...entry, runner: { ...mine, planned_ms: 0 } } : entry;
  });
  return claimed;
}

/** The result of a run, from the folder that its item names; undefined if there is none or it is not valid. */
export async function resultOf(store: ConportStore, child: Progress): Promise<Result | undefined> {
  if (typeof child.run_folder !== 'string') return undefined;
  try {
    return resultSchema.safeParse(
      JSON.parse(await readFile(resolve(store.projectDir, child.run_folder, 'result.json'), 'utf8')),
    ).data;
  } catch {
    return undefined;
  }
}

/** The last time that the cycle wrote into a run's folder, as its estimated end; milliseconds since 1970. */
async function lastWriteMs(store: ConportStore, main: Progress, children: readonly Progress[]): Promise<number> {
  let lastMs = Date.parse(main.timestamp);
  for (const { run_folder: folder } of children) {
    if (typeof folder !== 'string') continue;
    const path = resolve(store.projectDir, folder);
    for (const name of await filesIn(path)) {
      const { mtimeMs } = await stat(join(path, name));
      lastMs = Math.max(lastMs, mtimeMs);
    }
  }
  return Math.round(lastMs);
}

/** The notes and error logs of each scenario's item, found by their links, and the open issues in them. */
export async function recordsOf(store: ConportStore, children: readonly Progress[]) {
  const keysOf = new Map<number, { performance_notes: string[]; error_logs: string[] }>(
    children.map(({ id }) => [id, { performance_notes: [], error_logs: [] }]),
  );
  const issues: OpenIssue[] = [];
  for (const link of await store.links.all()) {
    const keys = link.target_item_type === 'progress_entry' ? keysOf.get(Number(link.target_item_id)) : undefined;
    const colon = link.source_item_id.indexOf(':');
    const [category, key] = [link.source_item_id.slice(0, colon), link.source_item_id.slice(colon + 1)];
    if (keys === undefined || (category !== NOTES_CATEGORY && category !== ERROR_LOGS_CATEGORY)) continue;
    keys[category === NOTES_CATEGORY ? 'performance_notes' : 'error_logs'].push(key);
    const value = await readableValue(store, category, key);
    const text = category === NOTES_CATEGORY ? textOfNote(value) : textOfError(value);
    if (text !== undefined) issues.push({ item: link.source_item_id, text });
  }
  return { of: (id: number) => keysOf.get(id) ?? { performance_notes: [], error_logs: [] }, issues };
}

const BROKEN = 'the item is not valid; novaperf conport check names the field';

function textOfNote(value: unknown): string {
  const note = performanceNoteSchema.safeParse(value).data;
  return note === undefined ? BROKEN : noteIssue(note);
}

/** The issue's text; undefined for an error that is not open. */
function textOfError(value: unknown): string | undefined {
  if (!isOpen(value)) return undefined;
  const log = errorLogSchema.safeParse(value).data;
  return log === undefined ? BROKEN : errorIssue(log.component ?? '', log.summary);
}

/** The value of an item; undefined if it does not exist or is broken. */
async function readableValue(store: ConportStore, category: string, key: string): Promise<unknown> {
  try {
    return (await store.customData.read(category, key))?.value;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

async function earlierReport(store: ConportStore, mainId: number): Promise<string | undefined> {
  const link = (await store.links.all()).find(
    (each) =>
      each.relationship_type === 'reports_on' &&
      each.target_item_type === 'progress_entry' &&
      each.target_item_id === String(mainId),
  );
  return link?.source_item_id.slice(`${REPORTS_CATEGORY}:`.length);
}

/** The plan of a cycle; undefined if it does not exist or is not valid. */
export async function planOf(store: ConportStore, mainId: number) {
  const item = await store.customData.read(PLAN_CATEGORY, planKey(mainId));
  return qaPlanSchema.safeParse(item?.value).data;
}
