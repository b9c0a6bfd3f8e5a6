// The distinct functional errors of a run → ErrorLogs items: a new item each, or a further sighting in an existing one.

import { join } from 'node:path';
import { checksAreExplained } from '../../analysis/findings/by-cause.ts';
import { reproductionSteps } from '../../analysis/result/reproduction.ts';
import type { Result, ResultError } from '../../model/result.ts';
import { isRecord } from '../../system/json.ts';
import { withLock } from '../../system/lock.ts';
import { recordLine, recordText } from '../../text/record-text.ts';
import type { ErrorLog } from '../store/error-log-value.ts';
import { dayOf, keyAndNumbered, keyPart } from '../store/record-keys.ts';
import type { ConportStore } from '../store/store.ts';
import {
  actualOf,
  descriptionOf,
  expectedOf,
  PRIORITY_OF,
  severityOf,
  summaryOf,
  symptomOf,
} from './error-log-words.ts';
import { isFunctional, signatureOf } from './error-signature.ts';

export const ERROR_LOGS_CATEGORY = 'ErrorLogs';

/** Scripts can create a new message every time; further errors are only in the run's report. */
const MOST_PER_RUN = 50;

/** An error with this status is reopened when it is seen again. */
const FIXED = 'RESOLVED';
/** Errors with these statuses stay closed, even if they are seen again. */
export const CLOSED_FOR_GOOD: readonly string[] = ['CLOSED_WONTFIX', 'CLOSED_DUPLICATE'];

/** Whether an ErrorLogs item is neither resolved nor closed. */
export function isOpen(value: unknown): boolean {
  return isRecord(value) && typeof value.status === 'string' && ![FIXED, ...CLOSED_FOR_GOOD].includes(value.status);
}

/** The sum of all errors with the same signature. */
export interface DistinctError {
  readonly signature: string;
  readonly error: ResultError;
}

/** The distinct functional errors of a run, most frequent first, and how many more there were. */
export function distinctErrors(result: Result): { errors: DistinctError[]; leftOut: number } {
  const bySignature = new Map<string, ResultError>();
  for (const error of result.errors.filter(isFunctional)) {
    const signature = signatureOf(result, error);
    const earlier = bySignature.get(signature);
    bySignature.set(signature, earlier === undefined ? error : sum(earlier, error));
  }
  const errors = [...bySignature].map(([signature, error]) => ({ signature, error }));
  errors.sort((a, b) => b.error.count - a.error.count);
  return { errors: errors.slice(0, MOST_PER_RUN), leftOut: Math.max(0, errors.length - MOST_PER_RUN) };
}

function sum(a: ResultError, b: ResultError): ResultError {
  const times = (pick: (error: ResultError) => string | null) =>
    [pick(a), pick(b)].flatMap((time) => time ?? []).sort();
  return {
    ...a,
    count: a.count + b.count,
    share: a.share === null || b.share === null ? null : Math.min(1, a.share + b.share),
    first_seen_at: times((error) => error.first_seen_at)[0] ?? null,
    last_seen_at: times((error) => error.last_seen_at).at(-1) ?? null,
  };
}

export interface ErrorContext {
  readonly result: Result;
  readonly progressId: number;
  readonly reportPath: string;
}

/** An item that a run created or updated. */
export interface LoggedError {
  readonly key: string;
  readonly summary: string;
  /** false if people have closed it for good. */
  readonly open: boolean;
}

/**
 * Records the distinct errors of a run, most frequent first. An error that is known from an earlier run updates its item (count, last
 * seen) and is REOPENED if it was RESOLVED; other errors become new items. Broken items of earlier runs are ignored, so that they do not
 * prevent the records of this run.
 */
export async function recordErrors(store: ConportStore, context: ErrorContext): Promise<LoggedError[]> {
  const { errors } = distinctErrors(context.result);
  if (errors.length === 0) return [];
  // Locked, so that two simultaneous cycles do not both create an item for the same new error.
  return withLock(join(store.dir, '.errors.lock'), () => recordAll(store, errors, context));
}

async function recordAll(
  store: ConportStore,
  errors: readonly DistinctError[],
  context: ErrorContext,
): Promise<LoggedError[]> {
  const known = await knownErrors(store);
  const logged: LoggedError[] = [];
  for (const distinct of errors) {
    const summary = recordLine(summaryOf(distinct.error, context.result));
    const key = known.get(distinct.signature);
    // Checks of failed requests fail too. They have the same cause, so they need no log of their own.
    if (key === undefined && distinct.error.kind === 'check' && checksAreExplained(context.result)) continue;
    if (key === undefined) logged.push({ key: await logNew(store, distinct, context), summary, open: true });
    else {
      const value = await store.customData.update(ERROR_LOGS_CATEGORY, key, (old) =>
        seenAgain(old, distinct.error, context),
      );
      logged.push({ key, summary, open: isOpen(value) });
    }
  }
  return logged;
}

