// The distinct functional errors of a run become ErrorLogs items: a new one each, or one that was open is seen again.

import { join } from 'node:path';
import { checksAreExplained } from '../../analysis/findings/by-cause.ts';
import { reproductionSteps } from '../../analysis/result/reproduction.ts';
import type { Result, ResultError } from '../../model/result.ts';
import { isRecord } from '../../system/json.ts';
import { withLock } from '../../system/lock.ts';
import { recordLine, recordText } from '../../text/record-text.ts';
import type { ErrorLog } from '../store/item-values.ts';
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

/** A script can make up a new message each time: beyond so many, a run's errors stand in its report alone. */
const MOST_PER_RUN = 50;

/** Statuses after which the same error again is news. */
const FIXED = 'RESOLVED';
export const CLOSED_FOR_GOOD: readonly string[] = ['CLOSED_WONTFIX', 'CLOSED_DUPLICATE'];

/** Whether an ErrorLogs item still wants somebody's attention. */
export function isOpen(value: unknown): boolean {
  return isRecord(value) && typeof value.status === 'string' && ![FIXED, ...CLOSED_FOR_GOOD].includes(value.status);
}

/** Errors of one signature, added up. */
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

/** An item that a run wrote or updated. */
export interface LoggedError {
  readonly key: string;
  readonly summary: string;
  /** false: people have closed it for good. */
  readonly open: boolean;
}

/**
 * Records the distinct errors of a run. One that is known from an earlier run is seen again (count, last seen); one that was
 * RESOLVED is REOPENED; any other is a new item. A broken item of an earlier run is
 * passed over: it must not cost a run its records. Most frequent error first.
 */
export async function recordErrors(store: ConportStore, context: ErrorContext): Promise<LoggedError[]> {
  const { errors } = distinctErrors(context.result);
  if (errors.length === 0) return [];
  // Two cycles that meet the same new error at once must not both find that nobody knows it.
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
    // Checks fail with the requests that they look at: one cause, one log.
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

/** Key by signature: of several with one signature, one that is open, else the newest. */
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

/** What sent the requests: k6 alone, or the browser that its browser module started. */
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

/** Only what a new sighting changes; everything that people wrote into the item stays. */
function seenAgain(value: unknown, error: ResultError, context: ErrorContext): unknown {
  if (!isRecord(value)) return value;
  // Recorded twice from one run (a run that is analysed again) is one sighting.
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

/** The end of an interval in which it was seen may lie after the end of the run. */
function lastSeen(error: ResultError, { ended_at }: Result): string {
  const { last_seen_at } = error;
  return seconds(last_seen_at === null || last_seen_at > ended_at ? ended_at : last_seen_at);
}
