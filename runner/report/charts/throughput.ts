// Requests per second over time, with failed ones stacked by kind: error response or no response.

import { amountOf, failedOf } from '../../analysis/requests/protocol-figures.ts';
import type { Aggregate, TimeRange } from '../../model/metrics.ts';
import { EVERY_PROTOCOL, type Protocol, reportsSuccess, type Throughput } from '../../model/protocols.ts';
import { count, elapsed, percent, perSecond } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, Point } from './figure.ts';
import { hasAny, highest, minus, ratesOf, secondsOf, tableOverTime } from './timeline.ts';

interface Source extends Throughput {
  /** The protocol of the failures; undefined if the metric has no failures. */
  readonly protocol: Protocol | undefined;
}

const SOURCES: readonly Source[] = [
  ...EVERY_PROTOCOL.flatMap((protocol) =>
    protocol.throughput.map((each) => ({
      ...each,
      protocol: each.metric === protocol.counted && reportsSuccess(protocol) ? protocol : undefined,
    })),
  ),
  { metric: 'iterations', title: 'Iterations per second', noun: 'iterations', protocol: undefined },
];

/** A run has the throughput chart if one of these metrics has samples. */
export const THROUGHPUT_METRICS: readonly string[] = SOURCES.map(({ metric }) => metric);

const sum = (aggregate: Aggregate) => aggregate.sum;

function failedRates(input: ChartInput, { metric, protocol }: Source, all: readonly Point[]): Point[] | undefined {
  if (protocol === undefined) return undefined;
  if (protocol.failed !== undefined) return ratesOf(input, protocol.failed, sum);
  return minus(all, ratesOf(input, metric, amountOf, protocol.expected));
}

/** Number and share (0 to 1) of failed requests in a range; undefined if the metric has no failures. */
function failedIn(
  { metrics }: ChartInput,
  { protocol }: Source,
  range?: TimeRange,
): { readonly count: number; readonly share: number } | undefined {
  const part = protocol && failedOf(protocol, metrics, {}, range);
  return part && { count: part.failed, share: part.failed / part.of };
}

/** The share of failed requests over time, because a few failures among many requests do not show in a stack; undefined if none failed. */
export function failedShareChart(input: ChartInput): ChartFigure | undefined {
  const source = SOURCES.find(({ metric }) => input.metrics.total(metric) !== undefined);
  const total = source && failedIn(input, source);
  if (source === undefined || total === undefined || (total.count === 0 && !input.isPart)) return undefined;
  const all = ratesOf(input, source.metric, amountOf);
  const failing = new Map(failedRates(input, source, all));
  const points = all.map(([atMs, rate]): Point => {
    const failed = failing.get(atMs);
    return [atMs, rate === null || rate === 0 || failed === null || failed === undefined ? null : failed / rate];
  });
  const peak = highest(points);
  return {
    name: 'failed-share',
    title: `Failed ${source.noun}`,
    takeaway:
      total.count === 0
        ? 'None failed.'
        : `${percent(total.share)} of all ${source.noun} failed${peak === undefined ? '' : `; max ${percent(peak.value)} at ${elapsed(peak.atMs)}`}.`,
    ...bandsPlot(input, 180, [{ name: 'failed', ink: 'httpError', style: 'line', width: 1.75, points }], 'percent'),
    table: tableOverTime(input, [`Failed ${source.noun}`, 'Share'], (range) => {
      const bad = failedIn(input, source, range);
      return [count(bad?.count), percent(bad?.share)];
    }),
  };
}

/** Requests per second, or iterations per second without requests; undefined without either. */
export function throughputChart(input: ChartInput): ChartFigure | undefined {
  const source = SOURCES.find(({ metric }) => input.metrics.total(metric) !== undefined);
  if (source === undefined) return undefined;
  const { metric, noun, protocol } = source;
  const all = ratesOf(input, metric, amountOf);
  const failing = failedRates(input, source, all);
  const unansweredIn =
    protocol?.failed !== undefined && protocol.unanswered !== undefined
      ? { metric: protocol.failed, filter: protocol.unanswered }
      : undefined;
  const unanswered = unansweredIn && ratesOf(input, unansweredIn.metric, sum, unansweredIn.filter);
  const bands: Band[] = [];
  if (failing !== undefined) {
    // Failures at the bottom of the stack, where a few percent are still visible.
    const answered = unanswered === undefined ? failing : minus(failing, unanswered);
    if (unanswered !== undefined && hasAny(unanswered)) {
      bands.push({ name: 'no response', ink: 'transport', style: 'area', points: unanswered });
    }
    if (hasAny(answered))
      bands.push({
        name: unanswered === undefined ? 'failed' : 'error response',
        ink: 'httpError',
        style: 'area',
        points: answered,
      });
  }
  const succeeded = failing === undefined ? all : minus(all, failing);
  bands.push({
    name: failing === undefined ? noun : 'succeeded',
    ink: 'ok',
    style: 'area',
    opacity: 0.45,
    points: succeeded,
  });
  const total = input.metrics.total(metric);
  const failures = failedIn(input, source)?.share;
  const peak = highest(all);
  const mean = total === undefined ? undefined : (amountOf(total) * 1000) / Math.max(input.result.duration_ms, 1);
  return {
    name: 'throughput',
    title: source.title,
    takeaway:
      `${perSecond(mean)} on average` +
      `${peak === undefined ? '' : `, max ${perSecond(peak.value)} at ${elapsed(peak.atMs)}`}` +
      `${failures === undefined ? '.' : `; ${failures === 0 ? 'none' : percent(failures)} failed.`}`,
    ...bandsPlot(input, 240, bands, 'perSecond'),
    table: tableOverTime(
      input,
      [
        `${noun}/s`,
        ...(failing === undefined ? [] : ['Failed/s', 'Failed']),
        ...(unansweredIn ? ['No response/s'] : []),
      ],
      (range) => {
        const seconds = secondsOf(input, range);
        const part = input.metrics.total(metric, {}, range);
        const bad = failedIn(input, source, range);
        return [
          perSecond((part ? amountOf(part) : 0) / seconds),
          ...(failing === undefined ? [] : [perSecond((bad?.count ?? 0) / seconds), percent(bad?.share)]),
          ...(unansweredIn
            ? [perSecond((input.metrics.total(unansweredIn.metric, unansweredIn.filter, range)?.sum ?? 0) / seconds)]
            : []),
        ];
      },
    ),
  };
}
