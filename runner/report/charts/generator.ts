// The load generator over time: CPU of k6, and the latency of Go's scheduler, which adds to measured latencies.

import { duration, elapsed, significant } from '../../text/format.ts';
import { bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import { MAX_TABLE_ROWS } from './chart-limits.ts';
import type { ChartFigure, Point } from './figure.ts';
import { highest, thinned } from './timeline.ts';

/** The chart; undefined if the stream has no data on the load generator. */
export function generatorChart(input: ChartInput): ChartFigure | undefined {
  const health = input.metrics.health;
  const at = (startMs: number, lengthMs: number) =>
    Math.min(Math.max(startMs + lengthMs / 2 - input.loadStartMs, 0), input.axisMs);
  const cpu = thinned(
    health.map(({ startMs, lengthMs, cpuCores }): Point => [at(startMs, lengthMs), cpuCores ?? null]),
    input.mostPoints,
  );
  const peak = highest(cpu);
  if (peak === undefined) return undefined;
  const allowed = health.find(({ coresAllowed }) => coresAllowed !== undefined)?.coresAllowed;
  const late = highest(health.map(({ startMs, lengthMs, schedP99Ms }) => [at(startMs, lengthMs), schedP99Ms ?? null]));
  const step = Math.ceil(health.length / MAX_TABLE_ROWS);
  const rows = health.filter((_, index) => index % step === 0);
  return {
    name: 'generator',
    subject: 'generator',
    title: 'Load generator: CPU of k6',
    takeaway:
      `k6 used at most ${significant(peak.value, 2)} ${allowed === undefined ? 'cores' : `of ${allowed} cores`}` +
      `${late === undefined ? '.' : `; scheduler latency (p99) at most ${duration(late.value)}.`}`,
    ...bandsPlot(
      input,
      180,
      [
        { name: 'cores used by k6', ink: 'vus', style: 'area', points: cpu },
        ...(allowed === undefined
          ? []
          : [
              {
                name: 'cores allowed',
                ink: 'target' as const,
                style: 'line' as const,
                dash: [8, 4],
                points: cpu.map(([atMs]): Point => [atMs, allowed]),
              },
            ]),
      ],
      'number',
    ),
    table: {
      columns: ['Time', 'CPU, cores', 'Scheduler p99', 'Goroutines'],
      startedAtMs: rows.map(({ startMs }) => startMs),
      rows: rows.map(({ startMs, cpuCores, schedP99Ms, goroutines }) => [
        elapsed(startMs - input.loadStartMs),
        cpuCores === undefined ? 'no data' : significant(cpuCores, 2),
        duration(schedP99Ms),
        goroutines === undefined ? 'no data' : String(goroutines),
      ]),
    },
  };
}
