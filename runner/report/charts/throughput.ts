// Requests per second over time, with those that failed stacked by kind: an answer that was an error, or no answer at all.

import type { Aggregate, TagFilter, TimeRange } from '../../model/metrics.ts';
import { PROTOCOLS } from '../../model/protocols.ts';
import { count, elapsed, percent, perSecond } from '../../text/format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, Point } from './figure.ts';
import { hasAny, highest, minus, ratesOf, secondsOf, tableOverTime } from './timeline.ts';

interface Source {
  /** The metric whose count is the number of requests. */
  readonly metric: string;
  readonly title: string;
  readonly noun: string;
  readonly amount: (aggregate: Aggregate) => number;
  /** What failed: the sum of a rate metric, or the samples that do not match `succeeded`. */
  readonly failed?: { readonly metric: string } | { readonly succeeded: TagFilter };
  readonly transport?: TagFilter;
}

const sum = (aggregate: Aggregate) => aggregate.sum;
const samples = (aggregate: Aggregate) => aggregate.count;

const SOURCES: readonly Source[] = [
  {
    metric: 'http_reqs',
    title: 'Requests per second',
    noun: 'requests',
    amount: sum,
    failed: { metric: 'http_req_failed' },
    transport: { status: '0' },
  },
  {
    metric: PROTOCOLS.grpc.latency,
    title: 'gRPC calls per second',
    noun: 'calls',
    amount: samples,
    failed: { succeeded: PROTOCOLS.grpc.expected },
  },
  { metric: 'ws_msgs_sent', title: 'WebSocket messages sent per second', noun: 'messages', amount: sum },
  { metric: 'ws_sessions', title: 'WebSocket sessions per second', noun: 'sessions', amount: sum },
  { metric: 'iterations', title: 'Iterations per second', noun: 'iterations', amount: sum },
];

/** A run has this chart where one of these has samples. */
export const THROUGHPUT_METRICS: readonly string[] = SOURCES.map(({ metric }) => metric);

const FAILED = 'http_req_failed';

function failedRates(
  input: ChartInput,
  { metric, amount, failed }: Source,
  all: readonly Point[],
): Point[] | undefined {
  if (failed === undefined) return undefined;
  if ('metric' in failed) return ratesOf(input, failed.metric, sum);
  return minus(all, ratesOf(input, metric, amount, failed.succeeded));
}

/** How many failed in a stretch, and which share; undefined if the source has no times. */
function failedIn(
  { metrics }: ChartInput,
  { metric, failed }: Source,
  range?: TimeRange,
): { readonly count: number; readonly share: number } | undefined {
  if (failed === undefined) return undefined;
  if ('metric' in failed) {
    const total = metrics.total(failed.metric, {}, range);
    return total?.mean === undefined ? undefined : { count: total.sum, share: total.mean };
  }
  const all = metrics.total(metric, {}, range)?.count ?? 0;
  const count = all - (metrics.total(metric, failed.succeeded, range)?.count ?? 0);
  return all === 0 ? undefined : { count, share: count / all };
}

/** The share that failed over time: of some that fail among many a stack of rates shows nothing. undefined where none failed. */
export function failedShareChart(input: ChartInput): ChartFigure | undefined {
  const source = SOURCES.find(({ metric }) => input.metrics.total(metric) !== undefined);
  const total = source && failedIn(input, source);
  if (source === undefined || total === undefined || (total.count === 0 && !input.isPart)) return undefined;
  const all = ratesOf(input, source.metric, source.amount);
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
        : `${percent(total.share)} of all failed${peak === undefined ? '' : `; max ${percent(peak.value)} at ${elapsed(peak.atMs)}`}.`,
    ...drawBands(
      input,
      { name: 'failed-share', height: 180 },
      [{ name: 'failed', ink: 'httpError', style: 'line', width: 1.75, points }],
      'percent',
    ),
    table: tableOverTime(input, [`Failed ${source.noun}`, 'Share'], (range) => {
      const bad = failedIn(input, source, range);
      return [count(bad?.count), percent(bad?.share)];
    }),
  };
}

/** undefined where nothing was sent and no iteration ended. */
export function throughputChart(input: ChartInput): ChartFigure | undefined {
  const source = SOURCES.find(({ metric }) => input.metrics.total(metric) !== undefined);
  if (source === undefined) return undefined;
  const { metric, noun, amount, transport } = source;
  const all = ratesOf(input, metric, amount);
  const failing = failedRates(input, source, all);
  const unanswered = transport && ratesOf(input, FAILED, sum, transport);
  const bands: Band[] = [];
  if (failing !== undefined) {
    // At the bottom of the stack, where a share of some percent can still be seen and compared.
    const answered = unanswered === undefined ? failing : minus(failing, unanswered);
    if (unanswered !== undefined && hasAny(unanswered)) {
      bands.push({ name: 'no response', ink: 'transport', style: 'area', points: unanswered });
    }
    if (hasAny(answered))
      bands.push({
        name: transport === undefined ? 'failed' : 'error response',
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
  const mean = total === undefined ? undefined : (amount(total) * 1000) / Math.max(input.result.duration_ms, 1);
  return {
    name: 'throughput',
    title: source.title,
    takeaway:
      `${perSecond(mean)} on average` +
      `${peak === undefined ? '' : `, max ${perSecond(peak.value)} at ${elapsed(peak.atMs)}`}` +
      `${failures === undefined ? '.' : `; ${failures === 0 ? 'none' : percent(failures)} failed.`}`,
    ...drawBands(input, { name: 'throughput', height: 240 }, bands, 'perSecond'),
    table: tableOverTime(
      input,
      [`${noun}/s`, ...(failing === undefined ? [] : ['Failed/s', 'Failed']), ...(unanswered ? ['No response/s'] : [])],
      (range) => {
        const seconds = secondsOf(input, range);
        const part = input.metrics.total(metric, {}, range);
        const bad = failedIn(input, source, range);
        return [
          perSecond((part ? amount(part) : 0) / seconds),
          ...(failing === undefined ? [] : [perSecond((bad?.count ?? 0) / seconds), percent(bad?.share)]),
          ...(unanswered ? [perSecond((input.metrics.total(FAILED, transport, range)?.sum ?? 0) / seconds)] : []),
        ];
      },
    ),
  };
}
