// Bands over time as an ECharts option: stacked areas and lines on the shared time axis, target lines across.

import { type BandsPlot, bandsScale, type FigureSeries, type TargetLine } from './figure.ts';
import { axisText } from './formats.ts';
import { type Frame, gridOf, legendOf, phaseShading, timeAxis, valueAxis } from './frame.ts';
import { ink } from './ink.ts';
import type { ChartOption } from './svg.ts';
import { FEW_POINTS, thinned } from './timeline.ts';

function markLine(targets: readonly TargetLine[]) {
  return {
    silent: true,
    symbol: 'none',
    data: targets.map(({ value, label }) => ({
      yAxis: value,
      label: {
        formatter: () => label,
        position: 'insideEndTop' as const,
        color: ink('target'),
        fontSize: 11,
        textBorderColor: ink('surface'),
        textBorderWidth: 3,
      },
      lineStyle: { color: ink('target'), type: [8, 4], width: 1.5 },
    })),
  };
}

/** A phone's plot is 316 pixels wide: of every stretch the highest point, so that a spike stays. */
const NARROW_POINTS = 110;

function seriesOption({ name, ink: colour, style, width, dash, opacity, points }: FigureSeries) {
  const isFew = points.length <= FEW_POINTS;
  return {
    name,
    type: 'line' as const,
    data: [...points],
    ...(style === 'area' ? { stack: 'areas', areaStyle: { color: ink(colour), opacity } } : {}),
    ...(style === 'step' ? { step: 'middle' as const } : {}),
    showSymbol: isFew,
    symbol: isFew ? 'circle' : 'none',
    symbolSize: 4,
    itemStyle: { color: ink(colour) },
    lineStyle: {
      color: ink(colour),
      width,
      type: dash.length > 0 ? [...dash] : ('solid' as const),
      ...(style !== 'area' && opacity < 1 ? { opacity } : {}),
    },
  };
}

export function bandsOption(plot: BandsPlot, frame: Frame): ChartOption {
  const { series, format, axisMs, phases } = plot;
  const scale = bandsScale(plot);
  const hasLegend = series.length > 1;
  return {
    grid: gridOf(frame, hasLegend ? undefined : 24),
    legend: {
      ...legendOf([], frame),
      show: hasLegend,
      data: series.map(({ name, style }) => (style === 'area' ? { name, icon: 'roundRect' } : name)),
    },
    xAxis: timeAxis(axisMs, frame),
    yAxis: valueAxis((value) => axisText(format, value), scale, frame),
    series: series.map((one, index) => ({
      ...seriesOption(frame.isNarrow ? { ...one, points: thinned(one.points, NARROW_POINTS) } : one),
      ...(index === 0 ? { markArea: phaseShading(phases, axisMs, frame) } : {}),
      ...(index === series.length - 1 && scale.targets.length > 0 ? { markLine: markLine(scale.targets) } : {}),
    })),
  };
}
