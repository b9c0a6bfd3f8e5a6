// Status codes over time, stacked: those of HTTP responses or of gRPC calls.

import { EVERY_PROTOCOL, type Protocol } from '../../model/protocols.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, perSecond } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import type { Ink } from './ink.ts';
import { ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** More codes could not be distinguished; the table of status codes has all. */
const MOST_CODES = 6;

/** Colours by the first digit of an HTTP status, and for failures of other protocols. Several codes of one class use them in turn. */
const INKS: Readonly<Record<string, readonly Ink[]>> = {
  '0': ['transport'],
  '2': ['ok', 'p50', 'received'],
  '3': ['vus', 'max'],
  '4': ['sent', 'p99', 'tls'],
  '5': ['httpError', 'dropped', 'transport'],
  other: ['httpError', 'sent', 'p99', 'dropped', 'transport', 'max'],
};

/** The chart; undefined if all requests had the same status, which the throughput chart shows already. */
export function statusChart(input: ChartInput): ChartFigure | undefined {
  for (const protocol of EVERY_PROTOCOL) {
    const chart = chartOf(protocol, input);
    if (chart !== undefined) return chart;
  }
  return undefined;
}

function chartOf(
  { id, latency: metric, expected, statusName, statusChart: title }: Protocol,
  input: ChartInput,
): ChartFigure | undefined {
  if (statusName === undefined || title === undefined) return undefined;
  const groups = input.metrics
    .groupBy(metric, ['status'])
    .map(({ tags, aggregate }) => ({ status: tags.status ?? '', amount: aggregate.count }))
    .sort((a, b) => b.amount - a.amount)
    .slice(0, MOST_CODES);
  if (groups.length < 2) return undefined;
  const taken = new Map<string, number>();
  const named = groups.map(({ status, amount }) => {
    const kind = id === 'http' ? status.slice(0, 1) : 'other';
    const nth = taken.get(kind) ?? 0;
    taken.set(kind, nth + 1);
    const inks = INKS[kind] ?? ['max'];
    const ink: Ink = status === expected.status ? 'ok' : (inks[nth % inks.length] ?? 'max');
    return { status, amount, ink, name: oneLine(statusName(status), 20) };
  });
  // Rare codes at the bottom of the stack, where they are visible.
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
    title,
    takeaway: `${named.map(({ name, amount }) => `${name}: ${count(amount)}`).join('; ')}.`,
    ...bandsPlot(input, 210, bands, 'perSecond'),
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
