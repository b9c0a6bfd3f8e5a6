// Percentiles of the primary latency over time, with the targets that are set on it.

import type { Aggregate } from '../../metrics/model.ts';
import { oneLine } from '../display-text.ts';
import { duration, elapsed, plural, targetWithUnit } from '../format.ts';
import type { PrimaryLatency } from '../primary.ts';
import type { ResultKpi } from '../result.ts';
import {
  type Chart,
  type ChartInput,
  drawBoth,
  gridOf,
  legendOf,
  phaseShading,
  scaleFor,
  timeAxis,
  valueAxis,
} from './chart.ts';
import { type Ink, ink } from './ink.ts';
import { FEW_POINTS, highest, linesOf, lowest, type Point, stretches } from './timeline.ts';

interface Line {
  readonly name: string;
  readonly ink: Ink;
  readonly width: number;
  readonly dash: 'solid' | number[];
  readonly figure: (aggregate: Aggregate) => number | undefined;
}

/** Told apart by dash and width too, not by colour alone. */
const LINES: readonly Line[] = [
  { name: 'p50', ink: 'p50', width: 1.75, dash: 'solid', figure: (a) => a.quantile(0.5) },
  { name: 'p90', ink: 'p90', width: 1.25, dash: [6, 2], figure: (a) => a.quantile(0.9) },
  { name: 'p95', ink: 'p95', width: 2.5, dash: 'solid', figure: (a) => a.quantile(0.95) },
  { name: 'p99', ink: 'p99', width: 1.5, dash: [2, 2], figure: (a) => a.quantile(0.99) },
  { name: 'max', ink: 'max', width: 1, dash: [1, 3], figure: (a) => a.max },
];

/** Targets drawn as lines: upper bounds in milliseconds on the whole of the primary metric, one line per value. */
function targetLines(kpis: readonly ResultKpi[], metric: string): { value: number; label: string }[] {
  const byValue = new Map<number, string[]>();
  for (const kpi of kpis) {
    const isUpperBound = kpi.comparison === '<' || kpi.comparison === '<=';
    const isWhole = Object.keys(kpi.filter).every((tag) => tag === 'expected_response');
    if (kpi.metric !== metric || !isUpperBound || !isWhole || !['ms', 'milliseconds'].includes(kpi.unit)) continue;
    const names = byValue.get(kpi.target) ?? [];
    const name = oneLine(kpi.statistic, 20).replace(/^p\((.*)\)$/, 'p$1');
    if (!names.includes(name)) names.push(name);
    byValue.set(kpi.target, names);
  }
  return [...byValue]
    .map(([value, names]) => ({ value, label: `target ${names.join(', ')} ${targetWithUnit(value, 'ms')}` }))
    .sort((a, b) => a.value - b.value);
}

/** undefined where the run has no latency. */
export function latencyChart(input: ChartInput, primary: PrimaryLatency): Chart | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  if (total === undefined) return undefined;
  const points = linesOf(
    input,
    primary.metric,
    LINES.map(({ figure }) => figure),
    primary.filter,
  );
  const lines = LINES.map((line, index) => ({ line, points: points[index] ?? [] }));
  const at = (name: string): readonly Point[] => lines.find(({ line }) => line.name === name)?.points ?? [];
  const peak = highest(at('max'));
  const tail = highest(at('p99'))?.value ?? 0;
  const targets = targetLines(input.result.kpis, primary.metric);
  // Targets far above the data would press all lines to the floor; a rare maximum would too.
  const shown = targets.filter(({ value }) => value <= tail * 3);
  const scale = scaleFor(Math.max(tail * 1.06, ...shown.map(({ value }) => value * 1.06)));
  const isCut = peak !== undefined && peak.value > scale.max;
  const remarks = [
    ...targets.filter((target) => !shown.includes(target)).map(({ label }) => `${label} is above this chart`),
    ...(isCut ? [`the maximum, ${duration(peak.value)} at ${elapsed(peak.atMs)}, is above this chart`] : []),
  ];
  const p95 = at('p95');
  const [least, most] = [duration(lowest(p95)), duration(highest(p95)?.value)];
  const range = least === most ? '' : `; from interval to interval it lies between ${least} and ${most}`;
  const takeaway =
    `p95 of ${plural(total.count, primary.noun)} is ${duration(total.quantile(0.95))}${range}` +
    `${remarks.length === 0 ? '.' : `; ${remarks.join('; ')}.`}`;
  return {
    name: 'latency',
    title: `${primary.label}, percentiles over time`,
    takeaway,
    ...drawBoth('latency', 320, (frame) => ({
      grid: gridOf(frame),
      legend: legendOf(
        LINES.map(({ name }) => name),
        frame,
      ),
      xAxis: timeAxis(input.axisMs, frame),
      yAxis: valueAxis((value) => duration(value, { trim: true }), scale, frame),
      series: lines.map(({ line, points }, index) => ({
        name: line.name,
        type: 'line' as const,
        data: points,
        showSymbol: points.length <= FEW_POINTS,
        symbol: points.length <= FEW_POINTS ? 'circle' : 'none',
        symbolSize: 4,
        itemStyle: { color: ink(line.ink) },
        lineStyle: { color: ink(line.ink), width: line.width, type: line.dash },
        ...(index === 0 ? { markArea: phaseShading(input, frame) } : {}),
        ...(line.name === 'max'
          ? {
              markLine: {
                silent: true,
                symbol: 'none',
                data: shown.map(({ value, label }) => ({
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
              },
            }
          : {}),
      })),
    })),
    table: {
      columns: ['Time', 'Samples', ...LINES.map(({ name }) => name)],
      rows: stretches(input).map((range) => {
        const part = input.metrics.total(primary.metric, primary.filter, range);
        return [
          elapsed(range.fromMs - input.loadStartMs),
          (part?.count ?? 0).toLocaleString('en-US'),
          ...LINES.map(({ figure }) => duration(part === undefined ? undefined : figure(part))),
        ];
      }),
    },
  };
}
