// A figure in the form that travels in a page: without words that the page already says, times as steps, values as short as a
// reader can distinguish them. Both sides of the page share this file.

import type {
  BandsPlot,
  ChartFigure,
  DistributionPlot,
  FigureSeries,
  HeatmapPlot,
  Plot,
  Point,
  XyPlot,
} from './figure.ts';

/** One chart of a page; `name` is that of its figure. Packed by packChart(), unpacked by unpackPlot(). */
export interface ChartData {
  readonly name: string;
  readonly plot: PackedPlot;
}

export type PackedPlot = PackedBands | PackedHeatmap | DistributionPlot | XyPlot;

interface PackedBands extends Omit<BandsPlot, 'series'> {
  /** Times of the points, each as its distance from the one before: of all series but those that have steps of their own. */
  readonly steps: readonly number[];
  readonly series: readonly PackedSeries[];
}

interface PackedSeries extends Omit<FigureSeries, 'points'> {
  /** Where its times are others: those of another run that is laid over. */
  readonly steps?: readonly number[];
  readonly values: ReadonlyArray<number | null>;
}

interface PackedHeatmap extends Omit<HeatmapPlot, 'columns'> {
  /** Start of each column and end of the last, each as its distance from the one before. */
  readonly steps: readonly number[];
  /** Column by column. A column that is empty has none. */
  readonly counts: ReadonlyArray<readonly number[]>;
}

/** Values to so many digits: a pixel of a picture is coarser. */
const DIGITS = 4;

function short(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toPrecision(digits));
}

function stepsOf(times: readonly number[]): number[] {
  return times.map((time, index) => Math.round(time) - Math.round(times[index - 1] ?? 0));
}

function timesOf(steps: readonly number[]): number[] {
  let time = 0;
  return steps.map((step) => {
    time += step;
    return time;
  });
}

/** All times at which any series has a point, ascending. */
export function timesOfSeries(series: ReadonlyArray<Pick<FigureSeries, 'points'>>): number[] {
  const times = new Set<number>();
  for (const { points } of series) for (const [atMs] of points) times.add(Math.round(atMs));
  return [...times].sort((a, b) => a - b);
}

/** The series' values at these times: null where it has no sample, undefined where it has no point. */
export function valuesAt(points: readonly Point[], times: readonly number[]): Array<number | null | undefined> {
  const values = new Map(points.map(([atMs, value]) => [Math.round(atMs), value]));
  return times.map((time) => values.get(time));
}

/** `digits`: of the values of lines. */
export function packChart({ name, plot }: Pick<ChartFigure, 'name' | 'plot'>, digits = DIGITS): ChartData {
  return { name, plot: packPlot(plot, digits) };
}

function packPlot(plot: Plot, digits: number): PackedPlot {
  switch (plot.kind) {
    case 'distribution':
      return { ...plot, marks: plot.marks.map((mark) => ({ ...mark, value: Number(mark.value.toPrecision(6)) })) };
    case 'xy':
      return {
        ...plot,
        points: plot.points.map(([x, y]) => [Number(x.toPrecision(DIGITS)), Number(y.toPrecision(DIGITS))]),
      };
    case 'heatmap': {
      const { columns, ...rest } = plot;
      const edges = [...columns.map(({ fromMs }) => fromMs), columns.at(-1)?.toMs ?? 0];
      const counts = columns.map((column) => (column.counts.some((count) => count > 0) ? column.counts : []));
      return { ...rest, steps: stepsOf(edges), counts };
    }
    default: {
      const steps = stepsOf(plot.series.find(({ points }) => points.length > 0)?.points.map(([atMs]) => atMs) ?? []);
      const series = plot.series.map(({ points, ...rest }): PackedSeries => {
        const own = stepsOf(points.map(([atMs]) => atMs));
        const isAlike = own.length === 0 || own.join() === steps.join();
        const values = points.map(([, value]) => short(value, digits));
        const lows = rest.lows === undefined ? {} : { lows: rest.lows.map((value) => short(value, digits)) };
        return { ...rest, ...lows, ...(isAlike ? {} : { steps: own }), values };
      });
      return { ...plot, steps, series };
    }
  }
}

/** Undoes packChart(), but for the digits. */
export function unpackPlot(packed: PackedPlot): Plot {
  switch (packed.kind) {
    case 'distribution':
    case 'xy':
      return packed;
    case 'heatmap': {
      const { steps, counts, ...rest } = packed;
      const edges = timesOf(steps);
      const columns = counts.map((column, index) => ({
        fromMs: edges[index] ?? 0,
        toMs: edges[index + 1] ?? 0,
        counts: column.length > 0 ? column : new Array<number>(packed.rows).fill(0),
      }));
      return { ...rest, columns };
    }
    default: {
      const { steps, series, ...rest } = packed;
      return {
        ...rest,
        series: series.map(({ values, steps: own, ...one }) => {
          const times = timesOf(own ?? steps);
          return { ...one, points: values.map((value, index): Point => [times[index] ?? 0, value]) };
        }),
      };
    }
  }
}
