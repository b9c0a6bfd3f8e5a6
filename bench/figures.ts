// Figures of several rounds: median, min, max, goal, and whether it is met.

/** Units of figures. */
export const UNITS = ['×', 'µs', 's', '/s', 'million lines/s', 'MB', '% of a core'] as const;
/** A unit of figures. */
export type Unit = (typeof UNITS)[number];

/** A limit of a figure. */
export interface Goal {
  readonly comparison: '<=' | '>=';
  readonly value: number;
}

/** One measured quantity. `id` stays the same from run to run of the bench, so that runs can be compared. */
export interface Figure {
  readonly id: string;
  /** What it is, such as "CPU per further request, histograms ÷ bare k6". */
  readonly title: string;
  readonly unit: Unit;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly goal?: Goal | undefined;
}

/** Figures of one section and their table for the documentation. */
export interface Section {
  readonly figures: readonly Figure[];
  /** Markdown. */
  readonly table: string;
}

/** Median, min and max; the median of an even number is the mean of the two in the middle. Throws without values. */
export function spread(values: readonly number[]): Pick<Figure, 'median' | 'min' | 'max'> {
  const sorted = [...values].sort((a, b) => a - b);
  const min = sorted[0];
  const max = sorted.at(-1);
  const below = sorted[(sorted.length - 1) >> 1];
  const above = sorted[sorted.length >> 1];
  if (min === undefined || max === undefined || below === undefined || above === undefined) {
    throw new Error('Expected at least one value');
  }
  return { median: (below + above) / 2, min, max };
}

/**
 * The CPU of one further request (µs) from the CPU seconds of a short and a long run of the same load: fixed costs of both, such as
 * start-up and the report, cancel out.
 */
export function perFurtherRequestUs(
  short: { readonly cpuSeconds: number; readonly requests: number },
  long: { readonly cpuSeconds: number; readonly requests: number },
): number {
  return ((long.cpuSeconds - short.cpuSeconds) * 1e6) / (long.requests - short.requests);
}

/** Whether the median meets the goal; undefined without a goal. */
export function meets({ median, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  return goal.comparison === '<=' ? median <= goal.value : median >= goal.value;
}
