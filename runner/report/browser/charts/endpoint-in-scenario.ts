// The charts of an endpoint in one of several k6 scenarios that request it, made from the tracks of the page.

import { MAX_ENDPOINT_POINTS } from '../../charts/chart-limits.ts';
import type { BandsPlot, FigureSeries, Plot, Point } from '../../charts/figure.ts';
import { isBands } from '../../charts/figure.ts';
import { finerLines } from '../../tracks/finer-lines.ts';
import { allSamplesOf, type Tracks } from '../../tracks/tracks.ts';
import { distributionOf } from './distributions.ts';

/**
 * The plot with the samples of one scenario, given by its index on the page; `anchor` names the endpoint's samples. undefined for a plot
 * that cannot be made from tracks.
 */
export function plotInScenario(
  name: string,
  plot: Plot,
  anchor: string,
  scenario: number,
  tracks: Tracks,
): Plot | undefined {
  const placeOf = (samples: string) => tracks.placeIn(tracks.data.drawn[samples] ?? -1, scenario);
  const succeeded = placeOf(anchor);
  if (succeeded < 0) return undefined;
  if (plot.kind === 'distribution') return distributionOf(anchor, tracks.whole, plot);
  if (!isBands(plot)) return undefined;
  if (name === 'latency') return finerLines(withoutPoints(plot), tracks, succeeded, tracks.whole, MAX_ENDPOINT_POINTS);
  const all = placeOf(allSamplesOf(anchor));
  return name === 'throughput' && all >= 0 ? ratesOf(plot, tracks, succeeded, all) : undefined;
}

function withoutPoints(plot: BandsPlot): BandsPlot {
  return {
    ...plot,
    series: plot.series.map((series) => ({
      ...series,
      points: [],
      ...(series.lows === undefined ? {} : { lows: [] }),
    })),
  };
}

/** Requests per second in each slot, failed ones below succeeded ones. */
function ratesOf(plot: BandsPlot, tracks: Tracks, succeeded: number, all: number): BandsPlot {
  const { slots, slotMs, startMs } = tracks.data;
  const per = Math.max(1, Math.ceil(slots / MAX_ENDPOINT_POINTS));
  const rates = (place: number) =>
    Array.from({ length: Math.ceil(slots / per) }, (_, index): Point => {
      const span = {
        fromMs: startMs + index * per * slotMs,
        toMs: startMs + Math.min((index + 1) * per, slots) * slotMs,
      };
      const sums = tracks.sums(span);
      const atMs = Math.round(Math.min(Math.max((span.fromMs + span.toMs) / 2, 0), plot.axisMs));
      return [atMs, sums.seconds > 0 ? sums.of(place).count / sums.seconds : null];
    });
  const [good, every] = [rates(succeeded), rates(all)];
  const failed = every.map(([atMs, rate], index): Point => {
    const own = good[index]?.[1] ?? null;
    return [atMs, rate === null || own === null ? null : Math.max(rate - own, 0)];
  });
  const points = (series: FigureSeries) => (series.name === 'succeeded' ? good : failed);
  return { ...plot, series: plot.series.map((series) => ({ ...series, points: points(series) })) };
}
