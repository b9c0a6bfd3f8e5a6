// What the findings that explain observations share.

import type { Finding } from '../model/kpi.ts';
import type { Observation } from '../model/observation.ts';

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
