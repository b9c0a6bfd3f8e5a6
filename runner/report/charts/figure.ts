// A chart as plain data: Node draws it as an SVG, the page's script interactively, and comparisons overlay two runs. This file
// depends neither on Node nor on a browser.

import { type Scale, scaleFor } from './axes.ts';
import type { FormatId } from './formats.ts';
import type { Ink } from './ink.ts';

/** [milliseconds since the start of the load, value]; null for no sample, which is drawn as a gap. */
export type Point = [atMs: number, value: number | null];

/** The smallest and the largest value around a time; null for no sample. */
export type RangePoint = [atMs: number, range: readonly [low: number, high: number] | null];

/** The subject of a chart that does not show the load and its responses: the system under test, or the load generator. */
export type ChartSubject = 'server' | 'generator';

export interface ChartFigure {
  /** File name without extension, and anchor on the page: `latency`. */
  readonly name: string;
  readonly title: string;
  /** Undefined for charts of the load and its responses. */
  readonly subject?: ChartSubject;
  /** The panel of a chart of the system under test. */
  readonly panel?: string;
  /** A title that fits half a line. */
  readonly shortTitle?: string;
  /** What the chart shows, in one or two sentences with numbers. */
  readonly takeaway: string;
  readonly plot: Plot;
  /** The same data as a table. */
  readonly table: ChartTable;
}

export interface ChartTable {
  readonly columns: readonly string[];
  /** At most MAX_TABLE_ROWS rows; the first cell is the row's header. */
  readonly rows: ReadonlyArray<readonly string[]>;
  /** The start of each row in milliseconds since 1970; undefined if rows are not times. */
  readonly startedAtMs?: readonly number[];
}

export type Plot = BandsPlot | HeatmapPlot | DistributionPlot | XyPlot;

/** Amounts over time. `lines`: nothing is stacked. `stack`: areas are stacked in their order, lines are not. */
export interface BandsPlot {
  readonly kind: 'lines' | 'stack';
  /** Height in pixels on a wide screen. */
  readonly height: number;
  readonly series: readonly FigureSeries[];
  readonly format: FormatId;
  readonly targets: readonly TargetLine[];
  readonly axisMs: number;
  /** The zero of the time axis in milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly phases: readonly Phase[];
  /**
   * Set for charts of the overview, which share one time axis: they are low, do not name phases, and only the `last` has labels on its
   * time axis. `half`: one of two charts side by side below them.
   */
  readonly inStack?: 'last' | 'other' | 'half';
}

export interface FigureSeries {
  readonly name: string;
  readonly ink: Ink;
  /**
   * `area`: filled and stacked on the areas before it. `line`: not stacked. `step`: a line with steps, for counts such as VUs.
   * `range`: filled from `lows` up to `points`.
   */
  readonly style: 'area' | 'line' | 'step' | 'range';
  /** The lower edge of a range, one value per point. */
  readonly lows?: ReadonlyArray<number | null>;
  /** Width of the line in pixels; 0 for an area without an outline. */
  readonly width: number;
  /** Lengths of dash and gap in pixels; empty for a solid line. */
  readonly dash: readonly number[];
  /** Opacity of the area's fill or of the line, 0 to 1. */
  readonly opacity: number;
  /** The value axis leaves room for it. A rare maximum is not fitted, because it would flatten all other lines. */
  readonly isFitted: boolean;
  /** The quantile (0 to 1) of a percentile line, which a zoom can draw finer. */
  readonly q?: number;
  readonly points: readonly Point[];
}

/** A target as a horizontal line. */
export interface TargetLine {
  readonly value: number;
  readonly label: string;
}

/** A phase of the load profile, cut to the time axis; milliseconds since the start of the load. */
export interface Phase {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly isShaded: boolean;
}

/** Counts in a grid of time and latency. Rows are equal steps of log10(milliseconds). */
export interface HeatmapPlot {
  readonly kind: 'heatmap';
  readonly height: number;
  /** log10 of the lower edge of the first row and of the upper edge of the last. */
  readonly low: number;
  readonly high: number;
  readonly rows: number;
  readonly columns: readonly HeatmapColumn[];
  readonly axisMs: number;
  readonly startedAtMs: number;
}

export interface HeatmapColumn {
  readonly fromMs: number;
  readonly toMs: number;
  /** One count per row, lowest latency first. */
  readonly counts: readonly number[];
}

/** A histogram of latency: bars of equal width on a logarithmic axis, with percentiles marked. */
export interface DistributionPlot {
  readonly kind: 'distribution';
  readonly height: number;
  /** Lower edge of the first bar and upper edge of the last, as log10 of milliseconds. */
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  /** Percentiles; `value` in milliseconds. */
  readonly marks: ReadonlyArray<{ readonly name: string; readonly ink: Ink; readonly value: number }>;
}

