// Response codes over time, stacked: HTTP statuses, or the statuses of gRPC calls.

import { grpcStatus, PROTOCOLS } from '../../model/protocols.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, perSecond } from '../../text/format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import type { Ink } from './ink.ts';
import { ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** More codes than this cannot be distinguished; the table of status codes has all of them. */
const MOST_CODES = 6;

/** By the first digit of an HTTP status; several of one class take turns. */
const INKS: Readonly<Record<string, readonly Ink[]>> = {
  '0': ['transport'],
  '2': ['ok', 'p50', 'received'],
  '3': ['vus', 'max'],
  '4': ['sent', 'p99', 'tls'],
  '5': ['httpError', 'dropped', 'transport'],
};
const GRPC_INKS: readonly Ink[] = ['httpError', 'sent', 'p99', 'dropped', 'transport', 'max'];

/** undefined where all requests had the same status: the chart of the rate says that already. */
export function statusChart(input: ChartInput): ChartFigure | undefined {
  return chartOf('http', input) ?? chartOf('grpc', input);
}

function chartOf(protocol: 'http' | 'grpc', input: ChartInput): ChartFigure | undefined {
  const { latency: metric } = PROTOCOLS[protocol];
  const groups = input.metrics
    .groupBy(metric, ['status'])
    .map(({ tags, aggregate }) => ({ status: tags.status ?? '', amount: aggregate.count }))
    .sort((a, b) => b.amount - a.amount)
    .slice(0, MOST_CODES);
  if (groups.length < 2) return undefined;
  const taken = new Map<string, number>();
  const named = groups.map(({ status, amount }) => {
    const kind = protocol === 'grpc' ? 'grpc' : status.slice(0, 1);
    const nth = taken.get(kind) ?? 0;
    taken.set(kind, nth + 1);
    const inks = protocol === 'grpc' ? GRPC_INKS : (INKS[kind] ?? ['max']);
    const ink: Ink = protocol === 'grpc' && status === '0' ? 'ok' : (inks[nth % inks.length] ?? 'max');
    return { status, amount, ink, name: nameOf(status, protocol) };
  });
  // The rare ones at the foot of the stack, where they can be seen.
  const bands = named.toReversed().map(
    ({ status, ink, name }): Band => ({
      name,
      ink,
      style: 'area',
      opacity: ink === 'ok' ? 0.45 : 0.78,
      points: ratesOf(input, metric, (aggregate) => aggregate.count, { status }),
    }),
  );
  return {
    name: 'statuses',
    title: protocol === 'grpc' ? 'gRPC statuses per second' : 'Response codes per second',
    takeaway: `${named.map(({ name, amount }) => `${name}: ${count(amount)}`).join(', ')}.`,
    ...drawBands(input, { name: 'statuses', height: 210 }, bands, 'perSecond'),
    table: tableOverTime(
      input,
      named.map(({ name }) => `${name}/s`),
      (range) =>
        named.map(({ status }) =>
          perSecond((input.metrics.total(metric, { status }, range)?.count ?? 0) / secondsOf(input, range)),
        ),
    ),
  };
}

function nameOf(status: string, protocol: 'http' | 'grpc'): string {
  if (protocol === 'grpc') return grpcStatus(status);
  return status === '0' ? 'no response' : oneLine(status, 20) || 'no status';
}
