// Counts the requests of a protocol and the failed ones: by k6's metric, or by status.

import type { Aggregate, RunMetrics, TagFilter, TimeRange } from '../../model/metrics.ts';
import { type Protocol, reportsSuccess } from '../../model/protocols.ts';

/** The number of requests, sessions or messages: a counter's sum, or the sample count of a trend. */
export function amountOf({ type, sum, count }: Pick<Aggregate, 'type' | 'sum' | 'count'>): number {
  return type === 'trend' ? count : sum;
}

/** Number of requests of a protocol; 0 if there are none. */
export function requestsOf(
  { counted }: Protocol,
  metrics: RunMetrics,
  filter: TagFilter = {},
  range?: TimeRange,
): number {
  const total = metrics.total(counted, filter, range);
  return total === undefined ? 0 : amountOf(total);
}

export interface FailedRequests {
  readonly failed: number;
  readonly of: number;
}

/** Number of failed requests of a protocol; undefined if there are no requests, or k6 does not report failures. */
export function failedOf(
  protocol: Protocol,
  metrics: RunMetrics,
  filter: TagFilter = {},
  range?: TimeRange,
): FailedRequests | undefined {
  if (protocol.failed !== undefined) {
    const total = metrics.total(protocol.failed, filter, range);
    return total && { failed: total.sum, of: total.count };
  }
  const of = requestsOf(protocol, metrics, filter, range);
  if (of === 0 || !reportsSuccess(protocol)) return undefined;
  return { failed: of - requestsOf(protocol, metrics, { ...filter, ...protocol.expected }, range), of };
}

/** Number of failed requests of a protocol in each interval of the run. */
export function failedOverTime(protocol: Protocol, metrics: RunMetrics): readonly number[] {
  if (protocol.failed !== undefined)
    return metrics.timeline(protocol.failed).map(({ aggregate }) => aggregate?.sum ?? 0);
  if (!reportsSuccess(protocol)) return [];
  const amountsOf = (filter: TagFilter) =>
    metrics
      .timeline(protocol.counted, filter)
      .map(({ aggregate }) => (aggregate === undefined ? 0 : amountOf(aggregate)));
  const succeeded = amountsOf(protocol.expected);
  return amountsOf({}).map((amount, index) => amount - (succeeded[index] ?? 0));
}
