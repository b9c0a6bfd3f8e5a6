// Decides whether a series of the system under test recovered after the load.

interface Figures {
  readonly avg: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

/** This share of the change under load may remain afterwards. */
const LEFT_SHARE = 0.2;
/** A change below this share of the idle value, or within its idle spread, does not count as a change. */
const MOVED_SHARE = 0.1;
/** A series that fell this many times as far as it rose is one that load reduces. */
const FELL = 2;

/**
 * true: after the load the series is back near its value before, to within a fifth of the change. false: it is not.
 * null: a phase is missing, or the load changed the series by less than a tenth or within its idle spread. The last
 * value after the load counts, not the average, which includes the seconds right after the load.
 */
export function hasRecovered(before: Figures | null, during: Figures | null, after: Figures | null): boolean | null {
  if (before === null || during === null || after === null) return null;
  const rise = during.max - before.avg;
  const fall = before.avg - during.min;
  const moved = Math.max(rise, fall);
  const idleSpread = before.max - before.min;
  if (moved <= Math.max(MOVED_SHARE * Math.abs(before.avg), idleSpread)) return null;
  // Memory that was collected during the load ends below its idle value, which is no problem. Only a series that
  // clearly fell, such as free memory, has to rise again.
  const left = fall > FELL * rise ? before.avg - after.last : after.last - before.avg;
  return left <= Math.max(LEFT_SHARE * moved, idleSpread);
}
