// Separates requests with a response from those without, and explains why there was none.

import { Histogram, lowerEdge, upperEdge } from '../../metrics/buckets/histogram.ts';
import { RESPONSE_TIMES } from '../../model/builtin-metrics.ts';
import type { Kpi } from '../../model/kpi.ts';
import type { Aggregate, RunMetrics, TagFilter } from '../../model/metrics.ts';
import { oneLine } from '../../text/display-text.ts';
import { combine } from '../statistics/combine.ts';
import { type KpiWindows, windowsOf } from '../statistics/kpi-interval.ts';

/**
 * k6 v2.2.0, lib/netext/httpext/error_codes.go: 1000-1399 are DNS, TCP, TLS and timeouts, 1600-1699 HTTP/2; 1400-1599
 * are responses with status 400 to 599. A request without a response has the status "0" (transport.go).
 */
function isTransportCode(code: string): boolean {
  const number = Number(code);
  return (number >= 1000 && number < 1400) || (number >= 1600 && number < 1700);
}

/**
 * Filters that together match the samples of requests without a response; empty if there are none, or none are known.
 */
export function transportFilters(kpi: Pick<Kpi, 'metric' | 'filter'>, metrics: RunMetrics): Kpi['filter'][] {
  const statuses = metrics.groupBy(kpi.metric, ['status'], kpi.filter);
  if (statuses.some(({ tags }) => tags.status !== '')) {
    return statuses.some(({ tags }) => tags.status === '0') ? [{ ...kpi.filter, status: '0' }] : [];
  }
  const codes = metrics
    .groupBy(kpi.metric, ['error_code'], kpi.filter)
    .map(({ tags }) => tags.error_code ?? '')
    .filter(isTransportCode);
  if (codes.length > 0) return codes.map((code) => ({ ...kpi.filter, error_code: code }));
  // Without tags (options.systemTags): no response takes 0 ms, which k6 writes for a request without one.
  const isSilent = RESPONSE_TIMES.has(kpi.metric) && metrics.total('http_req_duration', kpi.filter)?.max === 0;
  return isSilent ? [kpi.filter] : [];
}

/** Requests that match the filter and got a response, but not the expected one: by status, most frequent first. */
export function unexpectedResponses(
  filter: TagFilter,
  metrics: RunMetrics,
): Array<{ readonly status: string; readonly sum: number; readonly filter: TagFilter }> {
  const failed = { ...filter, expected_response: 'false' };
  return metrics
    .groupBy('http_reqs', ['status'], failed)
    .map(({ tags: { status = '' }, aggregate: { sum } }) => ({ status, sum, filter: { ...failed, status } }))
    .filter(({ status }) => status !== '0' && status !== '')
    .sort((a, b) => b.sum - a.sum);
}

const ASKS_FOR_FAILURES = ['status', 'error', 'error_code'];

/**
 * True if requests without a response would count as response times: k6 writes them as 0 ms or as the time until it
 * gave up. False if the filter itself selects them.
 */
export function countsTransportFailures(kpi: Pick<Kpi, 'metric' | 'filter'>): boolean {
  if (!RESPONSE_TIMES.has(kpi.metric)) return false;
  if (kpi.filter.expected_response === 'false') return false;
  return !ASKS_FOR_FAILURES.some((tag) => Object.hasOwn(kpi.filter, tag));
}

/**
 * `all` without the samples of `part`, which must be among them. Counts are exact; min and max are exact unless they
 * belonged to the part, then within 0.1 %; the sum is exact except for rounding. undefined if nothing is left.
 */
export function without(all: Aggregate, part: Aggregate): Aggregate | undefined {
  const count = all.count - part.count;
  if (count <= 0) return undefined;
  const left = new Map<number, number>();
  const bins = all.bins();
  bins.keys.forEach((key, i) => {
    left.set(key, bins.counts[i] ?? 0);
  });
  const removed = part.bins();
  removed.keys.forEach((key, i) => {
    left.set(key, (left.get(key) ?? 0) - (removed.counts[i] ?? 0));
  });
  const keys = [...left].filter(([, n]) => n > 0);
  const lowest = keys[0]?.[0] ?? 0;
  const highest = keys.at(-1)?.[0] ?? 0;
  const clamp = (value: number | undefined, edge: number) =>
    value !== undefined && value >= lowerEdge(edge) && value <= upperEdge(edge)
      ? value
      : (lowerEdge(edge) + upperEdge(edge)) / 2;
  const sum = all.sum - part.sum;
  const min = clamp(all.min, lowest);
  const max = clamp(all.max, highest);
  const histogram = new Histogram();
  histogram.mergeBins(
    { keys: Int32Array.from(keys, ([key]) => key), counts: Float64Array.from(keys, ([, n]) => n) },
    { sum, min, max },
  );
  return {
    type: all.type,
    count,
    sum,
    min,
    max,
    last: all.last,
    mean: sum / count,
    quantile: (q) => histogram.quantile(q),
    bins: () => histogram.toBins(),
  };
}

/** The windows without the requests that got no response; `lost` are the filters for those. */
export function answered(
  windows: KpiWindows,
  kpi: Pick<Kpi, 'metric'>,
  lost: readonly Kpi['filter'][],
  metrics: RunMetrics,
  cells?: readonly number[],
): KpiWindows {
  const failed = lost.map((filter) => windowsOf({ metric: kpi.metric, filter }, metrics, cells).aggregates);
  const aggregates = windows.aggregates.map((all, index) => {
    const removed = combine(failed.flatMap((series) => series[index] ?? []));
    return all === undefined || removed === undefined ? all : without(all, removed);
  });
  return { ...windows, aggregates };
}

/** The most frequent reasons for requests without a response, with counts: `dial: connection refused (120)`. */
export function transportReasons(
  kpi: Pick<Kpi, 'metric'>,
  filters: readonly Kpi['filter'][],
  metrics: RunMetrics,
): string {
  const counts = new Map<string, number>();
  for (const filter of filters) {
    for (const { tags, aggregate } of metrics.groupBy(kpi.metric, ['error', 'error_code'], filter)) {
      const reason = tags.error || (tags.error_code ? `error code ${tags.error_code}` : 'no reason given');
      counts.set(reason, (counts.get(reason) ?? 0) + aggregate.count);
    }
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 2)
    .map(([reason, count]) => `${oneLine(reason)} (${count})`)
    .join(', ');
}

/** The total over the whole run of everything that the filters match; no sample may match two filters. */
export function totalOf(metric: string, filters: readonly Kpi['filter'][], metrics: RunMetrics): Aggregate | undefined {
  return combine(filters.flatMap((filter) => metrics.total(metric, filter) ?? []));
}
