// Shared parts of the findings that explain observations.

import type { Finding } from '../../model/kpi.ts';
import type { Observation } from '../../model/observation.ts';

/** From this clarity a change cannot be correlated noise, even if hundreds of series were searched. */
export const CERTAIN = 5;

export interface Explained {
  readonly finding: Finding;
  /** The observations that it explains. */
  readonly seen: readonly Observation[];
}

/** Joins paragraphs, one per line; empty ones are left out. */
export function paragraphs(sentences: readonly string[]): string {
  return sentences.filter((text) => text !== '').join('\n');
}

/**
 * How far an observed change had progressed in each interval of the examined part: for a step before and after it, for
 * a rise its progress. `originMs`: start of load; `intervalsMs`: starts of the run's intervals; both epoch
 * milliseconds.
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
