import { expect } from 'chai';
import { drawBoth } from '../../runner/report/charts/draw.ts';
import type { BandsPlot, FigureSeries, Plot, XyPlot } from '../../runner/report/charts/figure.ts';
import { areaPath, dotsPath, linePath, type Place, stepPath } from '../../runner/report/charts/line-path.ts';

/** The corners of a path of moves and straight lines; null between its parts. */
function cornersOf(d: string): Array<readonly [number, number] | null> {
  const corners: Array<readonly [number, number] | null> = [];
  let [x, y] = [0, 0];
  for (const [, command = '', rest = ''] of d.matchAll(/([MlhHVz])([^MlhHVz]*)/g)) {
    const numbers = (rest.match(/-?(?:\d+\.?\d*|\.\d+)/g) ?? []).map(Number);
    for (let i = 0; i + 1 < numbers.length; i += 2) {
      const [a = 0, b = 0] = numbers.slice(i, i + 2);
      if (command === 'M' && corners.length > 0) corners.push(null);
      [x, y] = command === 'M' ? [a, b] : [x + a, y + b];
      corners.push([Math.round(x * 10) / 10, Math.round(y * 10) / 10]);
    }
  }
  return corners;
}

describe('paths of charts', () => {
  for (const [what, written, expected] of [
    [
      'write lines as steps that add up',
      linePath([
        [66, 152.5],
        [76.6, 151.4],
        [87.2, 152.5],
        [87.2, 0],
      ]),
      'M66 152.5l10.6-1.1 10.6 1.1 0-152.5',
    ],
    ['begin again after a gap', linePath([[1, 1], [2, 2], undefined, [3, 3], [4, 4.5]]), 'M1 1l1 1M3 3l1 1.5'],
    ['draw a point between two gaps as a dot', linePath([undefined, [1, 1], undefined]), 'M1 1h.1'],
    [
      'jump halfway between two points',
      stepPath([
        [0, 10],
        [4, 20],
      ]),
      'M0 10l2 0 0 10 2 0',
    ],
    [
      'close an area along its lower edge, one for each stretch',
      areaPath([[0, 1], [2, 3], undefined, [5, 1], [6, 1]], [9, 9, 9, 8, 8]),
      'M0 1l2 2 0 6-2 0zM5 1l1 0 0 7-1 0z',
    ],
    ['put a dot on every point', dotsPath([[1.25, 2], undefined, [3, 4]]), 'M1.3 2h.1M3 4h.1'],
    ['are empty without points', linePath([undefined]), ''],
  ] as const) {
    it(what, () => {
      expect(written).to.equal(expected);
    });
  }

  it('are exact to a twentieth of a pixel over hundreds of steps', () => {
    const places = Array.from(
      { length: 400 },
      (_, index): Place => [66 + index * 2.573, 100 + 40 * Math.sin(index / 7)],
    );
    const corners = cornersOf(linePath(places));
    expect(corners).to.have.length(400);
    places.forEach((place, index) => {
      const corner = corners[index];
      if (place === undefined || corner == null) throw new Error('a gap');
      expect(corner[0]).to.be.closeTo(place[0], 0.0501);
      expect(corner[1]).to.be.closeTo(place[1], 0.0501);
    });
  });
});

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

const bands = (part: Partial<BandsPlot>): BandsPlot => ({
  kind: 'lines',
  height: 200,
  series: [],
  format: 'count',
  targets: [],
  axisMs: 10_000,
  startedAtMs: Date.parse('2026-11-23T10:00:00Z'),
  phases: [],
  ...part,
});

/** The data of the paths with this attribute, in drawing order. */
function pathsWith(svg: string, attribute: string): string[] {
  return [...svg.matchAll(/<path d="([^"]*)"([^>]*)\/>/g)]
    .filter(([, , rest]) => rest?.includes(attribute))
    .map(([, d = '']) => d);
}

