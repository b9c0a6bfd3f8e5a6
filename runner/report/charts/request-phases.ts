// Where the time of a request goes: the averages of k6's six phases, stacked over time.

import { duration, percent } from '../../text/format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import type { Ink } from './ink.ts';
import { percentileLines, samplesFor } from './percentile-lines.ts';
import { pointsOf, tableOverTime } from './timeline.ts';

const PHASES: ReadonlyArray<readonly [metric: string, name: string, ink: Ink]> = [
  ['http_req_blocked', 'blocked', 'blocked'],
  ['http_req_connecting', 'connecting', 'connecting'],
  ['http_req_tls_handshaking', 'TLS', 'tls'],
  ['http_req_sending', 'sending', 'sending'],
  ['http_req_waiting', 'waiting', 'waiting'],
  ['http_req_receiving', 'receiving', 'receiving'],
];

/**
 * undefined where there was no HTTP request. k6's `blocked` is the wait for a free connection and contains connecting and
 * the TLS handshake; they are taken out of it here, so that the stack adds up to the time from asking to the last byte.
 */
export function requestPhasesChart(input: ChartInput): ChartFigure | undefined {
  const means = PHASES.map(([metric]) => input.metrics.total(metric)?.mean);
  if (means.every((mean) => mean === undefined)) return undefined;
  const raw = PHASES.map(([metric]) => pointsOf(input, metric, (aggregate) => aggregate.mean));
  const bands = PHASES.map(([, name, ink], index) => ({
    name,
    ink,
    style: 'area' as const,
    points: (raw[index] ?? []).map(([atMs, value], at): [number, number | null] => {
      if (index !== 0 || value === null) return [atMs, value];
      return [atMs, alone(value, raw[1]?.[at]?.[1], raw[2]?.[at]?.[1])];
    }),
  }));
  const own = means.map((mean, index) => (index === 0 && mean !== undefined ? alone(mean, means[1], means[2]) : mean));
  const whole = own.reduce<number>((sum, mean) => sum + (mean ?? 0), 0);
  const [longest] = PHASES.map(([, name], index) => ({ name, mean: own[index] ?? 0 })).sort((a, b) => b.mean - a.mean);
  return {
    name: 'request-phases',
    title: 'Phases of a request, average',
    takeaway:
      longest === undefined || whole === 0
        ? 'All phases took 0 ms.'
        : `${percent(longest.mean / whole)} of an average request is ${longest.name}: ${duration(longest.mean)} of ${duration(whole)}. Failed requests are included.`,
    ...drawBands(input, { name: 'request-phases', height: 210 }, bands, 'duration'),
    table: tableOverTime(
      input,
      PHASES.map(([, name]) => name),
      (range) => {
        const parts = PHASES.map(([metric]) => input.metrics.total(metric, {}, range)?.mean);
        const [blocked] = parts;
        return parts.map((mean, index) =>
          duration(index === 0 && blocked !== undefined ? alone(blocked, parts[1], parts[2]) : mean),
        );
      },
    ),
  };
}

/** Histograms of series and intervals that the lines may read together: some 15 µs each. */
const MOST_ROWS = 20_000;
/** A phase whose p95 is a smaller share of the longest one's shows nothing. */
const LEAST_SHARE = 0.02;

/** p95 of the phases that take time; undefined where that is only one, and where making the lines would take long. */
export function phasePercentilesChart(input: ChartInput): ChartFigure | undefined {
  const { metrics } = input;
  const found = PHASES.map(([metric, name, ink]) => ({
    metric,
    name,
    ink,
    // The result has it already; adding up all histograms again takes long.
    p95: input.result.metrics[metric]?.p95 ?? metrics.total(metric)?.quantile(0.95) ?? 0,
  }));
  const longest = Math.max(...found.map(({ p95 }) => p95));
  const shown = found.filter(({ p95 }) => p95 > 0 && p95 >= longest * LEAST_SHARE);
  const [metric = ''] = shown.map((phase) => phase.metric);
  const series = metrics.series.filter((one) => one.metric.name === metric).length;
  if (shown.length < 2 || series * metrics.timeline(metric).length * shown.length > MOST_ROWS) return undefined;
  const bands = shown.map((phase): Band => {
    const { lines } = percentileLines(input, { metric: phase.metric }, [0.95], input.mostPoints);
    return { name: phase.name, ink: phase.ink, style: 'line', points: lines[0] ?? [] };
  });
  if (!bands.some(({ points }) => points.length > 1)) return undefined;
  return {
    name: 'request-phases-p95',
    title: 'Phases of a request, p95',
    takeaway: `${shown.map(({ name, p95 }) => `${name} ${duration(p95)}`).join(', ')}. Failed requests are included; blocked contains connecting and TLS.`,
    ...drawBands(input, { name: 'request-phases-p95', height: 210 }, bands, 'duration'),
    table: tableOverTime(
      input,
      shown.map(({ name }) => name),
      (range) =>
        shown.map((phase) => {
          const part = metrics.total(phase.metric, {}, range);
          return part !== undefined && part.count >= samplesFor(0.95) ? duration(part.quantile(0.95)) : '–';
        }),
    ),
  };
}

function alone(blocked: number, connecting: number | null | undefined, tls: number | null | undefined): number {
  return Math.max(blocked - (connecting ?? 0) - (tls ?? 0), 0);
}
