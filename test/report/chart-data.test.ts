import { expect } from 'chai';
import { chartFigures, chartInput } from '../../runner/report/charts/all.ts';
import { packChart, unpackPlot } from '../../runner/report/charts/chart-data.ts';
import { type Distributed, distributionPlot } from '../../runner/report/charts/distribution-plot.ts';
import { isBands, overlaid } from '../../runner/report/charts/figure.ts';
import { seeded } from '../seeded.ts';
import { LOAD_START_MS, METRICS, resultOf, Samples, shopSamples } from './sample-run.ts';

describe('the data of charts in a page', () => {
  const metrics = shopSamples({ seconds: 60, requestsPerSecond: 20 });
  const figures = chartFigures(chartInput(resultOf(metrics), metrics));

  for (const figure of figures) {
    it(`restore ${figure.name}, with values to four digits`, () => {
      const packed = JSON.parse(JSON.stringify(packChart(figure)));
      const plot = unpackPlot(packed.plot);
      if (!isBands(figure.plot) || !isBands(plot)) {
        const marks = plot.kind === 'distribution' ? plot.marks : [];
        const own = figure.plot.kind === 'distribution' ? figure.plot.marks : [];
        for (const [index, { value }] of own.entries()) expect(marks[index]?.value).to.be.closeTo(value, value * 1e-5);
        if (figure.plot.kind === 'xy') {
          const points = figure.plot.points.map((point) => point.map((value) => Number(value.toPrecision(4))));
          expect(plot).to.deep.equal({ ...figure.plot, points });
          return;
        }
        expect({ ...plot, marks: [] }).to.deep.equal({ ...figure.plot, marks: [] });
        return;
      }
      expect({ ...plot, series: [] }).to.deep.equal({ ...figure.plot, series: [] });
      figure.plot.series.forEach(({ points, ...rest }, index) => {
        const { points: read = [], lows: readLows = [], ...restRead } = plot.series[index] ?? {};
        const { lows = [], ...others } = rest;
        expect(restRead).to.deep.equal(others);
        expect(readLows).to.deep.equal(lows.map((low) => (low === null ? null : Number(low.toPrecision(4)))));
        expect(read.map(([atMs]) => atMs)).to.deep.equal(points.map(([atMs]) => Math.round(atMs)));
        points.forEach(([, value], at) => {
          if (value === null) expect(read[at]?.[1]).to.equal(null);
          else expect(read[at]?.[1]).to.be.closeTo(value, Math.abs(value) * 5e-4);
        });
      });
    });
  }

  it('keep the points of an overlaid run at their own times, without gaps between', () => {
    const later = shopSamples({ seconds: 45, requestsPerSecond: 20, seed: 9 });
    const others = chartFigures({ ...chartInput(resultOf(later), later), loadStartMs: LOAD_START_MS - 333 });
    for (const figure of figures) {
      const other = others.find(({ name }) => name === figure.name);
      if (other === undefined) continue;
      const both = overlaid(figure, other);
      const plot = unpackPlot(packChart(both, 12).plot);
      if (!isBands(plot) || !isBands(both.plot)) continue;
      const wanted = both.plot.series.map(({ points }) =>
        points.map(([atMs, value]) => [Math.round(atMs), value === null ? null : Number(value.toPrecision(12))]),
      );
      expect(plot.series.map(({ points }) => points)).to.deep.equal(wanted);
    }
  });

  it('take less than half the size of the figures', () => {
    const size = (value: unknown) => JSON.stringify(value).length;
    expect(size(figures.map((figure) => packChart(figure)))).to.be.below(size(figures) / 2);
  });
});

describe('a distribution', () => {
  const samplesOf = (bins: ReadonlyArray<readonly [number, number, number]>): Distributed => ({
    count: bins.reduce((sum, [, , count]) => sum + count, 0),
    quantile: (q) => (q === 0 ? bins[0]?.[0] : q === 1 ? bins.at(-1)?.[1] : 10),
    bins: () => bins.map(([from, to, count]) => ({ from, to, count })),
  });

  it('neither loses nor adds samples, for any bins', () => {
    const random = seeded(5);
    for (let round = 0; round < 200; round++) {
      let from = 0.1 + random() * 10;
      const bins = Array.from({ length: 1 + Math.floor(random() * 40) }, () => {
        const to = from * (1 + random() ** 3);
        const bin = [from, to, Math.floor(random() * 50)] as const;
        from = to * (1 + (random() < 0.5 ? 0 : random()));
        return bin;
      });
      const samples = samplesOf(bins);
      const plot = distributionPlot(samples, 100);
      if (samples.count === 0) expect(plot).to.equal(undefined);
      else expect(plot?.counts.reduce((sum, count) => sum + count, 0)).to.equal(samples.count);
    }
  });

  it('spreads the samples of a coarse bin over all bars that it covers', () => {
    const plot = distributionPlot(samplesOf([[1, 10, 600]]), 100);
    expect(new Set(plot?.counts)).to.deep.equal(new Set([10]));
  });

  it('is undefined without samples', () => {
    expect(distributionPlot(samplesOf([]), 100)).to.equal(undefined);
  });
});

describe("charts of a script's own metrics", () => {
  it('show each kind of metric, at most twelve, and no built-in metric', () => {
    const samples = new Samples();
    const names = Array.from({ length: 20 }, (_, index) => `own_${index}`);
    for (let second = 0; second < 20; second++) {
      samples.add(METRICS.http_reqs, {}, second * 1000, 1);
      samples.add({ name: 'cart', type: 'gauge', contains: 'default' }, {}, second * 1000, 3 + second);
      samples.add({ name: 'found', type: 'rate', contains: 'default' }, {}, second * 1000, second % 4 === 0 ? 1 : 0);
      samples.add({ name: 'saved', type: 'counter', contains: 'data' }, {}, second * 1000, 1000);
      samples.add({ name: 'debt', type: 'gauge', contains: 'default' }, {}, second * 1000, -5);
      for (const name of names) samples.add({ name, type: 'trend', contains: 'time' }, {}, second * 1000, 10);
    }
    const metrics = samples.done();
    const figures = chartFigures(chartInput(resultOf(metrics), metrics)).filter(({ name }) => name.startsWith('own-'));
    expect(figures).to.have.length(12);
    const of = (title: string) => figures.find((figure) => figure.title.startsWith(title));
    expect(of('cart')?.takeaway).to.equal('From 3.00 to 22.0; 22.0 at the end.');
    expect(of('found')?.takeaway).to.equal('25 % of 20 values were true.');
    expect(of('saved')?.takeaway).to.equal('Total: 20.0 kB.');
    expect(of('debt'), 'no place on an axis from 0').to.equal(undefined);
    expect(of('http_reqs')).to.equal(undefined);
  });
});
