// A plot → a table of its data, for charts of one scenario or endpoint: the page makes their tables.

import { count, elapsed, percent, percentileName } from '../../text/format.ts';
import { timesOfSeries, valuesAt } from './chart-data.ts';
import { MAX_TABLE_ROWS } from './chart-limits.ts';
import type { BandsPlot, ChartTable, DistributionPlot, HeatmapPlot, Plot, XyPlot } from './figure.ts';
import { readingText } from './formats.ts';
import { mergedColumns } from './heat.ts';

/** The data of a plot in at most MAX_TABLE_ROWS rows, evenly spread. */
export function tableOfPlot(plot: Plot): ChartTable {
  switch (plot.kind) {
    case 'heatmap':
      return tableOfHeatmap(plot);
    case 'distribution':
      return tableOfDistribution(plot);
    case 'xy':
      return tableOfXy(plot);
    default:
      return tableOfBands(plot);
  }
}

function everyNth<T>(list: readonly T[]): T[] {
  const step = Math.max(1, Math.ceil(list.length / MAX_TABLE_ROWS));
  return list.filter((_, index) => index % step === 0);
}

function tableOfBands({ series, format, startedAtMs }: BandsPlot): ChartTable {
  const shown = series.filter(({ points }) => points.length > 0);
  const times = everyNth(timesOfSeries(shown));
  const columns = shown.map(({ points }) => nearest(points.length > 0 ? valuesAt(points, times) : [], points, times));
  return {
    columns: ['Time', ...shown.map(({ name, style }) => (style === 'range' ? 'max' : name))],
    rows: times.map((atMs, row) => [
      elapsed(atMs),
      ...columns.map((values) => {
        const value = values[row];
        return value === undefined || value === null ? '–' : readingText(format, value);
      }),
    ]),
    startedAtMs: times.map((atMs) => startedAtMs + atMs),
  };
}

/** Values with gaps filled: a line without a point at a time has the value of its last point before. */
function nearest(
  values: ReadonlyArray<number | null | undefined>,
  points: BandsPlot['series'][number]['points'],
  times: readonly number[],
): ReadonlyArray<number | null | undefined> {
  return values.map((value, row) =>
    value === undefined ? points.findLast(([atMs]) => atMs <= (times[row] ?? 0))?.[1] : value,
  );
}

function tableOfHeatmap({ columns, low, high, rows, startedAtMs }: HeatmapPlot): ChartTable {
  const edge = (row: number) => readingText('duration', 10 ** (low + (row / rows) * (high - low)));
  const stretches = mergedColumns(columns, MAX_TABLE_ROWS);
  return {
    columns: ['Time', 'Samples', 'Most common range'],
    rows: stretches.map(({ fromMs, counts }) => {
      const most = Math.max(...counts, 0);
      const row = counts.indexOf(most);
      const samples = counts.reduce((sum, amount) => sum + amount, 0);
      return [elapsed(fromMs), count(samples), most === 0 ? '–' : `${edge(row)} to ${edge(row + 1)}`];
    }),
    startedAtMs: stretches.map(({ fromMs }) => startedAtMs + fromMs),
  };
}

function tableOfDistribution({ low, high, counts }: DistributionPlot): ChartTable {
  const step = (high - low) / counts.length;
  const all = counts.reduce((sum, amount) => sum + amount, 0);
  let running = 0;
  return {
    columns: ['Up to', 'Samples', 'Share', 'Cumulative share'],
    rows: counts.flatMap((amount, bar) => {
      if (amount === 0) return [];
      running += amount;
      const upTo = readingText('duration', 10 ** (low + (bar + 1) * step));
      return [[upTo, count(amount), percent(amount / all), percent(running / all)]];
    }),
  };
}

function tableOfXy({ points, xFormat, format, xLabel, yLabel }: XyPlot): ChartTable {
  const isCurve = xFormat === 'percentile';
  return {
    columns: [isCurve ? 'Percentile' : xLabel, yLabel === '' ? 'Time' : yLabel],
    rows: everyNth(points).map(([x, y]) => [
      isCurve ? percentileName(1 - 10 ** -x, 4) : readingText(xFormat, x),
      readingText(format, y),
    ]),
  };
}
