// Computes how many independent samples the windows of a run are worth: requests of one second share the same
// conditions. Formulas: interval.ts.

/** Windows needed for a decided interval: 120 s, minus the partial windows at both ends. */
export const MIN_DECIDED_WINDOWS = 118;
/** Windows needed for any interval. */
export const MIN_WINDOWS = 20;

export const LONG = { cosines: 6, t: 2.447 } as const;
export const SHORT = { cosines: 4, t: 2.776 } as const;
const DECIDED_TAIL = 10;
/** Independent samples beyond a percentile needed for any interval. */
export const INDICATIVE_TAIL = 3;
export const MIN_EFFECTIVE_WINDOWS = 20;
const MAX_AUTOCORRELATION = 0.97;

/** How reliable an interval is. */
export type Grade = 'decided' | 'indicative';

/** Number of events among the samples of one window. */
export interface WindowCount {
  readonly events: number;
  readonly samples: number;
}

interface Spread {
  /** Number of independent samples that these are worth. */
  readonly effective: number;
  /** Number of windows, divided by how much more the sum varies than they do. */
  readonly windows: number;
}

/**
 * The worth of `total` correlated samples, from the deviations z per window and `base`, the variance if all were
 * independent.
 */
export function spreadOf(z: readonly number[], total: number, base: number): Spread {
  const count = z.length;
  const { cosines, t } = count < MIN_DECIDED_WINDOWS ? SHORT : LONG;
  let sum = 0;
  for (let j = 1; j <= cosines; j++) {
    const load = z.reduce((part, value, i) => part + value * Math.cos((Math.PI * j * (i + 0.5)) / count), 0);
    sum += 2 * load * load;
  }
  const squares = z.reduce((part, value) => part + value * value, 0);
  const r = autocorrelation(z, squares);
  const v0 = squares / base;
  const variance = Math.max(1, sum / cosines / base, (v0 * (1 + r)) / (1 - r));
  return { effective: (total / variance) * (1.96 / t) ** 2, windows: (count * v0) / variance };
}

/** Lag-1 autocorrelation of deviations, limited to 0 to 0.97. */
export function autocorrelation(z: readonly number[], squares: number): number {
  if (squares <= 0) return 0;
  const lagged = z.reduce((sum, value, t) => sum + value * (z[t - 1] ?? 0), 0);
  return Math.min(Math.max(lagged / squares, 0), MAX_AUTOCORRELATION);
}

/** The spread of a share of events; undefined if there are no events, or only events. */
export function shareSpread(windows: readonly WindowCount[], share: number): Spread | undefined {
  const { events, samples } = sumOf(windows);
  const base = samples * share * (1 - share);
  if (base <= 0 || windows.length < 2) return undefined;
  const observed = events / samples;
  return spreadOf(
    windows.map((window) => window.events - observed * window.samples),
    samples,
    base,
  );
}

/** The total of all windows. */
export function sumOf(windows: readonly WindowCount[]): WindowCount {
  let events = 0;
  let samples = 0;
  for (const window of windows) {
    events += window.events;
    samples += window.samples;
  }
  return { events, samples };
}

/** The reliability of a share's spread; undefined if it is not reliable at all. */
export function gradeOf(spread: Spread, share: number, windows: number): Grade | undefined {
  const tail = spread.effective * Math.min(share, 1 - share);
  if (windows >= MIN_DECIDED_WINDOWS && tail >= DECIDED_TAIL && spread.windows >= MIN_EFFECTIVE_WINDOWS)
    return 'decided';
  return windows >= MIN_WINDOWS && tail >= INDICATIVE_TAIL ? 'indicative' : undefined;
}
