// Computes a line's value in each interval, and its figures over a phase of the run.

import { quantileAt } from '../metrics/buckets/quantile.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { PanelLine, SeriesName } from './panels.ts';
import type { RunPhase } from './recorder.ts';

/** The mean of a line or series in one interval. */
export interface IntervalMean {
  readonly startMs: number;
  readonly lengthMs: number;
  /** undefined: no reading in this interval. */
  readonly value: number | undefined;
}

/** The line's mean in every interval of the run's grid; undefined in an interval without a reading. */
export function meansOfLine(line: PanelLine, server: RunMetrics, phase: RunPhase = ''): IntervalMean[] {
  const members = sums(line.members, server, phase);
  const minus = line.minus.length === 0 ? undefined : sums(line.minus, server, phase);
  const whole = line.whole.length === 0 ? undefined : sums(line.whole, server, phase);
  return members.map(({ startMs, lengthMs, value }, index) => {
    const taken = minus === undefined ? 0 : minus[index]?.value;
    const divisor = whole === undefined ? 1 : whole[index]?.value;
    const isKnown = value !== undefined && taken !== undefined && divisor !== undefined && divisor !== 0;
    return { startMs, lengthMs, value: isKnown ? ((value - taken) / divisor) * line.scale : undefined };
  });
}

/** The mean of one series in every interval of the run's grid. */
export function meansOfSeries(series: SeriesName, server: RunMetrics, phase: RunPhase = ''): IntervalMean[] {
  return sums([series], server, phase);
}

function sums(series: readonly SeriesName[], server: RunMetrics, phase: RunPhase): IntervalMean[] {
  const totals: Array<{ startMs: number; lengthMs: number; value: number | undefined }> = [];
  for (const { name, source, labels } of series) {
    for (const [index, interval] of server.timeline(name, { ...labels, source, phase }).entries()) {
      const mean = interval.aggregate?.mean;
      const total = totals[index] ?? { startMs: interval.startMs, lengthMs: interval.lengthMs, value: undefined };
      if (mean !== undefined) total.value = (total.value ?? 0) + mean;
      totals[index] = total;
    }
  }
  return totals;
}

/** Figures over means of intervals; `samples` is their number. */
export interface MeanFigures {
  readonly avg: number;
  readonly min: number;
  readonly max: number;
  readonly p95: number;
  readonly last: number;
  readonly samples: number;
}

/** The figures of these means; null if no interval has one. */
export function figuresOfMeans(means: readonly IntervalMean[]): MeanFigures | null {
  const values = means.flatMap(({ value }) => value ?? []);
  const last = values.at(-1);
  if (last === undefined) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return {
    avg: values.reduce((sum, value) => sum + value, 0) / values.length,
    min: sorted[0] ?? last,
    max: sorted.at(-1) ?? last,
    p95: quantileAt(0.95, sorted.length, (rank) => sorted[rank] ?? last) ?? last,
    last,
    samples: values.length,
  };
}
