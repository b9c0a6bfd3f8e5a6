// Paints shaded phases behind the lines of a chart, and target lines above them.

import type uPlot from 'uplot';
import type { Phase, TargetLine } from '../../charts/figure.ts';
import { rightEnds } from '../../charts/target-labels.ts';
import { CHART_FONT, colourOf } from './inks.ts';

/** Paints in pixels of the canvas; one pixel of the page has `ratio` of them. */
type Paint = (context: CanvasRenderingContext2D, ratio: number) => void;

/** Calls `paint`, clipped to the plot if `isClipped`, and restores the context after it. */
export function painted(plot: uPlot, isClipped: boolean, paint: Paint): void {
  const { ctx, bbox } = plot;
  ctx.save();
  if (isClipped) {
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
  }
  paint(ctx, devicePixelRatio);
  ctx.restore();
}

/** Paints shaded phases and, if `isNamed`, names at the top if they fit. */
export function paintPhases(plot: uPlot, phases: readonly Phase[], isNamed = true): void {
  const { left, top, width, height } = plot.bbox;
  painted(plot, false, (context, ratio) => {
    context.font = `${10.5 * ratio}px ${CHART_FONT}`;
    context.textAlign = 'center';
    context.textBaseline = 'bottom';
    for (const { name, fromMs, toMs, isShaded } of phases) {
      const from = Math.max(plot.valToPos(fromMs, 'x', true), left);
      const to = Math.min(plot.valToPos(toMs, 'x', true), left + width);
      if (to <= from) continue;
      context.fillStyle = colourOf('phase');
      if (isShaded) context.fillRect(from, top, to - from, height);
      if (!isNamed || context.measureText(name).width + 6 * ratio > to - from) continue;
      context.fillStyle = colourOf('muted');
      context.fillText(name, (from + to) / 2, top - 3 * ratio);
    }
  });
}

/** Paints dashed horizontal lines, each with its label above the right end. */
export function paintTargets(plot: uPlot, targets: readonly TargetLine[]): void {
  const { left, width } = plot.bbox;
  painted(plot, true, (context, ratio) => {
    context.font = `${11 * ratio}px ${CHART_FONT}`;
    context.textAlign = 'right';
    context.textBaseline = 'bottom';
    context.lineJoin = 'round';
    context.fillStyle = context.strokeStyle = colourOf('target');
    context.lineWidth = Math.round(1.5 * ratio);
    context.setLineDash([8 * ratio, 4 * ratio]);
    const sized = targets.map(({ value, label }) => {
      const y = Math.round(plot.valToPos(value, 'y', true));
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(left + width, y);
      context.stroke();
      return { y, width: context.measureText(label).width, label };
    });
    context.setLineDash([]);
    context.strokeStyle = colourOf('surface');
    context.lineWidth = 3 * ratio;
    const ends = rightEnds(sized, left + width - 6 * ratio, 14 * ratio, 11 * ratio);
    sized.forEach(({ y, width: own, label }, i) => {
      const end = ends[i] ?? 0;
      if (end - own < left) return;
      context.strokeText(label, end, y - 3 * ratio);
      context.fillText(label, end, y - 3 * ratio);
    });
  });
}
