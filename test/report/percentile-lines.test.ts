import { expect } from 'chai';
import { chartInput } from '../../runner/report/charts/all.ts';
import { percentileLines, samplesFor } from '../../runner/report/charts/percentile-lines.ts';
import { seeded } from '../seeded.ts';
import { METRICS, resultOf, Samples } from './sample-run.ts';

interface Request {
  readonly atMs: number;
  readonly value: number;
}

/** Requests that come at random, `perSecond` on average, with no request in the gaps (seconds). */
function requests(seconds: number, perSecond: number, gaps: ReadonlyArray<readonly [number, number]> = []): Request[] {
  const random = seeded(11);
  const made: Request[] = [];
  for (let atMs = 0; atMs < seconds * 1000; atMs += (-Math.log(1 - random()) * 1000) / perSecond) {
    if (!gaps.some(([from, to]) => atMs >= from * 1000 && atMs < to * 1000))
      made.push({ atMs, value: 10 + random() * 90 });
  }
  return made;
}

function linesOf(made: readonly Request[], quantiles: readonly number[], most = 400) {
  const samples = new Samples();
  for (const { atMs, value } of made) samples.add(METRICS.http_req_duration, {}, atMs, value);
  const metrics = samples.done();
  const input = chartInput(resultOf(metrics, { kpis: [] }), metrics);
  return percentileLines(input, { metric: 'http_req_duration' }, quantiles, most);
}

function percentile(sorted: readonly number[], q: number): number {
  const rank = q * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(rank)] ?? 0, sorted[Math.ceil(rank)] ?? 0];
  return below + (above - below) * (rank - Math.floor(rank));
}

describe('lines of percentiles', () => {
  for (const [q, needed] of [
    [0.5, 10],
    [0.9, 20],
    [0.95, 40],
    [0.99, 200],
    [0.999, 2000],
  ] as const) {
    it(`need ${needed} samples for a point of p${q * 100}`, () => {
      expect(samplesFor(q)).to.equal(needed);
    });
  }

  it('have points that are the percentiles of all samples of their interval, each with enough samples', () => {
    const made = requests(120, 14);
    const { lines } = linesOf(made, [0.95, 0.99]);
    for (const [index, q] of [0.95, 0.99].entries()) {
      const points = lines[index] ?? [];
      expect(points.length).to.be.above(3);
      // Intervals are whole seconds around the points, the first from 0: their borders follow from their midpoints.
      let from = 0;
      for (const [middle, value] of points) {
        const to = Math.min(2 * middle - from, 120_000);
        const inside = made.filter(({ atMs }) => atMs >= from && atMs < to).map((request) => request.value);
        expect(inside.length, `${from} to ${to}`).to.be.at.least(samplesFor(q));
        const exact = percentile(
          inside.sort((a, b) => a - b),
          q,
        );
        expect(value).to.be.closeTo(exact, exact * 0.002);
        from = to;
      }
      expect(from).to.be.within(118_000, 120_000);
    }
  });

  it('are finer with more samples, down to one interval', () => {
    expect(linesOf(requests(60, 60), [0.95]).lines[0]).to.have.length(60);
    expect(linesOf(requests(60, 10), [0.95]).lines[0]?.length).to.be.within(9, 15);
  });

  it('have a gap if nothing was sent, but none if requests are rare', () => {
    const [line = []] = linesOf(requests(120, 20, [[50, 60]]), [0.95]).lines;
    const gaps = line.filter(([, value]) => value === null);
    expect(gaps).to.have.length(1);
    expect(gaps[0]?.[0]).to.be.within(54_000, 56_000);
    expect(linesOf(requests(600, 0.5), [0.5]).lines[0]?.filter(([, value]) => value === null)).to.deep.equal([]);
  });

  it('are empty if the whole run has too few samples, but the band of all values remains', () => {
    const made = requests(30, 1);
    const { lines, range } = linesOf(made, [0.95]);
    expect(lines[0]).to.deep.equal([]);
    const known = range.flatMap(([, between]) => between ?? []);
    expect(Math.min(...known)).to.equal(Math.min(...made.map(({ value }) => value)));
    expect(Math.max(...known)).to.equal(Math.max(...made.map(({ value }) => value)));
  });

  it('have at most about as many points as requested', () => {
    expect(linesOf(requests(300, 60), [0.95], 50).lines[0]?.length).to.be.at.most(51);
  });
});
