// The phases of a request over time, as k6 measures them: averages stacked, and the p95 of each.

import { duration, percent } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
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
 * The averages of all phases, stacked; undefined without HTTP requests. k6's `blocked` includes connecting and the TLS handshake. They
 * are subtracted here, so that the stack adds up to the time from the request to the last byte of the response.
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
      return [atMs, blockedAlone(value, raw[1]?.[at]?.[1], raw[2]?.[at]?.[1])];
    }),
  }));
  const own = means.map((mean, index) =>
    index === 0 && mean !== undefined ? blockedAlone(mean, means[1], means[2]) : mean,
  );
  const whole = own.reduce<number>((sum, mean) => sum + (mean ?? 0), 0);
  const [longest] = PHASES.map(([, name], index) => ({ name, mean: own[index] ?? 0 })).sort((a, b) => b.mean - a.mean);
  return {
    name: 'request-phases',
    title: 'Phases of a request, average',
    takeaway:
      longest === undefined || whole === 0
        ? 'All phases took 0 ms.'
        : `${percent(longest.mean / whole)} of an average request is ${longest.name}: ${duration(longest.mean)} of ${duration(whole)}. Failed requests are included.`,
    ...bandsPlot(input, 210, bands, 'duration'),
    table: tableOverTime(
      input,
      PHASES.map(([, name]) => name),
      (range) => {
        const parts = PHASES.map(([metric]) => input.metrics.total(metric, {}, range)?.mean);
        const [blocked] = parts;
        return parts.map((mean, index) =>
          duration(index === 0 && blocked !== undefined ? blockedAlone(blocked, parts[1], parts[2]) : mean),
        );
      },
    ),
  };
}

/** Most histograms that the lines may read together; each takes about 15 µs. */
const MOST_HISTOGRAMS = 20_000;
/** A phase is left out if its p95 is a smaller share of the longest one's. */
const LEAST_SHARE = 0.02;

/** The p95 of the phases that take time; undefined if that is only one, or if the lines would take too long to calculate. */
export function phasePercentilesChart(input: ChartInput): ChartFigure | undefined {
  const { metrics } = input;
  const found = PHASES.map(([metric, name, ink]) => ({
    metric,
    name,
    ink,
    // From the result, because adding up all histograms again takes long.
    p95: input.result.metrics[metric]?.p95 ?? metrics.total(metric)?.quantile(0.95) ?? 0,
  }));
  const longest = Math.max(...found.map(({ p95 }) => p95));
  const shown = found.filter(({ p95 }) => p95 > 0 && p95 >= longest * LEAST_SHARE);
  const [metric = ''] = shown.map((phase) => phase.metric);
  const series = metrics.series.filter((one) => one.metric.name === metric).length;
  if (shown.length < 2 || series * metrics.timeline(metric).length * shown.length > MOST_HISTOGRAMS) return undefined;
  const bands = shown.map((phase): Band => {
    const { lines } = percentileLines(input, { metric: phase.metric }, [0.95], input.mostPoints);
    return { name: phase.name, ink: phase.ink, style: 'line', points: lines[0] ?? [] };
  });
  if (!bands.some(({ points }) => points.length > 1)) return undefined;
  return {
    name: 'request-phases-p95',
    title: 'Phases of a request, p95',
    takeaway: `${shown.map(({ name, p95 }) => `${name} ${duration(p95)}`).join(', ')}. Failed requests are included; blocked includes connecting and TLS.`,
    ...bandsPlot(input, 210, bands, 'duration'),
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

function blockedAlone(blocked: number, connecting: number | null | undefined, tls: number | null | undefined): number {
  return Math.max(blocked - (connecting ?? 0) - (tls ?? 0), 0);
}
