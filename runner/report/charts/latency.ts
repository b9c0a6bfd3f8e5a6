// Percentiles of the primary latency over time, with its targets.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, duration, targetWithUnit } from '../../text/format.ts';
import { type Band, bandsPlot, rangeSeries } from './area.ts';
import type { ChartInput } from './chart.ts';
import { type BandsPlot, bandsScale, type ChartFigure, type Point, type TargetLine } from './figure.ts';
import { percentileLines, samplesFor } from './percentile-lines.ts';
import { highest, lowest, tableOverTime } from './timeline.ts';

/** The lines also differ by dash and width, so that they can be distinguished without colour. */
const LINES = [
  { name: 'p50', ink: 'p50', q: 0.5, width: 1.75, dash: [] },
  { name: 'p90', ink: 'p90', q: 0.9, width: 1.25, dash: [6, 2] },
  { name: 'p95', ink: 'p95', q: 0.95, width: 2.5, dash: [] },
  { name: 'p99', ink: 'p99', q: 0.99, width: 1.5, dash: [2, 2] },
] as const satisfies ReadonlyArray<Pick<Band, 'name' | 'ink'> & { q: number; width: number; dash: readonly number[] }>;

/**
 * Targets drawn as lines: upper limits in milliseconds on the whole primary metric, one line per value. A target with a filter counts
 * if all samples match it, such as the name of the only endpoint.
 */
function targetLines({ result: { kpis }, metrics }: ChartInput, metric: string): TargetLine[] {
  const byValue = new Map<number, string[]>();
  for (const kpi of kpis) {
    const isUpperBound = kpi.comparison === '<' || kpi.comparison === '<=';
    const { expected_response, ...others } = kpi.filter;
    const whole = metrics.total(metric, expected_response === undefined ? {} : { expected_response });
    const isWhole = Object.keys(others).length === 0 || kpi.samples === whole?.count;
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

/** The chart; undefined if the run has no latency. */
export function latencyChart(input: ChartInput, primary: PrimaryLatency): ChartFigure | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  if (total === undefined) return undefined;
  const { lines, range } = percentileLines(
    input,
    primary,
    LINES.map(({ q }) => q),
    input.mostPoints,
  );
  const bands = LINES.map((line, index): Band => ({ ...line, style: 'line', points: lines[index] ?? [] }));
  const targets = targetLines(input, primary.metric);
  const { plot } = bandsPlot(
    input,
    200,
    bands.filter(({ points }) => points.length > 0),
    'duration',
    targets,
  );
  const withRange = { ...plot, series: [rangeSeries(range), ...plot.series] };
  const p95 = bands.find(({ name }) => name === 'p95')?.points ?? [];
  return {
    name: 'latency',
    title: `${primary.label}, percentiles`,
    takeaway: `${targetsAbove(withRange, targets)}p95 ${duration(total.quantile(0.95))}${overTime(p95, total.count)}${maxAbove(withRange, total.max)}.`,
    plot: withRange,
    table: tableOverTime(input, ['Samples', ...LINES.map(({ name }) => name), 'max'], (stretch) => {
      const part = input.metrics.total(primary.metric, primary.filter, stretch);
      const at = ({ q }: { q: number }) =>
        part !== undefined && part.count >= samplesFor(q) ? duration(part.quantile(q)) : '–';
      return [count(part?.count ?? 0), ...LINES.map(at), duration(part?.max)];
    }),
  };
}

/** Lowest and highest p95 over time, or why there is no line: `, 38 ms to 52 ms over time`. */
function overTime(p95: readonly Point[], samples: number): string {
  const needed = samplesFor(0.95);
  if (p95.length === 0) return `; too few samples for a p95 line (${count(samples)} of ${needed})`;
  const [least, most] = [duration(lowest(p95)), duration(highest(p95)?.value)];
  return least === most ? '' : `, ${least} to ${most} over time`;
}

/** `Off the chart: target p95 200 ms. `; '' if all targets fit. It comes first, because the overview cuts the end of long texts. */
function targetsAbove(plot: BandsPlot, targets: readonly TargetLine[]): string {
  const shown = bandsScale(plot).targets;
  const above = targets.filter((target) => !shown.includes(target)).map(({ label }) => label);
  return above.length === 0 ? '' : `Off the chart: ${above.join(', ')}. `;
}

function maxAbove(plot: BandsPlot, max: number | undefined): string {
  return max !== undefined && max > bandsScale(plot).max ? `; max ${duration(max)} is off the chart` : '';
}
