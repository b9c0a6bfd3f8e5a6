// Bands over time as an ECharts option: stacked areas and lines on the shared time axis, target lines across.

import type { LineSeriesOption } from 'echarts/charts';
import { type BandsPlot, bandsScale, type FigureSeries, type Point, type TargetLine } from './figure.ts';
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

/** ECharts fills between two lines as a stack: the lower edge without a fill, and the distance on it. */
function rangeOption({ name, ink: colour, opacity, points, lows = [] }: FigureSeries): LineSeriesOption[] {
  const line = { type: 'line' as const, stack: 'range', symbol: 'none', lineStyle: { width: 0, color: ink(colour) } };
  const low = points.map(([atMs], index): Point => [atMs, lows[index] ?? null]);
  const height = points.map(([atMs, high], index): Point => [atMs, high === null ? null : high - (lows[index] ?? 0)]);
  return [
    { ...line, name: `${name}, lower edge`, data: low, areaStyle: { color: ink(colour), opacity: 0 } },
    { ...line, name, data: height, itemStyle: { color: ink(colour) }, areaStyle: { color: ink(colour), opacity } },
  ];
}

function lineOption({ name, ink: colour, style, width, dash, opacity, points }: FigureSeries): LineSeriesOption {
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

/** A phone has room for fewer points: of every stretch the highest, and the lowest of lower edges. */
function narrowed(series: FigureSeries): FigureSeries {
  const { points, lows } = series;
  if (lows === undefined) return { ...series, points: thinned(points, NARROW_POINTS) };
  const negated = points.map(([atMs], index): Point => [atMs, lows[index] == null ? null : -(lows[index] ?? 0)]);
  return {
    ...series,
    points: thinned(points, NARROW_POINTS),
    lows: thinned(negated, NARROW_POINTS).map(([, value]) => (value === null ? null : -value)),
  };
}

export function bandsOption(plot: BandsPlot, frame: Frame): ChartOption {
  const { series, format, axisMs, phases, inStack } = plot;
  const scale = bandsScale(plot);
  const hasLegend = series.length > 1;
  const drawn = series.map((one) => (frame.isNarrow ? narrowed(one) : one));
  const lines = drawn.flatMap((one): LineSeriesOption[] =>
    one.style === 'range' ? rangeOption(one) : [lineOption(one)],
  );
  const grid = gridOf(frame, hasLegend ? undefined : 24);
  return {
    grid: inStack === undefined ? grid : { ...grid, top: 22, bottom: inStack === 'other' ? 8 : grid.bottom },
    legend: {
      ...legendOf([], frame),
      show: hasLegend,
      data: series.map(({ name, style }) =>
        style === 'area' || style === 'range' ? { name, icon: 'roundRect' } : name,
      ),
    },
    xAxis: timeAxis(plot, frame, inStack !== 'other'),
    yAxis: valueAxis((value) => axisText(format, value), scale, frame),
    series: lines.map((one, index) => ({
      ...one,
      ...(index === 0 ? { markArea: phaseShading(phases, axisMs, frame, inStack === undefined) } : {}),
      ...(index === lines.length - 1 && scale.targets.length > 0 ? { markLine: markLine(scale.targets) } : {}),
    })),
  };
}
