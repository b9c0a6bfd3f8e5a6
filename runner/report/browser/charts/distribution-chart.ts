// A distribution → a uPlot chart with painted bars and percentile marks. Its axis is latency, so it does not use the cursor in time.

import uPlot from 'uplot';
import { compact, count, duration, percent } from '../../../text/format.ts';
import { logTicks, scaleFor } from '../../charts/axes.ts';
import type { DistributionPlot } from '../../charts/figure.ts';
import { painted } from './drawing.ts';
import { CHART_FONT, colourOf, faded } from './inks.ts';
import { bottomAxis, frame, leftAxis, roundValues, type Size } from './options.ts';

function paintBars(chart: uPlot, { low, high, counts }: DistributionPlot): void {
  const step = (high - low) / counts.length;
  const floor = chart.valToPos(0, 'y', true);
  painted(chart, true, (context, ratio) => {
    context.fillStyle = faded(colourOf('ok'), 0.55);
    counts.forEach((amount, bar) => {
      if (amount === 0) return;
      const left = chart.valToPos(low + bar * step, 'x', true);
      const right = chart.valToPos(low + (bar + 1) * step, 'x', true);
      const height = Math.max(floor - chart.valToPos(amount, 'y', true), ratio);
      context.fillRect(left, floor - height, Math.max(right - left - ratio, ratio), height);
    });
  });
}

/** Each label has its own height, so that labels of close percentiles do not overlap. */
function paintMarks(chart: uPlot, marks: DistributionPlot['marks']): void {
  const { top, height, left, width } = chart.bbox;
  painted(chart, false, (context, ratio) => {
    context.font = `bold ${11.5 * ratio}px ${CHART_FONT}`;
    context.textAlign = 'left';
    context.textBaseline = 'top';
    const xOf = (value: number) => chart.valToPos(Math.log10(Math.max(value, 0.001)), 'x', true);
    for (const { ink, value } of marks) {
      context.strokeStyle = colourOf(ink);
      context.lineWidth = 1.5 * ratio;
      context.beginPath();
      context.moveTo(xOf(value), top);
      context.lineTo(xOf(value), top + height);
      context.stroke();
    }
    // After all lines, so that no line crosses a label.
    marks.forEach(({ name, ink, value }, index) => {
      const x = xOf(value);
      const label = `${name} ${duration(value)}`;
      const room = context.measureText(label).width + 5 * ratio;
      const at = x + room > left + width ? x - room : x + 5 * ratio;
      context.fillStyle = faded(colourOf('surface'), 0.85);
      context.fillRect(at - 2 * ratio, top + (index * 15 - 1) * ratio, room, 14 * ratio);
      context.fillStyle = colourOf(ink);
      context.fillText(label, at, top + index * 15 * ratio);
    });
  });
}

export interface DrawnDistribution {
  readonly chart: uPlot;
  /** The text for the bar or point at the cursor; '' without one. */
  reading(): string;
}

/** Draws a distribution into `host`; `onPoint` is called when the pointer moves. */
export function distributionChart(
  host: HTMLElement,
  plot: DistributionPlot,
  size: Size,
  onPoint: () => void,
): DrawnDistribution {
  const { low, high, counts, marks } = plot;
  // Room on the right for the label of the last percentile.
  const end = high + (high - low) * 0.04;
  const scale = scaleFor(Math.max(...counts, 1) * 1.05);
  const total = counts.reduce((sum, amount) => sum + amount, 0);
  const step = (high - low) / counts.length;
  const middles = counts.map((_, bar) => low + (bar + 0.5) * step);
  const chart = new uPlot(
    {
      ...frame(size),
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: () => [low, end] }, y: { range: () => [0, scale.max] } },
      axes: [
        bottomAxis(
          (min, max, most) => logTicks(min, max, most),
          (value) => duration(10 ** value, { trim: true, digits: 2 }),
        ),
        leftAxis(
          size.width,
          () => roundValues(0, scale.max, scale.interval),
          (value) => compact(value),
        ),
      ],
      series: [{}, { width: 0, points: { show: false } }],
      hooks: {
        draw: [
          (chart) => {
            paintBars(chart, plot);
            paintMarks(chart, marks);
          },
        ],
        setCursor: [onPoint],
      },
    },
    [middles, middles.map(() => null)],
    host,
  );
  return {
    chart,
    reading: () => {
      const left = chart.cursor.left ?? -1;
      if (left < 0) return '';
      const bar = Math.floor((chart.posToVal(left, 'x') - low) / step);
      const amount = counts[bar];
      if (amount === undefined) return '';
      const edge = (at: number) => duration(10 ** (low + at * step));
      return `${count(amount)} samples (${percent(total === 0 ? undefined : amount / total)}) from ${edge(bar)} to ${edge(bar + 1)}`;
    },
  };
}
