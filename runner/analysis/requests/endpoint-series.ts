// Finds the endpoints of a run: a request name and a method, with the tags of its requests.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { PROTOCOLS, type Protocol } from '../../model/protocols.ts';
import { NO_NAME } from '../../text/display-text.ts';

const BY = ['name', 'url', 'method'] as const;

/** `GET /products` if a name was given, otherwise the URL. */
function nameOf(tags: Readonly<Record<string, string>>): string {
  return tags.name || tags.url || NO_NAME;
}

export interface EndpointSeries {
  readonly name: string;
  readonly method: string;
  /** Matches all requests of the endpoint. */
  readonly filter: TagFilter;
  readonly protocol: Protocol;
}

/** All endpoints of the run. */
export function endpointSeries(metrics: RunMetrics): EndpointSeries[] {
  return Object.values(PROTOCOLS).flatMap((protocol) => endpointsOf(protocol, metrics));
}

/** The endpoints of one protocol. */
export function endpointsOf(protocol: Protocol, metrics: RunMetrics): EndpointSeries[] {
  const names = new Map<string, EndpointSeries>();
  for (const { tags } of metrics.groupBy(protocol.latency, BY)) {
    const name = nameOf(tags);
    const method = tags.method ?? '';
    const key = JSON.stringify([name, method]);
    if (names.has(key)) continue;
    // '' matches series without the tag, such as those beyond the cap; without it the filter would match every request.
    const filter: Record<string, string> = tags.name ? { name } : { name: '', url: tags.url ?? '' };
    if (method !== '') filter.method = method;
    names.set(key, { name, method, filter, protocol });
  }
  return [...names.values()];
}
