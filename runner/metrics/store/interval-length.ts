// Chooses the length of intervals from the length of a run.

/**
 * Lengths that are easy to read, milliseconds. Not every one divides the next, so longerInterval may skip some: 2 s is
 * followed by 10 s.
 */
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);

/**
 * Most intervals per series: more than a chart can show, but few enough that 8 hours of 700 series at 1,000 requests a
 * second take 110 MB in memory and less on disk.
 */
export const MAX_INTERVALS = 800;

/**
 * The next longer interval, milliseconds: the shortest readable length that is a multiple of `lengthMs` and of
 * `windowMs` (the length of the stream's windows), so that merging neighbours is exact. If there is none, a multiple
 * found by doubling.
 */
export function longerInterval(lengthMs: number, windowMs = lengthMs): number {
  const fits = (candidateMs: number) =>
    candidateMs > lengthMs && candidateMs % lengthMs === 0 && candidateMs % windowMs === 0;
  const easy = STEPS_MS.find(fits);
  if (easy !== undefined) return easy;
  let candidateMs = lengthMs * 2;
  for (let i = 0; i < 20 && !fits(candidateMs); i++) candidateMs *= 2;
  return fits(candidateMs) ? candidateMs : lengthMs * windowMs;
}

/**
 * The shortest readable interval, milliseconds, that is a multiple of `windowMs` and divides `durationMs` into at most
 * `maxIntervals`: 1 s up to 13 minutes, 5 s for an hour, 60 s for 8 hours.
 */
export function intervalFor(durationMs: number, windowMs: number, maxIntervals = MAX_INTERVALS): number {
  const fits = (lengthMs: number) => lengthMs % windowMs === 0 && durationMs <= lengthMs * maxIntervals;
  if (fits(windowMs)) return windowMs;
  const easy = STEPS_MS.find(fits);
  return easy ?? windowMs * Math.ceil(durationMs / windowMs / maxIntervals);
}
