// A heatmap → a uPlot chart with axes, cursor and painted cells.

import uPlot from 'uplot';
import { count, duration } from '../../../text/format.ts';
import { logLabels, logTicks } from '../../charts/axes.ts';
import type { HeatmapColumn, HeatmapPlot } from '../../charts/figure.ts';
import { HEAT_INKS, heatLevel, highestCount } from '../../charts/heat.ts';
import type { TimeSpan } from '../range.ts';
import { painted } from './drawing.ts';
import type { Drawn } from './drawn.ts';
import { colourOf } from './inks.ts';
import { frame, leftAxis, type Size, timeAxis, timeScale } from './options.ts';

function paintCells(chart: uPlot, { columns, rows, low, high }: HeatmapPlot, { fromMs, toMs }: TimeSpan): void {
  const seen = columns.filter((column) => column.toMs > fromMs && column.fromMs < toMs);
  const most = highestCount(seen);
  const edge = (row: number) => Math.round(chart.valToPos(low + (row / rows) * (high - low), 'y', true));
  painted(chart, true, (context) => {
    for (const column of seen) {
      const left = Math.round(chart.valToPos(column.fromMs, 'x', true));
      const right = Math.max(Math.round(chart.valToPos(column.toMs, 'x', true)), left + 1);
      column.counts.forEach((amount, row) => {
        if (amount === 0) return;
        context.fillStyle = colourOf(HEAT_INKS[heatLevel(amount, most)] ?? 'heat0');
        context.fillRect(left, edge(row + 1), right - left, edge(row) - edge(row + 1));
      });
    }
  });
}

/** `83 of 412 samples at 20 ms to 24 ms`, for the row `pointed` or, without it, the row with most samples. */
function textOf(column: HeatmapColumn, { rows, low, high }: HeatmapPlot, pointed: number | undefined): string {
  const total = column.counts.reduce((sum, amount) => sum + amount, 0);
  if (total === 0) return 'no data';
  const row = pointed ?? column.counts.indexOf(Math.max(...column.counts));
  const edge = (at: number) => duration(10 ** (low + (at / rows) * (high - low)), { digits: 2 });
  const band = `${edge(row)} to ${edge(row + 1)}`;
  return `${count(column.counts[row] ?? 0)} of ${count(total)} samples at ${band}`;
}

/** Draws a heatmap into `host`; `shown` returns the visible part of the run. */
export function heatChart(
  host: HTMLElement,
  plot: HeatmapPlot,
  size: Size,
  shown: () => TimeSpan,
  more: Pick<uPlot.Options, 'cursor' | 'hooks'>,
): Drawn {
  const { columns, low, high, rows } = plot;
  const times = columns.map(({ fromMs, toMs }) => (fromMs + toMs) / 2);
  const chart = new uPlot(
    {
      ...frame(size),
      ...more,
      scales: { x: timeScale(shown), y: { range: () => [low, high] } },
      axes: [
        timeAxis(plot.startedAtMs),
        leftAxis(
          size.width,
          () => logTicks(low, high, logLabels(size.height)),
          (value) => duration(10 ** value, { trim: true, digits: 2 }),
        ),
      ],
      series: [{}, { show: true, width: 0, points: { show: false } }],
      hooks: { ...more.hooks, draw: [(chart) => paintCells(chart, plot, shown())] },
    },
    [times, times.map(() => null)],
    host,
  );
  return {
    chart,
    times,
    readingsAt: (atMs) => {
      const column = columns.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs) ?? columns[chart.valToIdx(atMs)];
      if (column === undefined) return ['no data'];
      const top = chart.cursor.top ?? -1;
      const row = Math.floor(((chart.posToVal(top, 'y') - low) / (high - low)) * rows);
      return [textOf(column, plot, top >= 0 && row >= 0 && row < rows ? row : undefined)];
    },
  };
}
