// A curve or scatter plot → a uPlot chart. Its axis is not time, so it does not use the cursor in time.

import uPlot from 'uplot';
import { scaleFor } from '../../charts/axes.ts';
import type { XyPlot } from '../../charts/figure.ts';
import { axisText, percentileTicks, readingText } from '../../charts/formats.ts';
import type { DrawnDistribution } from './distribution-chart.ts';
import { colourOf, faded } from './inks.ts';
import { bottomAxis, frame, leftAxis, roundValues, type Size } from './options.ts';

function paintKnee(chart: uPlot, knee: number | undefined): void {
  if (knee === undefined) return;
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(knee, 'x', true));
  ctx.save();
  ctx.strokeStyle = colourOf('target');
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** Draws a curve or scatter plot into `host`; `onPoint` is called when the pointer moves. */
export function xyChart(host: HTMLElement, plot: XyPlot, size: Size, onPoint: () => void): DrawnDistribution {
  const { points, style, xFormat, format, ink } = plot;
  const last = points.at(-1)?.[0] ?? 1;
  const across = scaleFor(last * 1.02);
  const isCurve = xFormat === 'percentile';
  const scale = scaleFor(Math.max(...points.map(([, value]) => value), 0) * 1.05);
  const chart = new uPlot(
    {
      ...frame(size),
      cursor: { y: false, drag: { x: false, y: false }, points: { show: true, size: 7 } },
      scales: {
        x: { time: false, range: () => [0, isCurve ? last * 1.02 : across.max] },
        y: { range: () => [0, scale.max] },
      },
      axes: [
        bottomAxis(
          () => (isCurve ? percentileTicks(last) : roundValues(0, across.max, across.interval)),
          (value) => axisText(xFormat, value),
        ),
        leftAxis(
          size.width,
          () => roundValues(0, scale.max, scale.interval),
          (value) => axisText(format, value),
        ),
      ],
      series: [
        {},
        {
          stroke: () => colourOf(ink),
          width: style === 'points' ? 0 : 2,
          ...(style === 'points' ? { paths: () => null } : {}),
          points: {
            show: true,
            size: 5,
            fill: () => faded(colourOf(ink), style === 'points' ? 0.6 : 1),
            stroke: () => faded(colourOf(ink), style === 'points' ? 0.6 : 1),
          },
        },
      ],
      hooks: { setCursor: [onPoint], draw: [(drawn) => paintKnee(drawn, plot.knee)] },
    },
    [points.map(([x]) => x), points.map(([, y]) => y)],
    host,
  );
  return {
    chart,
    reading: () => {
      const point = (chart.cursor.left ?? -1) < 0 ? undefined : points[chart.cursor.idx ?? -1];
      if (point === undefined) return '';
      const label = plot.yLabel === '' ? '' : `${plot.yLabel} `;
      return `${readingText(xFormat, point[0])}: ${label}${readingText(format, point[1])}`;
    },
  };
}
