// Series of a figure → columns for uPlot: common times, and the values of each series at them, with areas stacked.

import { timesOfSeries, valuesAt } from '../../charts/chart-data.ts';
import type { FigureSeries, Point } from '../../charts/figure.ts';

export interface Column {
  readonly series: FigureSeries;
  /** Measured values; null without a sample, undefined if only other series have a point at that time. */
  readonly values: ReadonlyArray<number | null | undefined>;
  /** Heights to draw; those of an area include the areas below it. */
  readonly heights: ReadonlyArray<number | null | undefined>;
  /** The lower edge of a range. */
  readonly lows?: ReadonlyArray<number | null | undefined>;
}

export interface Columns {
  readonly times: number[];
  readonly columns: readonly Column[];
}

/** The columns without hidden series, which are not part of the stack either. */
export function columnsOf(series: readonly FigureSeries[], hidden: ReadonlySet<string>): Columns {
  const times = timesOfSeries(series);
  const below = new Array<number>(times.length).fill(0);
  const columns = series
    .filter(({ name }) => !hidden.has(name))
    .map((one): Column => {
      // The page's data has no points for an area of zeros.
      const values =
        one.points.length === 0 ? times.map(() => (one.style === 'area' ? 0 : null)) : valuesAt(one.points, times);
      if (one.style === 'range') {
        const lows = valuesAt(
          one.points.map(([atMs], index): Point => [atMs, one.lows?.[index] ?? null]),
          times,
        );
        return { series: one, values, heights: values, lows };
      }
      if (one.style !== 'area') return { series: one, values, heights: values };
      const heights = values.map((value, index) => {
        if (value === null || value === undefined) return value;
        below[index] = (below[index] ?? 0) + value;
        return below[index] ?? 0;
      });
      return { series: one, values, heights };
    });
  return { times, columns };
}
