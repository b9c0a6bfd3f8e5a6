// Where the time of a request goes: the averages of k6's six phases, stacked over time.

import { duration, percent } from '../../text/format.ts';
import { drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import type { Ink } from './ink.ts';
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

function alone(blocked: number, connecting: number | null | undefined, tls: number | null | undefined): number {
  return Math.max(blocked - (connecting ?? 0) - (tls ?? 0), 0);
}
