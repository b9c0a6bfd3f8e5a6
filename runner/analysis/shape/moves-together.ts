// Decides whether one series is higher in the intervals in which another is.

import { median } from '../statistics/numbers.ts';

/** Values by the start of their interval, epoch milliseconds. */
export type Course = ReadonlyMap<number, number>;

// The intervals are divided by the first series: those above its median and the others, so a constant series divides
// nothing. Then Mann and Whitney's test is applied to the second: A is the probability that a value of the upper part
// is larger than one of the other,
//
//   z = (A - 1/2) sqrt(12 n m / (n + m + 1))
//
// Every finding is tested against every missed target, so z is that of 0.5 %. The test also counts common trends and
// episodes as moving together; it shows no more than that.

const LEAST_INTERVALS = 3;
const LEAST_Z = 2.6;
const LEAST_SUPERIORITY = 0.8;
/** The median must be higher by this share of it: a certain but tiny rise explains no missed target. */
const LEAST_RISE = 0.2;

/**
 * True if `effect` is clearly higher in the intervals in which `course` is. Intervals in which either is unknown are
 * skipped.
 */
export function movesTogether(course: Course, effect: Course): boolean {
  const pairs = [...effect].flatMap(([startMs, value]) => {
    const level = course.get(startMs);
    return level === undefined ? [] : [{ level, value }];
  });
  const middle = median(pairs.map(({ level }) => level));
  if (middle === undefined) return false;
  const most = pairs.some(({ level }) => level > middle);
  const isUp = (level: number) => (most ? level > middle : level >= middle);
  const up = pairs.flatMap(({ level, value }) => (isUp(level) ? [value] : []));
  const down = pairs.flatMap(({ level, value }) => (isUp(level) ? [] : [value]));
  if (up.length < LEAST_INTERVALS || down.length < LEAST_INTERVALS) return false;
  const [high = 0, low = 0] = [median(up), median(down)];
  if (high <= low || high - low < LEAST_RISE * Math.abs(low)) return false;
  const above = superiorityOf(up, down);
  const z = (above - 0.5) * Math.sqrt((12 * up.length * down.length) / (up.length + down.length + 1));
  return above >= LEAST_SUPERIORITY && z >= LEAST_Z;
}

/** Vargha and Delaney's A of plain values, with ties counted half. */
function superiorityOf(up: readonly number[], down: readonly number[]): number {
  const sorted = [...down].sort((a, b) => a - b);
  const before = (value: number, orEqual: boolean) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = sorted[middle] ?? 0;
      if (other < value || (orEqual && other === value)) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  const larger = up.reduce((sum, value) => sum + (before(value, false) + before(value, true)) / 2, 0);
  return larger / (up.length * sorted.length);
}
