// Percentiles of the primary latency over time, with the targets that are set on it.

import type { PrimaryLatency } from '../../analysis/primary.ts';
import type { Aggregate } from '../../model/metrics.ts';
import type { ResultKpi } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, duration, elapsed, plural, targetWithUnit } from '../../text/format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import { bandsScale, type ChartFigure, type Point, type TargetLine } from './figure.ts';
import { highest, linesOf, lowest, stretches } from './timeline.ts';

interface Line extends Pick<Band, 'name' | 'ink' | 'isFitted'> {
  readonly width: number;
  readonly dash: readonly number[];
  readonly figure: (aggregate: Aggregate) => number | undefined;
}

/** Told apart by dash and width too, not by colour alone. */
const LINES: readonly Line[] = [
  { name: 'p50', ink: 'p50', width: 1.75, dash: [], figure: (a) => a.quantile(0.5) },
  { name: 'p90', ink: 'p90', width: 1.25, dash: [6, 2], figure: (a) => a.quantile(0.9) },
  { name: 'p95', ink: 'p95', width: 2.5, dash: [], figure: (a) => a.quantile(0.95) },
  { name: 'p99', ink: 'p99', width: 1.5, dash: [2, 2], figure: (a) => a.quantile(0.99) },
  { name: 'max', ink: 'max', width: 1, dash: [1, 3], isFitted: false, figure: (a) => a.max },
];

/** Targets drawn as lines: upper bounds in milliseconds on the whole of the primary metric, one line per value. */
function targetLines(kpis: readonly ResultKpi[], metric: string): TargetLine[] {
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
export function latencyChart(input: ChartInput, primary: PrimaryLatency): ChartFigure | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  if (total === undefined) return undefined;
  const points = linesOf(
    input,
    primary.metric,
    LINES.map(({ figure }) => figure),
    primary.filter,
  );
  const lines = LINES.map(
    ({ figure: _, ...line }, index): Band => ({ ...line, style: 'line', points: points[index] ?? [] }),
  );
  const at = (name: string): readonly Point[] => lines.find((line) => line.name === name)?.points ?? [];
  const peak = highest(at('max'));
  const targets = targetLines(input.result.kpis, primary.metric);
  const { plot } = drawBands(input, { name: 'latency', height: 320 }, lines, 'duration', targets);
  const scale = bandsScale(plot);
  const isCut = peak !== undefined && peak.value > scale.max;
  const remarks = [
    ...targets.filter((target) => !scale.targets.includes(target)).map(({ label }) => `${label} is above this chart`),
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
    plot,
    table: {
      columns: ['Time', 'Samples', ...LINES.map(({ name }) => name)],
      rows: stretches(input).map((range) => {
        const part = input.metrics.total(primary.metric, primary.filter, range);
        return [
          elapsed(range.fromMs - input.loadStartMs),
          count(part?.count ?? 0),
          ...LINES.map(({ figure }) => duration(part === undefined ? undefined : figure(part))),
        ];
      }),
    },
  };
}
