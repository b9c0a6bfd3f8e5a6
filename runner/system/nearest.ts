// Suggests similar names for a name that does not exist.

import { distance } from 'fastest-levenshtein';

/**
 * Up to `most` names of `known` that are similar to `name` (at most a third of its letters differ, or one contains the
 * other), most similar first.
 */
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
      // Equally similar names are sorted alphabetically.
      .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
      .slice(0, most)
      .map(({ candidate }) => candidate)
  );
}
