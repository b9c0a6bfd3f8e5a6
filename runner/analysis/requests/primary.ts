// Chooses the metric of a run's latency: HTTP requests if there are any, otherwise gRPC calls, otherwise what the
// script measured.

import { isOwnMetric } from '../../model/builtin-metrics.ts';
import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { EVERY_PROTOCOL, reportsSuccess } from '../../model/protocols.ts';
import type { Result } from '../../model/result.ts';

export interface PrimaryLatency {
  readonly metric: string;
  /** A label such as `Response time`, `gRPC call time` or `Time of checkout_time`. */
  readonly label: string;
  /** Filter for the samples that count: successful requests, if k6 reports which they are. */
  readonly filter: TagFilter;
  /** The same in words. */
  readonly scope: string;
  /** Noun for one sample, singular. */
  readonly noun: string;
}

const ITERATIONS = {
  latency: 'iteration_duration',
  label: 'Iteration duration',
  scope: 'complete iterations, including sleep',
  noun: 'iteration',
};

/** The first metric with samples, in the order above; undefined if the run has no trend of times. */
export function primaryLatency(metrics: RunMetrics): PrimaryLatency | undefined {
  for (const { latency: metric, label, noun, expected, scope } of EVERY_PROTOCOL.filter(reportsSuccess)) {
    if (metrics.total(metric) === undefined) continue;
    const judged = judgedBy(Object.keys(expected)[0] ?? '', metric, metrics);
    if (metrics.total(metric, expected) === undefined) {
      const otherwise = judged === 'all' ? `all ${noun}s, because none succeeded` : `all ${noun}s, successful or not`;
      return { metric, label, noun, filter: {}, scope: otherwise };
    }
    const ofJudged = judged === 'all' ? scope : `${scope}, without those that have no expected_response tag`;
    return { metric, label, noun, filter: expected, scope: ofJudged };
  }
  const own = [...metrics.metrics.values()].find(
    ({ name, type, contains }) =>
      type === 'trend' && contains === 'time' && isOwnMetric(name) && metrics.total(name) !== undefined,
  );
  if (own !== undefined) {
    return {
      metric: own.name,
      label: `Time of ${own.name}`,
      filter: {},
      scope: "the script's own trend",
      noun: 'sample',
    };
  }
  for (const { latency: metric, label, scope, noun } of [...EVERY_PROTOCOL, ITERATIONS]) {
    if (metrics.total(metric) !== undefined) return { metric, label, filter: {}, scope, noun };
  }
  return undefined;
}

/** `all` if every sample has the tag that reports success. A script can turn it off, for all samples or some. */
function judgedBy(tag: string, metric: string, { series }: RunMetrics): 'all' | 'some' {
  const lacksIt = series.some((each) => each.metric.name === metric && !Object.hasOwn(each.tags, tag));
  return lacksIt ? 'some' : 'all';
}

/** The figures of the primary latency over the whole run, for `result.latency`; null if there is none. */
export function latencyFigures(metrics: RunMetrics): NonNullable<Result['latency']> | null {
  const primary = primaryLatency(metrics);
  const total = primary && metrics.total(primary.metric, primary.filter);
  if (primary === undefined || total === undefined) return null;
  return {
    metric: primary.metric,
    scope: primary.scope,
    count: total.count,
    med: total.quantile(0.5) ?? null,
    p95: total.quantile(0.95) ?? null,
    p99: total.quantile(0.99) ?? null,
    max: total.max ?? null,
  };
}
