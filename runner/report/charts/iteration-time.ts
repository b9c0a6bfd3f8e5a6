// The duration of iterations over time, pauses included.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { count, duration } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import { percentileLines, samplesFor } from './percentile-lines.ts';
import { tableOverTime } from './timeline.ts';

const METRIC = 'iteration_duration';

const LINES = [
  { name: 'p50', ink: 'p50', q: 0.5, width: 1.75 },
  { name: 'p95', ink: 'p95', q: 0.95, width: 2.25 },
] as const;

/** The chart; undefined if no line would have two points, or if iteration_duration is the run's primary latency. */
export function iterationTimeChart(input: ChartInput, primary: PrimaryLatency | undefined): ChartFigure | undefined {
  const total = input.metrics.total(METRIC);
  if (total === undefined || primary?.metric === METRIC) return undefined;
  const { lines } = percentileLines(
    input,
    { metric: METRIC },
    LINES.map(({ q }) => q),
    input.mostPoints,
  );
  const bands = LINES.map(({ q: _, ...line }, index): Band => ({ ...line, style: 'line', points: lines[index] ?? [] }));
  const drawn = bands.filter(({ points }) => points.length > 0);
  if (!drawn.some(({ points }) => points.length > 1)) return undefined;
  return {
    name: 'iteration-time',
    title: 'Iteration duration, percentiles',
    takeaway: `p50 ${duration(total.quantile(0.5))}, p95 ${duration(total.quantile(0.95))}, max ${duration(total.max)}; the script's pauses are included.`,
    ...bandsPlot(input, 180, drawn, 'duration'),
    table: tableOverTime(input, ['Iterations', ...LINES.map(({ name }) => name), 'max'], (range) => {
      const part = input.metrics.total(METRIC, {}, range);
      const at = (q: number) => (part !== undefined && part.count >= samplesFor(q) ? duration(part.quantile(q)) : '–');
      return [count(part?.count ?? 0), ...LINES.map(({ q }) => at(q)), duration(part?.max)];
    }),
  };
}
