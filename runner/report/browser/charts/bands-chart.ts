// Bands of a figure → a uPlot chart with lines, stacked areas, phases and targets.

import uPlot from 'uplot';
import { FEW_POINTS } from '../../charts/chart-limits.ts';
import { type BandsPlot, bandsScale, type FigureSeries } from '../../charts/figure.ts';
import { axisText, type FormatId, readingText } from '../../charts/formats.ts';
import type { TimeSpan } from '../range.ts';
import { paintPhases, paintTargets } from './drawing.ts';
import type { Drawn } from './drawn.ts';
import { colourOf, faded } from './inks.ts';
import { frame, leftAxis, roundValues, type Size, timeAxis, timeScale } from './options.ts';
import { type Column, columnsOf } from './stack.ts';

/** Indices of points between two gaps, which no line would show. Undefined values are no gaps: other series have points there. */
function isolated(values: ReadonlyArray<number | null | undefined>): number[] {
  const own = values.flatMap((value, index) => (value === undefined ? [] : [{ value, index }]));
  return own.flatMap(({ value, index }, at) => {
    const isAlone = (own[at - 1]?.value ?? null) === null && (own[at + 1]?.value ?? null) === null;
    return value !== null && isAlone ? [index] : [];
  });
}

function seriesOption({ ink, style, width, dash, opacity }: FigureSeries, isLowest: boolean): uPlot.Series {
  const isArea = style === 'area' || style === 'range';
  return {
    stroke: () => (isArea ? colourOf(ink) : faded(colourOf(ink), opacity)),
    width,
    ...(dash.length > 0 ? { dash: [...dash] } : {}),
    ...(style === 'area' && isLowest ? { fill: () => faded(colourOf(ink), opacity) } : {}),
    ...(style === 'step' && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
    spanGaps: false,
    points: {
      size: 5,
      fill: () => colourOf(ink),
      stroke: () => colourOf(ink),
      // Dots would hide the dashes of a dashed line.
      show: (_plot, _series, first, last) => !isArea && dash.length === 0 && last - first < FEW_POINTS,
      filter: (plot, series, isShown) => (isShown ? null : isolated([...(plot.data[series] ?? [])])),
    },
  };
}

/** The value at an index or, if the series has no point there, that of its nearest point. */
function nearestValue(times: readonly number[], values: Column['values'], index: number): number | null {
  if (values[index] !== undefined) return values[index];
  const distance = (at: number) => Math.abs((times[at] ?? 0) - (times[index] ?? 0));
  let best: number | undefined;
  values.forEach((value, at) => {
    if (value !== undefined && (best === undefined || distance(at) < distance(best))) best = at;
  });
  return best === undefined ? null : (values[best] ?? null);
}

function readingOf({ values, lows }: Column, times: readonly number[], index: number, format: FormatId): string {
  const value = readingText(format, nearestValue(times, values, index));
  return lows === undefined ? value : `${readingText(format, nearestValue(times, lows, index))} to ${value}`;
}

/** The fill between two series of the chart, given by their indices. */
function bandOf(upper: number, lower: number, column: Column | undefined): uPlot.Band {
  const { ink = 'ok', opacity = 1 } = column?.series ?? {};
  return { series: [upper, lower], fill: () => faded(colourOf(ink), opacity) };
}

/** The data of uPlot: times, heights, and after them the lower edges of ranges. */
function dataOf({ series }: BandsPlot, hidden: ReadonlySet<string>) {
  const { times, columns } = columnsOf(series, hidden);
  const lows = columns.flatMap((column) => (column.lows === undefined ? [] : [[...column.lows]]));
  const data: uPlot.AlignedData = [times, ...columns.map(({ heights }) => [...heights]), ...lows];
  return { times, columns, data, visible: series.filter(({ name }) => !hidden.has(name)) };
}

/** Draws bands into `host`. `hidden`: names of series that are not drawn; `shown` returns the visible part of the run. */
export function bandsChart(
  host: HTMLElement,
  plot: BandsPlot,
  size: Size,
  hidden: ReadonlySet<string>,
  shown: () => TimeSpan,
  more: Pick<uPlot.Options, 'cursor' | 'hooks'>,
): Drawn {
  const { columns } = columnsOf(plot.series, hidden);
  let current = dataOf(plot, hidden);
  const scale = () => bandsScale({ ...plot, series: current.visible }, shown());
  const ranges = columns.flatMap(({ lows }, index) => (lows === undefined ? [] : [{ index }]));
  const areas = columns.flatMap(({ series }, index) => (series.style === 'area' ? [index + 1] : []));
  const chart = new uPlot(
    {
      ...frame(size, plot.inStack !== undefined),
      ...more,
      scales: { x: timeScale(shown), y: { range: () => [0, scale().max] } },
      axes: [
        timeAxis(plot.startedAtMs, plot.inStack !== 'other'),
        leftAxis(
          size.width,
          () => roundValues(0, scale().max, scale().interval),
          (value) => axisText(plot.format, value),
        ),
      ],
      series: [
        {},
        ...columns.map(({ series }, index) => seriesOption(series, index + 1 === areas[0])),
        // Lower edges of ranges, which are only visible as the edge of a fill.
        ...ranges.map((): uPlot.Series => ({ width: 0, points: { show: false } })),
      ],
      bands: [
        ...areas.slice(1).map((upper, index) => bandOf(upper, areas[index] ?? upper, columns[upper - 1])),
        ...ranges.map(({ index }, place) => bandOf(index + 1, columns.length + 1 + place, columns[index])),
      ],
      hooks: {
        ...more.hooks,
        drawClear: [(chart) => paintPhases(chart, plot.phases, plot.inStack === undefined)],
        draw: [(chart) => paintTargets(chart, scale().targets)],
      },
    },
    current.data,
    host,
  );
  return {
    chart,
    get times() {
      return current.times;
    },
    renew(next) {
      current = dataOf(next, hidden);
      chart.setData(current.data, false);
    },
    readingsAt: (atMs) => {
      const index = chart.valToIdx(atMs);
      const texts = new Map(
        current.columns.map((column) => [column.series.name, readingOf(column, current.times, index, plot.format)]),
      );
      return plot.series.map(({ name }) => texts.get(name) ?? '');
    },
  };
}
