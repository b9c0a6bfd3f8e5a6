// A figure ↔ its compact form within a page: without texts that the page has already, with times as differences and values rounded
// to what a reader can distinguish. Used in Node and in the browser.

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

/** One chart of a page, by the name of its figure. Packed by packChart(), unpacked by unpackPlot(). */
export interface ChartData {
  readonly name: string;
  readonly plot: PackedPlot;
}

export type PackedPlot = PackedBands | PackedHeatmap | DistributionPlot | XyPlot;

interface PackedBands extends Omit<BandsPlot, 'series'> {
  /** Times of the points of all series without their own `steps`, in milliseconds, each as the difference from the previous one. */
  readonly steps: readonly number[];
  readonly series: readonly PackedSeries[];
}

interface PackedSeries extends Omit<FigureSeries, 'points'> {
  /** Its own times, if they differ from those of the plot, as for the lines of another run. */
  readonly steps?: readonly number[];
  readonly values: ReadonlyArray<number | null>;
}

interface PackedHeatmap extends Omit<HeatmapPlot, 'columns'> {
  /** Start of each column and end of the last in milliseconds, each as the difference from the previous one. */
  readonly steps: readonly number[];
  /** The counts of each column; an empty array for a column without samples. */
  readonly counts: ReadonlyArray<readonly number[]>;
}

/** Significant digits of values; a pixel of a chart is coarser. */
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

/** All times at which any series has a point, in milliseconds since the start of the load, ascending. */
export function timesOfSeries(series: ReadonlyArray<Pick<FigureSeries, 'points'>>): number[] {
  const times = new Set<number>();
  for (const { points } of series) for (const [atMs] of points) times.add(Math.round(atMs));
  return [...times].sort((a, b) => a - b);
}

/** The values of points at these times: null for a gap, undefined if there is no point. */
export function valuesAt(points: readonly Point[], times: readonly number[]): Array<number | null | undefined> {
  const values = new Map(points.map(([atMs, value]) => [Math.round(atMs), value]));
  return times.map((time) => values.get(time));
}

/** The compact form of a figure; `digits`: significant digits of the values of lines. */
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

/** Restores the plot that packChart() packed, with rounded values. */
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
