// Series of a figure become the columns that uPlot draws: one list of times, values next to it, areas stacked on one another.

import { timesOfSeries, valuesAt } from '../../charts/chart-data.ts';
import type { FigureSeries, Point } from '../../charts/figure.ts';

export interface Column {
  readonly series: FigureSeries;
  /** As measured; null where there was no sample, undefined where another series has a point and this one none. */
  readonly values: ReadonlyArray<number | null | undefined>;
  /** As drawn: of an area with those below it added. */
  readonly heights: ReadonlyArray<number | null | undefined>;
  /** Of a range: its lower edge. */
  readonly lows?: ReadonlyArray<number | null | undefined>;
}

export interface Columns {
  readonly times: number[];
  readonly columns: readonly Column[];
}

/** Hidden series are left out, and areas above a hidden one come down. */
export function columnsOf(series: readonly FigureSeries[], hidden: ReadonlySet<string>): Columns {
  const times = timesOfSeries(series);
  const below = new Array<number>(times.length).fill(0);
  const columns = series
    .filter(({ name }) => !hidden.has(name))
    .map((one): Column => {
      // An area of zeros travels without points.
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
