// Separates the requests of an endpoint into failed and successful ones. A missing tag means unknown, not failed:
// scripts can turn off tags (options.systemTags) and k6's check of responses (http.setResponseCallback(null)).

import type { Aggregate, RunMetrics, TagFilter } from '../../model/metrics.ts';
import type { Protocol } from '../../model/protocols.ts';
import { totalOf, transportFilters, without } from './responses.ts';

export interface Outcomes {
  readonly all: Aggregate | undefined;
  /** Without those known to have failed; undefined if all failed. */
  readonly succeeded: Aggregate | undefined;
  readonly failed: number;
}

/**
 * The outcome of the matching requests. A request without the tag counts as failed only if it got no response, because
 * k6's time is then not that of the system under test.
 */
export function outcomesOf({ latency, expected }: Protocol, filter: TagFilter, metrics: RunMetrics): Outcomes {
  const all = metrics.total(latency, filter);
  const [expectedTag] = Object.entries(expected);
  if (expectedTag === undefined) return { all, succeeded: all, failed: 0 };
  const [tag, good] = expectedTag;
  const values = metrics.groupBy(latency, [tag], filter).map(({ tags }) => tags[tag] ?? '');
  if (!values.includes('')) {
    const succeeded = metrics.total(latency, { ...filter, [tag]: good });
    return { all, succeeded, failed: (all?.count ?? 0) - (succeeded?.count ?? 0) };
  }
  const failedFilters = [
    ...values.filter((value) => value !== '' && value !== good).map((value) => ({ ...filter, [tag]: value })),
    ...transportFilters({ metric: latency, filter: { ...filter, [tag]: '' } }, metrics),
  ];
  const failed = totalOf(latency, failedFilters, metrics);
  if (all === undefined || failed === undefined) return { all, succeeded: all, failed: 0 };
  return { all, succeeded: without(all, failed), failed: failed.count };
}

/**
 * The filter of a project's target on response times, adapted to this run: if no sample says whether the response was
 * expected, the target applies to all responses.
 */
export function adaptedToRun<
  K extends { readonly metric: string; readonly filter: TagFilter; readonly source: string },
>(kpi: K, { series }: Pick<RunMetrics, 'series'>): K {
  if (kpi.source === 'threshold' || kpi.filter.expected_response !== 'true') return kpi;
  const own = series.filter(({ metric }) => metric.name === kpi.metric);
  if (own.length === 0 || own.some(({ tags }) => Object.hasOwn(tags, 'expected_response'))) return kpi;
  const { expected_response: _unknown, ...filter } = kpi.filter;
  return { ...kpi, filter };
}