/** Item keys by signature. Of several items with one signature, an open one is used, or otherwise the newest. */
async function knownErrors(store: ConportStore): Promise<Map<string, string>> {
  const known = new Map<string, { key: string; open: boolean }>();
  for (const { key, value } of (await store.customData.readable(ERROR_LOGS_CATEGORY)).items) {
    const signature = isRecord(value) ? value.signature : undefined;
    if (typeof signature !== 'string') continue;
    const open = isOpen(value);
    if (open || known.get(signature)?.open !== true) known.set(signature, { key, open });
  }
  return new Map([...known].map(([signature, { key }]) => [signature, key]));
}

async function logNew(store: ConportStore, distinct: DistinctError, context: ErrorContext): Promise<string> {
  const { error, signature } = distinct;
  const day = dayOf(Date.parse(error.first_seen_at ?? context.result.ended_at));
  const base = `EL_${day}_${symptomOf(error)}_${keyPart(error.endpoint || context.result.component, 40)}-${signature.slice(0, 6)}`;
  return store.customData.create(ERROR_LOGS_CATEGORY, keyAndNumbered(base), (key) => ({
    ...newLog(key, distinct, context),
    ...store.cycleMark,
  }));
}

/** The browser that sent requests: that of k6's browser module, or none. */
function browserOf({ k6, metrics }: Result): string {
  const hasBrowser = Object.keys(metrics).some((name) => name.startsWith('browser_'));
  return `${hasBrowser ? 'Chromium' : 'none'} (k6 ${recordLine(k6.version)})`;
}

function newLog(key: string, { error, signature }: DistinctError, context: ErrorContext): ErrorLog {
  const { result } = context;
  const severity = severityOf(error, result);
  return {
    schema_version: '1.0',
    error_id_human: key,
    timestamp_reported: seconds(new Date().toISOString()),
    status: 'OPEN',
    severity,
    priority: PRIORITY_OF[severity],
    summary: recordLine(summaryOf(error, result)),
    description: descriptionOf(error, result),
    environment_snapshot: {
      application_version: recordLine(result.build_version),
      test_environment_url: recordLine(result.target_url, 2000),
      browser: browserOf(result),
      os: recordLine(result.machine.os),
      details: recordLine(
        `environment ${result.environment}, profile ${result.profile}, up to ${result.vus_max ?? 'unknown'} VUs`,
      ),
    },
    reproduction_steps: reproductionSteps(result, error).map((step) => recordText(step, 4000)),
    expected_behavior: expectedOf(error),
    actual_behavior: recordLine(actualOf(error), 2000),
    attachments: [{ type: 'report', path: context.reportPath }],
    initial_reporter_mode_slug: 'nova-specializedtestexecutor',
    source_task_progress_id: context.progressId,
    investigation_notes: null,
    root_cause_analysis: null,
    fix_details: {
      fix_commit_sha: null,
      fixed_in_version: null,
      fix_description: null,
      related_decision_id: null,
    },
    verification_notes: null,
    related_conport_items: [
      { type: 'progress_entry', id_or_key: String(context.progressId), relationship: 'provoked_by' },
    ],
    signature,
    component: recordLine(result.component),
    scenario: recordLine(result.scenario),
    environment: recordLine(result.environment),
    profile: result.profile,
    kind: error.kind,
    endpoint: error.endpoint === '' ? null : recordLine(error.endpoint, 500),
    occurrences: error.count,
    last_share: error.share,
    runs_seen: 1,
    first_seen_at: seconds(error.first_seen_at ?? result.started_at),
    last_seen_at: lastSeen(error, result),
    last_run: result.run,
    last_build_version: recordLine(result.build_version),
  };
}

/** The item after another sighting. Everything that people wrote in it stays. */
function seenAgain(value: unknown, error: ResultError, context: ErrorContext): unknown {
  if (!isRecord(value)) return value;
  // A run that is analysed again counts as one sighting.
  if (value.last_run === context.result.run) return value;
  const number = (field: string) => (typeof value[field] === 'number' ? value[field] : 0);
  const reopened = value.status === FIXED;
  const note = `Seen again after it was resolved: run ${context.result.run}, build ${recordLine(context.result.build_version)}.`;
  const notes = value.investigation_notes;
  return {
    ...value,
    ...(reopened
      ? {
          status: 'REOPENED',
          investigation_notes: typeof notes === 'string' && notes !== '' ? `${notes}\n${note}` : note,
        }
      : {}),
    occurrences: number('occurrences') + error.count,
    last_share: error.share,
    runs_seen: number('runs_seen') + 1,
    last_seen_at: lastSeen(error, context.result),
    last_run: context.result.run,
    last_build_version: recordLine(context.result.build_version),
  };
}

function seconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}

/** The time of the last sighting, at most the end of the run: the end of its interval may be later. */
function lastSeen(error: ResultError, { ended_at }: Result): string {
  const { last_seen_at } = error;
  return seconds(last_seen_at === null || last_seen_at > ended_at ? ended_at : last_seen_at);
}
