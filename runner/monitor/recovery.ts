// Figures before, during and after the load become the answer to: did it come back?

interface Figures {
  readonly avg: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

/** Of what the load moved a series by, so much may be left of it afterwards. */
const LEFT_SHARE = 0.2;
/** A series that moved by less than this share of what it was, or of its own spread while idle, did not move. */
const MOVED_SHARE = 0.1;
/** A series that fell so many times as far as it rose is one that the load takes from. */
const FELL = 2;

/**
 * true: after the load it is back to where it was before, to within a fifth of what the load had moved it by. false: it is not.
 * null: a phase is missing, or the load did not move it by a tenth and beyond its idle spread, so there is nothing to come back from.
 * What it was last counts, not its average: the seconds right after the load still show it.
 */
export function hasRecovered(before: Figures | null, during: Figures | null, after: Figures | null): boolean | null {
  if (before === null || during === null || after === null) return null;
  const rise = during.max - before.avg;
  const fall = before.avg - during.min;
  const moved = Math.max(rise, fall);
  const idleSpread = before.max - before.min;
  if (moved <= Math.max(MOVED_SHARE * Math.abs(before.avg), idleSpread)) return null;
  // Memory that was collected under load lies below what it was: that is no rise to come back from. Only what clearly fell, as free
  // memory does, has to rise again.
  const left = fall > FELL * rise ? before.avg - after.last : after.last - before.avg;
  return left <= Math.max(LEFT_SHARE * moved, idleSpread);
}
