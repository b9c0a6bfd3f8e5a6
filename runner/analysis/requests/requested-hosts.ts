// Finds the hosts that a run requested, from the tags: k6 writes a request's URL into `url`, or its name if it has one.

import { hostName } from '../../model/host-pattern.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { EVERY_PROTOCOL, type Protocol } from '../../model/protocols.ts';
import type { Result, ResultFinding } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, plural } from '../../text/format.ts';
import { amountOf } from './protocol-figures.ts';

/** The metrics that count requests, and how to get the URL from the tag. */
const REQUESTS: ReadonlyArray<Pick<Protocol, 'counted' | 'urlOf'>> = [
  ...EVERY_PROTOCOL,
  { counted: 'browser_http_req_duration', urlOf: (tag) => tag },
];

/**
 * The requested hosts with their number of requests, most first. Requests without a URL in their tags are not included,
 * except those named by the typed client: `GET /products` of a typed scenario went to `targetUrl`, `GET
 * cdn.example/x.js` to the host in the name.
 */
export function requestedHosts(
  metrics: RunMetrics,
  { typed, targetUrl }: { readonly typed: boolean; readonly targetUrl: string },
): Result['hosts'] {
  const target = typed ? hostOf(targetUrl) : undefined;
  const requests = new Map<string, number>();
  for (const { counted, urlOf } of REQUESTS) {
    for (const { tags, aggregate } of metrics.groupBy(counted, ['url', 'name'])) {
      const host = hostOf(urlOf(tags.url ?? '')) ?? hostOf(tags.name ?? '') ?? hostOfName(tags.name ?? '', target);
      if (host !== undefined) requests.set(host, (requests.get(host) ?? 0) + amountOf(aggregate));
    }
  }
  return [...requests]
    .map(([host, sum]) => ({ host, requests: sum }))
    .sort((a, b) => b.requests - a.requests || (a.host < b.host ? -1 : 1));
}

/** A finding if requests went to hosts other than the environment's; none if the script itself names its hosts. */
export function otherHostsFinding(hosts: Result['hosts'], targetUrl: string): ResultFinding[] {
  const target = hostOf(targetUrl);
  if (target === undefined) return [];
  const others = hosts.filter(({ host }) => host !== target);
  if (others.length === 0) return [];
  const shown = others.slice(0, 10).map(({ host, requests }) => `${oneLine(host, 80)} (${count(requests)})`);
  const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : '';
  return [
    {
      kind: 'other_hosts',
      severity: 'low',
      title: `Requests also went to ${plural(others.length, 'host')} outside the environment`,
      detail: `${shown.join(', ')}${more}. The environment is ${target}. To limit k6 to certain hosts, list them in testing.performance.only of ProjectConfig.`,
      kpis: [],
    },
  ];
}

/** The host in a name of the typed client: method and path, preceded by the host if it is not the target. */
function hostOfName(name: string, target: string | undefined): string | undefined {
  const [, authority, path] = /^[A-Z]+ ([^\s/]*)(\/\S*)$/.exec(name) ?? [];
  if (target === undefined || path === undefined) return undefined;
  return authority === undefined || authority === '' ? target : hostOf(`http://${authority}`);
}

function hostOf(url: string): string | undefined {
  if (!/^(https?|wss?):\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const host = hostName(new URL(url).hostname);
  return host === '' ? undefined : host;
}
