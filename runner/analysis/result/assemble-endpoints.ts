// Builds the endpoint table of a result: one row per request name and method, for HTTP, gRPC and WebSocket.

import type { RunMetrics } from '../../model/metrics.ts';
import { PROTOCOLS, type Protocol } from '../../model/protocols.ts';
import type { ResultEndpoint } from '../../model/result.ts';
import { NO_STATUS } from '../../model/result-rows.ts';
import { endpointsOf } from '../requests/endpoint-series.ts';
import { refusedSessions } from '../requests/failed-sessions.ts';
import { outcomesOf } from '../requests/succeeded.ts';
import { trendFigures } from '../statistics/trend-figures.ts';

/**
 * The endpoint table, busiest first. If k6 named a request by its URL, url and name are equal, so grouping by name
 * loses nothing. `elapsedMs`: length of the run, for rates.
 */
export function assembleEndpoints(metrics: RunMetrics, elapsedMs: number): ResultEndpoint[] {
  return Object.values(PROTOCOLS)
    .flatMap((protocol) => rows(protocol, metrics, elapsedMs))
    .sort((a, b) => b.requests - a.requests);
}

function rows(protocol: Protocol, metrics: RunMetrics, elapsedMs: number): ResultEndpoint[] {
  return endpointsOf(protocol, metrics).map(({ name, method, filter }) => {
    const { all, succeeded, failed: counted } = outcomesOf(protocol, filter, metrics);
    const failed = protocol.id === 'ws' ? refusedSessions(metrics, filter) : counted;
    const requests = all?.count ?? 0;
    const statuses = metrics
      .groupBy(protocol.latency, ['status'], filter)
      .map(({ tags, aggregate }): [string, number] => [tags.status || NO_STATUS, aggregate.count]);
    return {
      name,
      method,
      protocol: protocol.id,
      requests,
      rate_per_s: elapsedMs > 0 ? (requests * 1000) / elapsedMs : null,
      failed,
      error_rate: requests > 0 ? failed / requests : null,
      ...trendFigures(succeeded),
      all: {
        med: all?.quantile(0.5) ?? null,
        p95: all?.quantile(0.95) ?? null,
        p99: all?.quantile(0.99) ?? null,
        max: all?.max ?? null,
      },
      statuses: summedByStatus(statuses),
    };
  });
}

/** The number of requests by status. A script may set any status tag, even the name of a member of every object. */
export function summedByStatus(amounts: ReadonlyArray<readonly [string, number]>): ResultEndpoint['statuses'] {
  const sums = new Map<string, number>();
  for (const [status, amount] of amounts) sums.set(status, (sums.get(status) ?? 0) + amount);
  return Object.fromEntries(sums);
}