describe('drawings of charts', () => {
  const draw = (plot: Plot, isWideOnly = true) => drawBoth({ name: 'c', plot }, isWideOnly);

  it("place values by the scale, with 0 at the bottom of the plot and the scale's end at the top", () => {
    // 560 × 200: the plot is from 66 to 514 and, with no legend, from 24 to 158; the scale ends at 100.
    const points: FigureSeries['points'] = [
      [0, 0],
      [5000, 50],
      [10_000, 95],
    ];
    const { wide } = draw(bands({ series: [series({ points })] }));
    const [line = ''] = pathsWith(wide, 'stroke-linejoin="bevel"');
    expect(cornersOf(line)).to.deep.equal([
      [66, 158],
      [290, 91],
      [514, 30.7],
    ]);
    expect(wide).to.include('>100</text>').and.to.include('>10:00:04</text>');
  });

  it('stack areas on those before them, and keep the gap of one out of the others', () => {
    const area = (name: string, values: ReadonlyArray<number | null>) =>
      series({ name, style: 'area', width: 0, points: values.map((value, index) => [index * 5000, value]) });
    const { wide } = draw(
      bands({ kind: 'stack', height: 188, series: [area('a', [50, null, 50]), area('b', [45, 95, 45])] }),
    );
    const [a, b] = pathsWith(wide, 'fill="#fe').filter((d) => d.endsWith('z') && !d.includes('a2'));
    // From 46 at the top, under the legend, to 146.
    expect(cornersOf(a ?? '').filter((corner) => corner !== null)).to.deep.equal([
      [66, 96],
      [66, 146],
      [514, 96],
      [514, 146],
    ]);
    expect(cornersOf(b ?? '')).to.deep.equal([
      [66, 51],
      [290, 51],
      [514, 51],
      [514, 96],
      [290, 146],
      [66, 96],
    ]);
  });

  it('draw a target as a line with its name, above everything else', () => {
    const plot = bands({ series: [series({ points: [[0, 80]] })], targets: [{ value: 100, label: 'p95 < 100 ms' }] });
    const { wide } = draw(plot);
    expect(pathsWith(wide, 'stroke-dasharray="8,4"').map(cornersOf)).to.deep.equal([
      [
        [66, 50.8],
        [514, 50.8],
      ],
    ]);
    expect(wide.indexOf('p95 &lt; 100 ms')).to.be.above(wide.indexOf('bevel'));
  });

  it('are higher if the legend needs more rows', () => {
    const many = Array.from({ length: 14 }, (_, index) => series({ name: `GET /products/${index}`, points: [[0, 1]] }));
    const heightOf = (svg: string) => Number(/viewBox="0 0 \d+ ([\d.]+)"/.exec(svg)?.[1]);
    const few = draw(bands({ series: many.slice(0, 2) }), false);
    const all = draw(bands({ series: many }), false);
    expect(heightOf(few.wide)).to.equal(200);
    expect(heightOf(all.wide)).to.be.above(200);
    expect(heightOf(all.narrow)).to.be.above(heightOf(few.narrow) + 30);
    const left = [...all.narrow.matchAll(/<text x="([\d.]+)" y="([\d.]+)">GET/g)];
    expect(left).to.have.length(14);
    expect(new Set(left.map(([, , y]) => y)).size).to.be.above(4);
  });

  it('write hostile names as text', () => {
    const name = '"><script>&\u0000\u001b[31m';
    const { wide, narrow } = draw(bands({ series: [series({ name, points: [[0, 1]] }), series({})] }), false);
    for (const svg of [wide, narrow]) expect(svg).to.include('&quot;&gt;&lt;script&gt;&amp;[31m</text>');
  });

  it('leave out labels that would overlap', () => {
    const plot: XyPlot = {
      kind: 'xy',
      height: 200,
      style: 'line',
      ink: 'p95',
      points: [
        [0, 1],
        [40, 2],
      ],
      xFormat: 'percentile',
      format: 'duration',
      xLabel: 'percentile',
      yLabel: 'ms',
    };
    const { wide } = draw(plot);
    const at = [...wide.matchAll(/<text x="([\d.]+)" y="[\d.]+">p/g)].map(([, x]) => Number(x));
    expect(at.length).to.be.above(0);
    at.slice(1).forEach((x, index) => {
      expect(x - (at[index] ?? 0)).to.be.above(15);
    });
  });
});
