// Percentile lines of a part of the run, from the tracks of the page: finer than those of the whole run, as far as samples allow.
// Runs on both sides of a page.

import type { BandsPlot, FigureSeries, Point } from '../charts/figure.ts';
import { FEWEST, samplesFor, stretchesOf } from '../charts/stretches.ts';
import type { SlotSum } from './track.ts';
import type { Tracks } from './tracks.ts';

/** Milliseconds since the start of load. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A line whose points can be computed again for a part of the run: of a percentile, or the band from the smallest to the largest value. */
function isRefinable({ q, style }: FigureSeries): boolean {
  return q !== undefined || style === 'range';
}

/** Whether a zoom can show more of it than the whole run did. */
export function hasPercentiles(plot: BandsPlot): boolean {
  return plot.series.some(({ q }) => q !== undefined);
}

/**
 * The plot with finer percentile lines inside `span`, by the track at `place`: each of their points rests on as many samples as one
 * of the whole run does (samplesFor), and there are at most about `most`. A line that would not have twice as many, and what lies
 * outside of the span, stays as it is.
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
