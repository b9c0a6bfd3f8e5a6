import { expect } from 'chai';
import { chartFigures, chartInput } from '../../runner/report/charts/all.ts';
import { drawBoth } from '../../runner/report/charts/draw.ts';
import {
  type BandsPlot,
  bandsScale,
  type ChartFigure,
  type FigureSeries,
  isBands,
  overlaid,
} from '../../runner/report/charts/figure.ts';
import { mergedColumns } from '../../runner/report/charts/heat.ts';
import { resultOf, shopSamples } from './sample-run.ts';

function figuresOf(seconds: number, seed: number): ChartFigure[] {
  const metrics = shopSamples({ seconds, requestsPerSecond: 20, seed });
  return chartFigures(chartInput(resultOf(metrics), metrics));
}

const series = (part: Partial<FigureSeries>): FigureSeries => ({
  name: 'x',
  ink: 'p95',
  style: 'line',
  width: 1,
  dash: [],
  opacity: 1,
  isFitted: true,
  points: [],
  ...part,
});

describe('figures', () => {
  const figures = figuresOf(60, 7);
  const bandsOf = (list: readonly ChartFigure[], name: string): BandsPlot => {
    const plot = list.find((figure) => figure.name === name)?.plot;
    if (plot === undefined || !isBands(plot)) throw new Error(`no bands ${name}`);
    return plot;
  };

  it('are plain data: after JSON they are equal and draw the same pictures', () => {
    expect(figures.map(({ name }) => name)).to.include.members([
      'latency',
      'throughput',
      'vus',
      'heatmap',
      'distribution',
    ]);
    for (const figure of figures) {
      const copy: ChartFigure = JSON.parse(JSON.stringify(figure));
      expect(copy).to.deep.equal(figure);
      expect(drawBoth(copy)).to.deep.equal(drawBoth(figure));
    }
  });

  it('show the lines of another run dashed, with its label, on the longer of the two time axes', () => {
    const longer = figuresOf(90, 8);
    const [a, b] = [bandsOf(longer, 'latency'), bandsOf(figures, 'latency')];
    const [figure, other] = [figures, longer].map((list) => list.find(({ name }) => name === 'latency'));
    if (figure === undefined || other === undefined) throw new Error('no latency');
    const both = bandsOf([overlaid(figure, other)], 'latency');
    const lines = a.series.filter(({ style }) => style !== 'range');
    expect(lines).to.have.length(a.series.length - 1);
    expect(both.series.map(({ name }) => name)).to.deep.equal([
      ...b.series.map(({ name }) => name),
      ...lines.map(({ name }) => `a: ${name}`),
    ]);
    expect(both.axisMs).to.equal(a.axisMs).and.to.be.above(b.axisMs);
    const over = both.series.slice(b.series.length);
    expect(over.map(({ points }) => points)).to.deep.equal(lines.map(({ points }) => points));
    for (const { dash } of over) expect(dash).not.to.deep.equal([]);
    expect(b.series, 'the figure itself').to.have.length(5);
  });

  it('show a stack of another run as one line of its total', () => {
    const plot: BandsPlot = {
      ...bandsOf(figures, 'throughput'),
      series: [
        series({
          style: 'area',
          points: [
            [0, 1],
            [1, null],
            [2, 3],
          ],
        }),
        series({
          style: 'area',
          points: [
            [0, 10],
            [1, null],
            [2, null],
          ],
        }),
      ],
    };
    const [figure] = figures;
    if (figure === undefined) throw new Error('no figure');
    const stack = { ...figure, plot };
    const both = bandsOf([overlaid(stack, stack, 'before')], figure.name);
    expect(both.series[2]).to.include({ name: 'before: total', style: 'line' });
    expect(both.series[2]?.points).to.deep.equal([
      [0, 11],
      [1, null],
      [2, 3],
    ]);
    expect(both.series).to.have.length(3);
  });

  it('do not change a heatmap when another run is overlaid', () => {
    const heatmap = figures.find(({ name }) => name === 'heatmap');
    if (heatmap === undefined) throw new Error('no heatmap');
    expect(overlaid(heatmap, heatmap)).to.equal(heatmap);
  });

  for (const [what, parts, targets, top, shown] of [
    [
      'leaves room for the highest line',
      [
        series({
          points: [
            [0, 80],
            [1, 95],
          ],
        }),
      ],
      [],
      100,
      0,
    ],
    [
      'adds up areas, but not lines',
      [
        series({ style: 'area', points: [[0, 50]] }),
        series({ style: 'area', points: [[0, 45]] }),
        series({ points: [[0, 60]] }),
      ],
      [],
      100,
      0,
    ],
    [
      'may cut off a line that need not fit',
      [series({ points: [[0, 95]] }), series({ isFitted: false, points: [[0, 9e3]] })],
      [],
      100,
      0,
    ],
    ['fits such a line if there is no other', [series({ isFitted: false, points: [[0, 95]] })], [], 100, 0],
    ['reaches up to a near target', [series({ points: [[0, 95]] })], [{ value: 190, label: '' }], 200, 1],
    ['leaves out a far target', [series({ points: [[0, 95]] })], [{ value: 500, label: '' }], 100, 0],
    ['is 0 to 1 without values', [series({ points: [[0, null]] })], [{ value: 5, label: '' }], 1, 0],
  ] as const) {
    it(`have a value axis that ${what}`, () => {
      const scale = bandsScale({ series: parts, targets });
      expect(scale.max).to.equal(top);
      expect(scale.targets).to.have.length(shown);
    });
  }

  it('have a value axis that fits the shown range', () => {
    const parts = [
      series({
        points: [
          [0, 9000],
          [10, 95],
          [20, 9000],
        ],
      }),
    ];
    expect(bandsScale({ series: parts, targets: [] }, { fromMs: 5, toMs: 15 }).max).to.equal(100);
  });

  it('merge neighbouring columns of a heatmap without losing samples', () => {
    const plot = figures.find(({ name }) => name === 'heatmap')?.plot;
    if (plot?.kind !== 'heatmap') throw new Error('no heatmap');
    const total = (columns: typeof plot.columns) => columns.flatMap(({ counts }) => counts).reduce((a, b) => a + b, 0);
    const merged = mergedColumns(plot.columns, 7);
    expect(merged.length).to.be.within(2, 7);
    expect(total(merged)).to.equal(total(plot.columns)).and.to.be.above(1000);
    expect(merged.at(-1)?.toMs).to.equal(plot.columns.at(-1)?.toMs);
  });
});
