// What the findings that explain observations share.

import type { Finding } from '../../model/kpi.ts';
import type { Observation } from '../../model/observation.ts';

/** From here on a change cannot be noise that follows itself, however it was looked for among hundreds of series. */
export const CERTAIN = 5;

export interface Explained {
  readonly finding: Finding;
  /** What it is about. */
  readonly seen: readonly Observation[];
}

/** A paragraph a line; empty ones are left out. */
export function paragraphs(sentences: readonly string[]): string {
  return sentences.filter((text) => text !== '').join('\n');
}

/**
 * When what was observed had happened, over the part that was looked at: for a step before and after it, for a rise its progress.
 * `originMs`: the start of load; `intervalsMs`: the starts of the run's intervals, epoch milliseconds.
 */
export function courseOfObservation(
  { shape, start_ms: from, end_ms: to, at_ms: at, until_ms: until }: Observation,
  originMs: number,
  intervalsMs: readonly number[],
): ReadonlyMap<number, number> {
  const progress = (ms: number) => {
    if (shape === 'levelled_off') return Math.min(ms, at ?? to);
    if (shape === 'stepped') return Number(ms >= (at ?? from) && (until === null || ms < until));
    return at === null ? ms : Math.max(ms, at);
  };
  return new Map(
    intervalsMs.flatMap((startMs) => {
      const ms = startMs - originMs;
      return ms < from || ms > to ? [] : [[startMs, progress(ms)]];
    }),
  );
}
