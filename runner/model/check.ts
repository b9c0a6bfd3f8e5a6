// One thing that is verified before load: work that finds out becomes a result that the error, the report and the records show.

import { z } from 'zod';
import { messageOf } from '../system/errors.ts';

export const CHECK_STATES = ['passed', 'warning', 'failed', 'skipped'] as const;

export const checkSchema = z.object({
  /** Stable name for other programs: `name`, `tcp`, `tls`, … */
  id: z.string(),
  title: z.string(),
  state: z.enum(CHECK_STATES),
  /** What was found; of a failure what was expected, too; of a skipped check the reason. */
  detail: z.string(),
  /** What to do about a warning or a failure. */
  next: z.string().optional(),
  durationMs: z.number(),
});

/** The result of one check. Plain data: it goes into the archive. */
export type Check = z.infer<typeof checkSchema>;

/** What the work of a check finds. */
export type Found = Pick<Check, 'state' | 'detail' | 'next'>;

/** How long one question to the target may take. Milliseconds. */
export const CHECK_TIMEOUT_MS = 10_000;

/** Does the work and times it. What it throws is a failed check: the others must be reported as well. */
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

export function passed(detail: string): Found {
  return { state: 'passed', detail };
}

export function warning(detail: string, next?: string): Found {
  return { state: 'warning', detail, ...(next === undefined ? {} : { next }) };
}

export function failed(detail: string, next?: string): Found {
  return { state: 'failed', detail, ...(next === undefined ? {} : { next }) };
}

/** A check that there is no way or no need to make, with the reason. */
export function skipped(reason: string): Found {
  return { state: 'skipped', detail: reason };
}

/** The value of `work`, or undefined when it takes longer than `ms`. What it does afterwards is nobody's concern. */
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
