// Intervals → stretches: consecutive intervals with enough samples for one point of a percentile line. Used in Node and in the browser.

/** Least samples behind a point of any line. */
export const FEWEST = 10;

/** Samples that a point of the q-quantile needs: on average two beyond it, so 40 for p95 and 200 for p99, and at least 10. */
export function samplesFor(q: number): number {
  return Math.max(FEWEST, Math.ceil(2 / Math.min(q, 1 - q) - 1e-6));
}

/** Neighbouring intervals by index, `from` inclusive, `to` exclusive, that are one point of a line or a gap in it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly isGap: boolean;
}

/**
 * The number of empty intervals that make a gap: ten times the average distance of two samples, which one in 20,000 distances exceeds
 * if samples come at random (e^-10).
 */
function gapLength(counts: readonly number[]): number {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const samples = counts.reduce((sum, count) => sum + count, 0);
  return Math.max(3, Math.ceil((10 * (last - first + 1)) / Math.max(samples, 1)));
}

/** The parts between gaps; each begins and ends with samples. */
function betweenGaps(counts: readonly number[]): Array<{ from: number; to: number }> {
  const gap = gapLength(counts);
  const parts: Array<{ from: number; to: number }> = [];
  counts.forEach((count, index) => {
    if (count === 0) return;
    const last = parts.at(-1);
    if (last === undefined || index - last.to >= gap) parts.push({ from: index, to: index + 1 });
    else last.to = index + 1;
  });
  return parts;
}

/**
 * Intervals, given by their numbers of samples (`counts`), in stretches of at least `least` samples, about `most` of them at most. A
 * remainder before a gap or at the end joins the stretch before it. Fewer than `least` samples between two gaps are left out.
 */
export function stretchesOf(counts: readonly number[], least: number, most: number): Stretch[] {
  const per = Math.ceil(counts.length / most);
  const stretches: Stretch[] = [];
  for (const { from, to } of betweenGaps(counts)) {
    const cuts: number[] = [from];
    let samples = 0;
    for (let index = from; index < to; index++) {
      samples += counts[index] ?? 0;
      if (samples < least || index + 1 - (cuts.at(-1) ?? 0) < per) continue;
      cuts.push(index + 1);
      samples = 0;
    }
    if (cuts.length < 2) continue;
    cuts[cuts.length - 1] = to;
    const before = stretches.at(-1);
    if (before !== undefined) stretches.push({ from: before.to, to: from, isGap: true });
    for (let cut = 1; cut < cuts.length; cut++) {
      stretches.push({ from: cuts[cut - 1] ?? from, to: cuts[cut] ?? to, isGap: false });
    }
  }
  return stretches;
}
