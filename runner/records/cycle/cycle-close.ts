// Writes the last records of a cycle: the report item with its links, the active context, and the closed main item.

import type { ProgressStatus } from '../../config/items.ts';
import type { Result } from '../../model/result.ts';
import type { NotRun } from '../../model/run.ts';
import { UserError } from '../../system/errors.ts';
import { recordLine, recordText } from '../../text/record-text.ts';
import type { Standing } from '../store/own-sentence.ts';
import { renewStep } from '../store/plan-steps.ts';
import { dayOf, keyPart, numbered } from '../store/record-keys.ts';
import type { ConportStore } from '../store/store.ts';
import { ERROR_LOGS_CATEGORY } from './error-logs.ts';
import { type ExecutionReportInput, executionReport, REPORTS_CATEGORY } from './execution-report.ts';
import { changedContext, type OpenIssue, summaryOf } from './open-issues.ts';
import { itemsOf, NOTES_CATEGORY } from './performance-notes.ts';
import { settledIssues } from './settled-issues.ts';

export interface Closing extends ExecutionReportInput {
  readonly status: ProgressStatus;
  /** Open issues that the cycle found. */
  readonly issues: readonly OpenIssue[];
  /** The last line of the main item's description; by default the status. */
  readonly reason?: string;
  /** The summary in the active context's sentence; by default the numbers of scenarios and targets. */
  readonly summary?: string;
}

/** Writes the records that close a cycle; returns the key of its TestExecutionReports item. */
export async function closeCycle(store: ConportStore, closing: Closing): Promise<string> {
  const { progressId, status, results, component } = closing;
  const base = `${keyPart(component)}_Performance_${dayOf(closing.beganAtMs)}`;
  const key = await store.customData.create(REPORTS_CATEGORY, numbered(base), () => ({
    ...executionReport(closing),
    ...store.cycleMark,
  }));
  await linkReport(store, key, closing);
  const standing: Standing = {
    component,
    environment: closing.environment,
    build_version: results[0]?.build_version ?? closing.buildVersion,
    ended_at: new Date(closing.endedAtMs).toISOString(),
    summary: closing.summary ?? summaryOf(closing),
    status,
    progress_id: progressId,
    report: `${REPORTS_CATEGORY}:${key}`,
    ...store.cycleMark,
  };
  const trouble = await renewContext(store, standing, closing);
  await renewStep(store, progressId, progressId, { status, result_ref: `${REPORTS_CATEGORY}:${key}` });
  // The main item is closed last, so a closed item means that all other records exist.
  await endMain(store, progressId, status, `${closing.reason ?? status} (${REPORTS_CATEGORY}:${key})${trouble}`);
  return key;
}

/** Updates the active context. If it was broken during the load, the cycle is still closed, with the returned note. */
async function renewContext(store: ConportStore, standing: Standing, { issues, results }: Closing): Promise<string> {
  try {
    const settled = await settledIssues(store, results);
    await store.updateActiveContext((context) => changedContext(context, { standing, add: issues, settled }));
    return '';
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `; the active context was not updated: ${error.message} ${error.where ?? ''}`;
  }
}

async function linkReport(store: ConportStore, key: string, closing: Closing): Promise<void> {
  const report = ['custom_data', `${REPORTS_CATEGORY}:${key}`] as const;
  await store.link(report, 'reports_on', ['progress_entry', closing.progressId]);
  for (const item of itemsOf(closing.results.flatMap(({ kpis }) => kpis))) {
    await store.link(report, 'judged_by', ['custom_data', item]);
  }
  for (const note of closing.results.flatMap(({ conport }) => conport.performance_notes)) {
    await store.link(['custom_data', `${NOTES_CATEGORY}:${note}`], 'part_of', report);
  }
  for (const log of new Set(closing.results.flatMap(({ conport }) => conport.error_logs))) {
    await store.link(['custom_data', `${ERROR_LOGS_CATEGORY}:${log}`], 'part_of', report);
  }
}

/** Sets the last status of the main item, which then neither names a process nor waits for calls. */
export async function endMain(store: ConportStore, id: number, status: ProgressStatus, reason: string): Promise<void> {
  await store.progress.update(id, ({ runner: _runner, open_cycle: _open, ...entry }) => ({
    ...entry,
    status,
    ...described(entry.description, reason),
  }));
}

/** Sets the last status of a scenario's item, with the reason, and of its step in the plan. `exitCode`: for a scenario without a result. */
export async function endChild(
  store: ConportStore,
  id: number,
  status: ProgressStatus,
  reason: string,
  { resultRef = null, exitCode }: { readonly resultRef?: string | null; readonly exitCode?: number } = {},
): Promise<void> {
  const { parent_id } = await store.progress.update(id, ({ runner: _runner, ...entry }) => ({
    ...entry,
    status,
    ...described(entry.description, reason),
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
  }));
  if (parent_id !== null) await renewStep(store, parent_id, id, { status, result_ref: resultRef });
}

/** The status of a closed cycle: `DONE` only if every scenario ran and left neither notes nor error logs. */
export function closingStatus(end: {
  readonly interrupted: boolean;
  readonly results: readonly Result[];
  readonly failures: readonly NotRun[];
}): ProgressStatus {
  const { interrupted, results, failures } = end;
  if (interrupted) return 'BLOCKED';
  const clean = results.every(
    ({ status, conport }) =>
      (status === 'pass' || status === 'unjudged') &&
      conport.performance_notes.length + conport.error_logs.length === 0,
  );
  return clean && failures.length === 0 && results.length > 0 ? 'DONE' : 'DONE_WITH_ISSUES_NOTED';
}

/** The outcome of an item, as a field and added to its description, because a ConPort server has only the description. */
function described(description: string, reason: string): { readonly description: string; readonly outcome: string } {
  const outcome = recordLine(reason, 2000);
  return { description: recordText(`${description}\n${outcome}`), outcome };
}
