// A chart as plain data, before anybody draws it: the server makes an SVG of it, the page's script an interactive one, and a
// comparison lays two runs over one another. Nothing here knows of Node or of a browser.

import { type Scale, scaleFor } from './axes.ts';
import type { FormatId } from './formats.ts';
import type { Ink } from './ink.ts';

/** [milliseconds since the start of load, value]; null = no sample, drawn as a gap. */
export type Point = [atMs: number, value: number | null];

/** The smallest and the largest value around a time; null = no sample. */
export type RangePoint = [atMs: number, range: readonly [low: number, high: number] | null];

/** What a chart is of that is not of the load and its responses: the system under test, or what makes the load. */
export type ChartSubject = 'server' | 'generator';

export interface ChartFigure {
  /** File name without extension, and anchor on the page: `latency`. */
  readonly name: string;
  readonly title: string;
  /** Absent: the load and its responses. */
  readonly subject?: ChartSubject;
  /** Of a chart of the system under test: the panel that it draws. */
  readonly panel?: string;
  /** For where the title has half of a line. */
  readonly shortTitle?: string;
  /** One sentence that says what the picture shows, with its numbers. */
  readonly takeaway: string;
  readonly plot: Plot;
  /** The same data for those who do not see the picture. */
  readonly table: ChartTable;
}

export interface ChartTable {
  readonly columns: readonly string[];
  /** At most MAX_TABLE_ROWS; the first cell is the row's header. */
  readonly rows: ReadonlyArray<readonly string[]>;
  /** When each row begins, epoch milliseconds; absent where rows are no times. */
  readonly startedAtMs?: readonly number[];
}

export type Plot = BandsPlot | HeatmapPlot | DistributionPlot | XyPlot;

/** Amounts over time. lines: each from 0. stack: the areas stand on one another in their order, lines do not. */
export interface BandsPlot {
  readonly kind: 'lines' | 'stack';
  /** Pixels of a drawing for a page. */
  readonly height: number;
  readonly series: readonly FigureSeries[];
  /** How values are written. */
  readonly format: FormatId;
  readonly targets: readonly TargetLine[];
  readonly axisMs: number;
  /** Epoch milliseconds of 0 on the time axis. */
  readonly startedAtMs: number;
  readonly phases: readonly Phase[];
  /**
   * Part of a stack of charts on one time axis: little room, no names of phases, and the axis labelled only in the last; `half` is
   * one of two at its foot.
   */
  readonly inStack?: 'last' | 'other' | 'half';
}

export interface FigureSeries {
  readonly name: string;
  readonly ink: Ink;
  /**
   * area: filled, and stacked on the areas before it. line: not stacked. step: a line that jumps, for counts of VUs.
   * range: filled from `lows` up to `points`.
   */
  readonly style: 'area' | 'line' | 'step' | 'range';
  /** Of a range: its lower edge, point by point. */
  readonly lows?: ReadonlyArray<number | null>;
  /** Of the line, in pixels; 0 for an area without an outline. */
  readonly width: number;
  /** Lengths of dash and gap in pixels; empty for a solid line. */
  readonly dash: readonly number[];
  /** Of an area's fill, or of a line; 0 to 1. */
  readonly opacity: number;
  /** The value axis leaves room for it. A rare maximum would press all other lines to the floor: it may leave the picture. */
  readonly isFitted: boolean;
  /** The quantile that its points are, 0 to 1: of a percentile line, which a zoom makes finer. */
  readonly q?: number;
  readonly points: readonly Point[];
}

/** A bound that is set on the values: a line across the whole axis. */
export interface TargetLine {
  readonly value: number;
  readonly label: string;
}

/** A phase of the load profile, on the time axis and inside it. */
export interface Phase {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly isShaded: boolean;
}

/** Counts in a grid of time and latency, whose rows are equal steps of log10(milliseconds). */
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
  /** One count per row, the fastest first. */
  readonly counts: readonly number[];
}

/** How often which latency occurred: bars of equal width on a logarithmic axis, with percentiles marked. */
export interface DistributionPlot {
  readonly kind: 'distribution';
  readonly height: number;
  /** log10 of milliseconds: lower edge of the first bar, upper edge of the last. */
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  /** In milliseconds. */
  readonly marks: ReadonlyArray<{ readonly name: string; readonly ink: Ink; readonly value: number }>;
}

/** Points of two values, ascending by the first: a cloud, or a curve through them. */
export interface XyPlot {
  readonly kind: 'xy';
  readonly height: number;
  readonly style: 'points' | 'line';
  readonly ink: Ink;
  readonly points: ReadonlyArray<readonly [x: number, y: number]>;
  /** Diameter of a point, pixels; default 5. */
  readonly dot?: number;
  /** Places in `points` of those that stand out: a target was missed there. */
  readonly marked?: readonly number[];
  /** A thin line below the points, in its own order. */
  readonly curve?: ReadonlyArray<readonly [x: number, y: number]>;
  /** It takes the whole width of the page. */
  readonly isWide?: boolean;
  readonly xFormat: FormatId;
  readonly format: FormatId;
  /** Where a line stands across the plot. */
  readonly knee?: number;
  /** What the axes are, for the legend and readings. */
  readonly xLabel: string;
  readonly yLabel: string;
}

/** Part of the time axis, milliseconds since the start of load, from inclusive, to exclusive. */
export interface AxisRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Targets further above the data than this would press all lines to the floor; they are described in words. */
const FAR_TARGET = 3;

/** Charts of a stack up to this height have room for a few labels only, with a time axis for fewer still. */
const LOW = 120;

type ScaledPlot = Pick<BandsPlot, 'series' | 'targets'> & Partial<Pick<BandsPlot, 'inStack' | 'height' | 'format'>>;

/** The value axis of bands, over the whole run or a part of it, and which of the targets lie on it. */
export function bandsScale(
  { series, targets, inStack, height = 0, format }: ScaledPlot,
  range?: AxisRange,
): Scale & { readonly targets: readonly TargetLine[] } {
  const top = highestOf(
    series.filter(({ isFitted }) => isFitted).length > 0 ? series.filter(({ isFitted }) => isFitted) : series,
    range,
  );
  const shown = targets.filter(({ value }) => value <= top * FAR_TARGET);
  const steps = inStack === undefined || height > LOW ? 4 : inStack === 'other' ? 2 : 1;
  const highest = Math.max(top, ...shown.map(({ value }) => value));
  // A share of all has no room above 100 %.
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

/** The areas of a stack added up, point by point; a gap where all of them have one. */
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
 * The figure with the lines of another run's figure of the same chart laid over it, dashed, paler and named `a: p95` by the
 * label `a`. A stack is laid over as one line, its total, as areas of two runs over one another cannot be read. Both runs
 * start at 0 and the axis is as long as the longer of them. A figure that has no lines stays as it is.
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
    // Another run's samples are not on the page: its lines do not become finer.
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

/** Its axis is the time of the run. */
export function isOverTime(plot: Plot): plot is BandsPlot | HeatmapPlot {
  return isBands(plot) || plot.kind === 'heatmap';
}

export function isBands(plot: Plot): plot is BandsPlot {
  return plot.kind === 'lines' || plot.kind === 'stack';
}
