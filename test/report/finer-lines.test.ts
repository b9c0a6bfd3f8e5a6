import { expect } from 'chai';
import { chartInput } from '../../runner/report/charts/all.ts';
import { type Band, bandsPlot, rangeSeries } from '../../runner/report/charts/area.ts';
import type { BandsPlot, Point } from '../../runner/report/charts/figure.ts';
import { percentileLines } from '../../runner/report/charts/percentile-lines.ts';
import { samplesFor } from '../../runner/report/charts/stretches.ts';
import { TrackBook } from '../../runner/report/tracks/book.ts';
import { finerLines } from '../../runner/report/tracks/finer-lines.ts';
import { Tracks } from '../../runner/report/tracks/tracks.ts';
import { seeded } from '../seeded.ts';
import { LOAD_START_MS, METRICS, resultOf, Samples } from './sample-run.ts';

const PRIMARY = { metric: 'http_req_duration', filter: {} };
const LINES = [0.5, 0.95, 0.99];
/** Points of a line of the whole run. */
const FEW = 20;

/** A run with evenly spaced requests, its percentile lines with few points, and those of a range in seconds. */
function zoomed(seconds: number, perSecond: number, [from, to]: readonly [number, number]) {
  const random = seeded(5);
  const samples = new Samples();
  const values: number[] = [];
  for (let index = 0; index < seconds * perSecond; index++) {
    values.push(10 + 90 * random());
    samples.add(METRICS.http_req_duration, {}, (index * 1000) / perSecond, values[index] ?? 0);
  }
  const metrics = samples.done();
  const input = chartInput(resultOf(metrics, { kpis: [] }), metrics);
  const { lines, range } = percentileLines(input, PRIMARY, LINES, FEW);
  const bands = LINES.map((q, index): Band => {
    return { name: `p${q * 100}`, q, ink: 'p95', style: 'line', points: lines[index] ?? [] };
  });
  const { plot: drawn } = bandsPlot(input, 100, bands, 'duration');
  const plot: BandsPlot = { ...drawn, series: [rangeSeries(range), ...drawn.series] };
  const book = new TrackBook(metrics);
  book.bind({ figure: 'count', of: PRIMARY, format: ['count'] });
  book.draw('primary', PRIMARY, true);
  const data = book.pack(LOAD_START_MS);
  if (data === undefined) throw new Error('no tracks');
  const span = { fromMs: from * 1000, toMs: to * 1000 };
  const finer = finerLines(plot, new Tracks(data), data.drawn.primary ?? -1, span, 400);
  const between = (fromMs: number, toMs: number) =>
    values.slice(Math.ceil((fromMs * perSecond) / 1000), Math.ceil((toMs * perSecond) / 1000));
  return { plot, finer, span, error: data.error, between };
}

function pointsIn({ series }: BandsPlot, name: string, { fromMs, toMs }: { fromMs: number; toMs: number }): Point[] {
  return (series.find((each) => each.name === name)?.points ?? []).filter(([at]) => at >= fromMs && at <= toMs);
}

describe('percentile lines of a zoomed chart', () => {
  for (const [name, q, perSecond, finest] of [
    ['p95', 0.95, 60, 60],
    ['p95', 0.95, 10, 15],
    ['p99', 0.99, 60, 15],
    ['p99', 0.99, 10, 3],
  ] as const) {
    it(`have at most ${finest} points of ${name} in a minute with ${perSecond} requests a second, each with enough samples`, () => {
      const { plot, finer, span, error, between } = zoomed(600, perSecond, [120, 180]);
      const points = pointsIn(finer, name, span);
      expect(points.length).to.be.within(finest - 1, finest);
      expect(points.length).to.be.at.least(pointsIn(plot, name, span).length);
      let from = span.fromMs;
      if (points.length === pointsIn(plot, name, span).length) return;
      for (const [middle, value] of points) {
        const to = 2 * middle - from;
        const inside = between(from, to).sort((a, b) => a - b);
        expect(inside.length, `${from} to ${to}`).to.be.at.least(samplesFor(q));
        const exact = inside[Math.round(q * (inside.length - 1))] ?? 0;
        expect(value).to.be.closeTo(exact, exact * (error + 0.05));
        from = to;
      }
      expect(from).to.equal(span.toMs);
    });
  }

  it('do not change outside of the range, and use separate intervals for the band of all values', () => {
    const { plot, finer, span } = zoomed(600, 60, [120, 180]);
    const outside = ({ series }: BandsPlot) =>
      series.map(({ points }) => points.filter(([at]) => at < span.fromMs || at > span.toMs));
    expect(outside(finer)).to.deep.equal(outside(plot));
    expect(pointsIn(finer, 'min to max', span)).to.have.length(60);
    for (const { points, lows } of finer.series) if (lows !== undefined) expect(lows).to.have.length(points.length);
  });

  it('do not change if they are already as fine as the samples allow', () => {
    const { plot, finer } = zoomed(120, 2, [30, 70]);
    expect(finer).to.deep.equal(plot);
  });
});