/** Points of two values, ascending by x: a scatter plot, or a curve through them. */
export interface XyPlot {
  readonly kind: 'xy';
  readonly height: number;
  readonly style: 'points' | 'line';
  readonly ink: Ink;
  readonly points: ReadonlyArray<readonly [x: number, y: number]>;
  /** Diameter of a point in pixels; 5 by default. */
  readonly dot?: number;
  /** Indices of points at which a target was missed. */
  readonly marked?: readonly number[];
  /** A thin line behind the points, in the given order. */
  readonly curve?: ReadonlyArray<readonly [x: number, y: number]>;
  /** The chart has the whole width of the page. */
  readonly isWide?: boolean;
  readonly xFormat: FormatId;
  readonly format: FormatId;
  /** x of a vertical line at the knee. */
  readonly knee?: number;
  /** Names of the axes for the legend and readouts. */
  readonly xLabel: string;
  readonly yLabel: string;
}

/** A part of the time axis in milliseconds since the start of the load, `fromMs` inclusive, `toMs` exclusive. */
export interface AxisRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A target further above the data than this factor would flatten all lines; the takeaway names it instead. */
const FAR_TARGET_FACTOR = 3;

/** Charts of the overview up to this height in pixels have few labels, and those with a time axis still fewer. */
const MOST_LOW_HEIGHT = 120;

type ScaledPlot = Pick<BandsPlot, 'series' | 'targets'> & Partial<Pick<BandsPlot, 'inStack' | 'height' | 'format'>>;

/** The value axis of bands for the whole run or a range of it, and the targets that fit it. */
export function bandsScale(
  { series, targets, inStack, height = 0, format }: ScaledPlot,
  range?: AxisRange,
): Scale & { readonly targets: readonly TargetLine[] } {
  const top = highestOf(
    series.filter(({ isFitted }) => isFitted).length > 0 ? series.filter(({ isFitted }) => isFitted) : series,
    range,
  );
  const shown = targets.filter(({ value }) => value <= top * FAR_TARGET_FACTOR);
  const steps = inStack === undefined || height > MOST_LOW_HEIGHT ? 4 : inStack === 'other' ? 2 : 1;
  const highest = Math.max(top, ...shown.map(({ value }) => value));
  // A share needs no room above 100 %.
  const isWhole = format === 'percent' && highest > 0.8 && highest <= 1;
  return { ...(isWhole ? { max: 1, interval: 1 / steps } : scaleFor(highest * 1.05, steps)), targets: shown };
}

/** Highest total of the stacked areas or of any line. */
function highestOf(series: readonly FigureSeries[], range?: AxisRange): number {
  const stacked = new Map<number, number>();
  let top = 0;
  for (const { style, points } of series) {
    for (const [atMs, value] of points) {
      if (value === null || (range !== undefined && (atMs < range.fromMs || atMs > range.toMs))) continue;
      const height = style === 'area' ? (stacked.get(atMs) ?? 0) + value : value;
      if (style === 'area') stacked.set(atMs, height);
      top = Math.max(top, height);
    }
  }
  return top;
}

/** The sum of all areas at each point; a gap where all of them have one. */
function totalOf(areas: readonly FigureSeries[]): Point[] {
  const totals = new Map<number, number | null>();
  for (const { points } of areas) {
    for (const [atMs, value] of points) {
      const before = totals.get(atMs) ?? null;
      totals.set(atMs, value === null ? before : (before ?? 0) + value);
    }
  }
  return [...totals].sort(([a], [b]) => a - b);
}

const OVERLAY_DASH = [5, 4];
const OVERLAY_OPACITY = 0.6;

/**
 * The figure with the lines of another run added: dashed, paler, and named `a: p95` after the label `a`. A stack is added as one line,
 * its total, because overlapping areas could not be read. Both runs start at 0; the axis is as long as the longer run. A figure without
 * bands is returned unchanged.
 */
export function overlaid(figure: ChartFigure, other: ChartFigure, label = 'a'): ChartFigure {
  const { plot } = figure;
  const { plot: under } = other;
  if (!isBands(plot) || !isBands(under)) return figure;
  const areas = under.series.filter(({ style }) => style === 'area');
  const total: FigureSeries[] = areas.slice(0, 1).map((area) => ({
    ...area,
    name: areas.length > 1 ? 'total' : area.name,
    ink: areas.length > 1 ? 'text' : area.ink,
    points: areas.length > 1 ? totalOf(areas) : area.points,
  }));
  const lines = under.series.filter(({ style }) => style !== 'area' && style !== 'range');
  const over = [...total, ...lines].map(
    // Without `q`: the samples of the other run are not on the page, so a zoom cannot draw its lines finer.
    ({ q: _, ...series }): FigureSeries => ({
      ...series,
      name: `${label}: ${series.name}`,
      style: series.style === 'step' ? 'step' : 'line',
      width: Math.max(series.width, 1.25),
      dash: OVERLAY_DASH,
      opacity: OVERLAY_OPACITY,
    }),
  );
  return {
    ...figure,
    plot: { ...plot, series: [...plot.series, ...over], axisMs: Math.max(plot.axisMs, under.axisMs) },
  };
}

/** Whether the x axis is the time of the run. */
export function isOverTime(plot: Plot): plot is BandsPlot | HeatmapPlot {
  return isBands(plot) || plot.kind === 'heatmap';
}

/** Whether the plot consists of lines or stacked areas. */
export function isBands(plot: Plot): plot is BandsPlot {
  return plot.kind === 'lines' || plot.kind === 'stack';
}
