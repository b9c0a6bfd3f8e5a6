// A check before load (not k6's check() in a script), and its result for the error message, the report and the records.

import { z } from 'zod';
import { messageOf } from '../system/errors.ts';

export const CHECK_STATES = ['passed', 'warning', 'failed', 'skipped'] as const;

export const checkSchema = z.object({
  /** Stable id for other programs: `name`, `tcp`, `tls`, … */
  id: z.string(),
  title: z.string(),
  state: z.enum(CHECK_STATES),
  /** What was found; for a failure also what was expected; for a skipped check the reason. */
  detail: z.string(),
  /** What to do about a warning or failure. */
  next: z.string().optional(),
  durationMs: z.number(),
});

/** The result of one check. Plain data, because it is stored in the archive. */
export type Check = z.infer<typeof checkSchema>;

/** What a check finds, before its title and duration are added. */
export type Found = Pick<Check, 'state' | 'detail' | 'next'>;

/** Time limit for one request to the system under test, milliseconds. */
export const CHECK_TIMEOUT_MS = 10_000;

/**
 * Runs `work` and measures its time. An exception becomes a failed check, so that the other checks are reported too.
 */
export async function check(id: string, title: string, work: () => Found | Promise<Found>): Promise<Check> {
  const startedMs = performance.now();
  const found = await attempt(work);
  return { id, title, ...found, durationMs: Math.round((performance.now() - startedMs) * 10) / 10 };
}

async function attempt(work: () => Found | Promise<Found>): Promise<Found> {
  try {
    return await work();
  } catch (error) {
    return failed(`This check could not be made: ${messageOf(error)}.`);
  }
}

/** A check that passed; `detail` says what was found. */
export function passed(detail: string): Found {
  return { state: 'passed', detail };
}

/** A check that found a problem which does not prevent the run. */
export function warning(detail: string, next?: string): Found {
  return { state: 'warning', detail, ...(next === undefined ? {} : { next }) };
}

/** A check that failed. */
export function failed(detail: string, next?: string): Found {
  return { state: 'failed', detail, ...(next === undefined ? {} : { next }) };
}

/** A check that is impossible or unnecessary, with the reason. */
export function skipped(reason: string): Found {
  return { state: 'skipped', detail: reason };
}

/** The value of `work`, or undefined if it takes longer than `ms`. A later result or rejection is ignored. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
