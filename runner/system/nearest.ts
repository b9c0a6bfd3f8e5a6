// A name that does not exist becomes the names that were probably meant.

import { distance } from 'fastest-levenshtein';

/** Up to `most` of `known` that are near `name` (a third of its letters may differ, or one contains the other), nearest first. */
export function nearest(name: string, known: readonly string[], most = 3): string[] {
  const wanted = name.toLowerCase();
  return (
    known
      .map((candidate) => ({ candidate, far: distance(wanted, candidate.toLowerCase()) }))
      .filter(
        ({ candidate, far }) =>
          far <= Math.max(2, Math.ceil(wanted.length / 3)) ||
          (wanted.length > 2 && candidate.toLowerCase().includes(wanted)),
      )
      // Of those equally near by name: which of them came first says nothing.
      .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
      .slice(0, most)
      .map(({ candidate }) => candidate)
  );
}
