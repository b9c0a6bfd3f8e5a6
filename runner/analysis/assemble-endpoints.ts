// Series of a run become the rows of the endpoint table: one per request name and method, over http, gRPC and WebSocket.

import type { RunMetrics, TagFilter } from '../model/metrics.ts';
import { PROTOCOLS, type Protocol } from '../model/protocols.ts';
import type { ResultEndpoint } from '../model/result.ts';
import { NO_NAME } from '../text/display-text.ts';
import { refusedSessions } from './failed-sessions.ts';
import { outcomesOf } from './succeeded.ts';
import { trendFigures } from './trend-figures.ts';

const BY = ['name', 'url', 'method'] as const;

/** `GET /products` when a name was given, else the url; a name that already begins with its method is left as it is. */
function nameOf(tags: Readonly<Record<string, string>>): string {
  return tags.name || tags.url || NO_NAME;
}

/**
 * The endpoint table, busiest first. Where k6 named a request only by its url, url and name are equal, so grouping by
 * name loses nothing. `elapsedMs` is the length of the run, for rates.
 */
export function assembleEndpoints(metrics: RunMetrics, elapsedMs: number): ResultEndpoint[] {
  return Object.values(PROTOCOLS)
    .flatMap((protocol) => rows(protocol, metrics, elapsedMs))
    .sort((a, b) => b.requests - a.requests);
}

export interface EndpointSeries {
  readonly name: string;
  readonly method: string;
  /** Matches all requests to it. */
  readonly filter: TagFilter;
  readonly protocol: Protocol;
}

/** Every endpoint of the run with the tags that its requests have. */
export function endpointSeries(metrics: RunMetrics): EndpointSeries[] {
  return Object.values(PROTOCOLS).flatMap((protocol) => endpointsOf(protocol, metrics));
}

function endpointsOf(protocol: Protocol, metrics: RunMetrics): EndpointSeries[] {
  const names = new Map<string, EndpointSeries>();
  for (const { tags } of metrics.groupBy(protocol.latency, BY)) {
    const name = nameOf(tags);
    const method = tags.method ?? '';
    const key = JSON.stringify([name, method]);
    if (names.has(key)) continue;
    // '' matches what has no such tag, as the series beyond the cap: without it the filter would match every request.
    const filter: Record<string, string> = tags.name ? { name } : { name: '', url: tags.url ?? '' };
    if (method !== '') filter.method = method;
    names.set(key, { name, method, filter, protocol });
  }
  return [...names.values()];
}

function rows(protocol: Protocol, metrics: RunMetrics, elapsedMs: number): ResultEndpoint[] {
  return endpointsOf(protocol, metrics).map(({ name, method, filter }) => {
    const { all, succeeded, failed: counted } = outcomesOf(protocol, filter, metrics);
    const failed = protocol.id === 'ws' ? refusedSessions(metrics, filter) : counted;
    const requests = all?.count ?? 0;
    const statuses = metrics
      .groupBy(protocol.latency, ['status'], filter)
      .map(({ tags, aggregate }): [string, number] => [tags.status || 'none', aggregate.count]);
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

/** Numbers of requests by status, added up. A script can give a request any status as a tag, also the name of a member of every object. */
export function summedByStatus(amounts: ReadonlyArray<readonly [string, number]>): ResultEndpoint['statuses'] {
  const sums = new Map<string, number>();
  for (const [status, amount] of amounts) sums.set(status, (sums.get(status) ?? 0) + amount);
  return Object.fromEntries(sums);
}
