// Where the points of a percentile line stand: the interval follows the data, not the clock. Runs on both sides of a page.

/** The fewest samples that a point of any line rests on. */
export const FEWEST = 10;

/** Samples that a point of the q-quantile needs: two beyond it on average, so 40 for p95 and 200 for p99; 10 at least. */
export function samplesFor(q: number): number {
  return Math.max(FEWEST, Math.ceil(2 / Math.min(q, 1 - q) - 1e-6));
}

/** Neighbouring intervals by their places, from inclusive, to exclusive: together one point of a line, or a gap in it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly isGap: boolean;
}

/**
 * An empty stretch is a gap from so many intervals on: where samples come at random, one in 20,000 stretches between two
 * samples is ten times as long as their average distance.
 */
function gapLength(counts: readonly number[]): number {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const samples = counts.reduce((sum, count) => sum + count, 0);
  return Math.max(3, Math.ceil((10 * (last - first + 1)) / Math.max(samples, 1)));
}

/** What lies between gaps, beginning and ending with samples. */
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
 * Intervals with so many samples each (`counts`) in stretches of `least` samples or more, at most about `most` of them. What is
 * left over before a gap or at the end joins the stretch before it; where fewer than `least` samples lie between two gaps,
 * they are left out.
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
