// The round values that axes label, for SVGs and for charts in the page.

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);

/** Milliseconds between time labels: a round number of seconds, minutes or hours that gives at most `most` labels. */
export function timeStep(axisMs: number, most: number): number {
  return STEPS_MS.find((step) => axisMs / step <= most) ?? Math.ceil(axisMs / most / 86_400_000) * 86_400_000;
}

/** A value axis from 0 to `max` with a label at every `interval`. */
export interface Scale {
  readonly max: number;
  readonly interval: number;
}

/** Outside this range the step between ticks would be 0 or infinite. */
const SMALLEST = 1e-300;
const LARGEST = 1e308;

/**
 * A scale from 0 to a round number at or above `highest`, in `fewest` to `fewest` + 2 equal steps of 1, 2, 2.5 or 5 times a power
 * of ten.
 */
export function scaleFor(highest: number, fewest = 4): Scale {
  if (!(highest > SMALLEST)) return { max: 1, interval: 1 / fewest };
  const top = Math.min(highest, LARGEST);
  const power = 10 ** Math.floor(Math.log10(top / fewest));
  const interval = ([1, 2, 2.5, 5, 10].find((factor) => top / (factor * power) <= fewest + 1.0001) ?? 10) * power;
  return { max: Math.ceil((top / interval) * 0.99999) * interval, interval };
}

/** The number of latency labels that fit a chart of this height in pixels, which includes its time axis. */
export function logLabels(height: number): number {
  return Math.min(Math.max(Math.floor((height - 56) / 15), 3), 7);
}

/** Ticks of a logarithmic axis: at most `most` round latencies (1, 2 or 5 times a power of ten), as log10 of milliseconds, like `low` and `high`. */
export function logTicks(low: number, high: number, most: number): number[] {
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
      for (const factor of factors) {
        const exponent = power + Math.log10(factor);
        if (exponent >= low && exponent <= high) ticks.push(exponent);
      }
    }
    if (ticks.length <= most) return ticks.length > 1 ? ticks : [low, (low + high) / 2, high];
  }
  const decades = Math.ceil((high - low) / most);
  return Array.from({ length: most }, (_, index) => Math.ceil(low) + index * decades).filter((tick) => tick <= high);
}
