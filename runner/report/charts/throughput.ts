// Requests per second over time, with those that failed stacked by kind: an answer that was an error, or no answer at all.

import type { Aggregate, TagFilter } from '../../model/metrics.ts';
import { elapsed, percent, perSecond } from '../../text/format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import { hasAny, highest, minus, ratesOf, secondsOf, tableOverTime } from './timeline.ts';

interface Source {
  /** The metric whose count is the number of requests. */
  readonly metric: string;
  readonly title: string;
  readonly noun: string;
  readonly amount: (aggregate: Aggregate) => number;
  readonly failed?: { readonly metric: string; readonly amount: (aggregate: Aggregate) => number };
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
    failed: { metric: 'http_req_failed', amount: sum },
    transport: { status: '0' },
  },
  { metric: 'grpc_req_duration', title: 'gRPC calls per second', noun: 'calls', amount: samples },
  { metric: 'ws_msgs_sent', title: 'WebSocket messages sent per second', noun: 'messages', amount: sum },
  { metric: 'ws_sessions', title: 'WebSocket sessions per second', noun: 'sessions', amount: sum },
  { metric: 'iterations', title: 'Iterations per second', noun: 'iterations', amount: sum },
];

/** undefined where nothing was sent and no iteration ended. */
export function throughputChart(input: ChartInput): ChartFigure | undefined {
  const source = SOURCES.find(({ metric }) => input.metrics.total(metric) !== undefined);
  if (source === undefined) return undefined;
  const { metric, noun, amount, failed, transport } = source;
  const all = ratesOf(input, metric, amount);
  const failing = failed === undefined ? undefined : ratesOf(input, failed.metric, failed.amount);
  const unanswered = failed && transport ? ratesOf(input, failed.metric, failed.amount, transport) : undefined;
  const bands: Band[] = [];
  if (failing !== undefined) {
    // At the bottom of the stack, where a share of some percent can still be seen and compared.
    const answered = unanswered === undefined ? failing : minus(failing, unanswered);
    if (unanswered !== undefined && hasAny(unanswered)) {
      bands.push({ name: 'no response', ink: 'transport', style: 'area', points: unanswered });
    }
    if (hasAny(answered)) bands.push({ name: 'error response', ink: 'httpError', style: 'area', points: answered });
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
  const failures = failed === undefined ? undefined : input.metrics.total(failed.metric)?.mean;
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
    table: tableOverTime(input, [`${noun}/s`, ...(failed ? ['Failed/s', 'No response/s', 'Failed'] : [])], (range) => {
      const seconds = secondsOf(input, range);
      const part = input.metrics.total(metric, {}, range);
      const rate = perSecond((part ? amount(part) : 0) / seconds);
      if (failed === undefined) return [rate];
      const bad = input.metrics.total(failed.metric, {}, range);
      const lost = input.metrics.total(failed.metric, transport, range);
      return [rate, perSecond((bad?.sum ?? 0) / seconds), perSecond((lost?.sum ?? 0) / seconds), percent(bad?.mean)];
    }),
  };
}
