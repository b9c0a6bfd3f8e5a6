// Percentile lines of a part of the run from the tracks of the page, finer than those of the whole run if there are enough samples.
// Used in Node and in the browser.

import type { BandsPlot, FigureSeries, Point } from '../charts/figure.ts';
import { FEWEST, samplesFor, stretchesOf } from '../charts/stretches.ts';
import type { SlotSum } from './track.ts';
import type { Tracks } from './tracks.ts';

/** A part of the run in milliseconds since the start of the load. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether a line can be calculated again for a part of the run: a percentile line, or the range from the smallest to the largest value. */
function isRefinable({ q, style }: FigureSeries): boolean {
  return q !== undefined || style === 'range';
}

/** Whether the plot has percentile lines, which a zoom can draw finer. */
export function hasPercentiles(plot: BandsPlot): boolean {
  return plot.series.some(({ q }) => q !== undefined);
}

/**
 * The plot with finer percentile lines within `span`, calculated from the track at index `place`. Each point is based on as many samples
 * as in the whole run (samplesFor); a line has about `most` points at most. A line stays unchanged outside the span, and everywhere if
 * it would not have at least twice as many points.
 */
export function finerLines(plot: BandsPlot, tracks: Tracks, place: number, span: Span, most: number): BandsPlot {
  const { startMs, slotMs } = tracks.data;
  const { from, to } = tracks.slotsIn(span);
  const sumOf = (first: number, end: number) =>
    tracks.sums({ fromMs: startMs + first * slotMs, toMs: startMs + end * slotMs }).of(place);
  const counts = Array.from({ length: to - from }, (_, slot) => sumOf(from + slot, from + slot + 1).count);
  const inside = { fromMs: startMs + from * slotMs, toMs: startMs + to * slotMs };
  const known = new Map<number, Array<readonly [atMs: number, sum: SlotSum | undefined]>>();
  const sumsOf = (least: number) => {
    const sums =
      known.get(least) ??
      stretchesOf(counts, least, most).map((part) => {
        const atMs = startMs + (from + (part.from + part.to) / 2) * slotMs;
        const sum = part.isGap ? undefined : sumOf(from + part.from, from + part.to);
        return [Math.round(Math.min(Math.max(atMs, 0), plot.axisMs)), sum] as const;
      });
    known.set(least, sums);
    return sums;
  };
  const refined = (series: FigureSeries): FigureSeries => {
    if (!isRefinable(series)) return series;
    const { q } = series;
    const sums = sumsOf(q === undefined ? FEWEST : samplesFor(q));
    const figureOf = (sum: SlotSum | undefined) => (q === undefined ? sum?.max : sum?.quantile(q)) ?? null;
    const isBefore = ([atMs]: Point) => atMs < inside.fromMs;
    const isAfter = ([atMs]: Point) => atMs > inside.toMs;
    const within = series.points.filter((point) => !isBefore(point) && !isAfter(point));
    const made = sums.map(([atMs, sum]): Point => [atMs, figureOf(sum)]);
    if (made.length < 2 * within.length || made.every(([, value]) => value === null)) return series;
    const lows = series.lows ?? [];
    const lowsOf = (keep: (point: Point) => boolean) =>
      lows.filter((_, index) => keep(series.points[index] ?? [0, null]));
    return {
      ...series,
      points: [...series.points.filter(isBefore), ...made, ...series.points.filter(isAfter)],
      ...(series.lows === undefined
        ? {}
        : { lows: [...lowsOf(isBefore), ...sums.map(([, sum]) => sum?.min ?? null), ...lowsOf(isAfter)] }),
    };
  };
  return { ...plot, series: plot.series.map(refined) };
}
