// Finds WebSocket sessions that did not connect and failed requests of a browser. k6 has no error metric for them, only
// tags.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { PROTOCOLS } from '../../model/protocols.ts';

/** Failures of one kind at one endpoint. */
export interface Failures {
  readonly endpoint: string;
  readonly method: string;
  readonly url: string;
  /** '' or 0: no response. */
  readonly status: string;
  readonly message: string;
  readonly count: number;
  /** Number of attempts there. */
  readonly of: number;
  /** Filter for the failed samples. */
  readonly filter: TagFilter;
}

/** The HTTP status of an accepted WebSocket handshake. */
const CONNECTED = '101';
const BROWSER_FAILED = 'browser_http_req_failed';
/** With more endpoints than this, no failures are listed. */
const MOST_PLACES = 500;

/**
 * Sessions with a handshake that did not end with status 101. k6 gives a session without a response no status. That counts as
 * a failure only if k6 was configured to write the status: by `options.systemTags`, or for a stream without a script,
 * if any sample has one.
 */
export function failedSessions(metrics: RunMetrics, options: Readonly<Record<string, unknown>>): Failures[] {
  const { counted } = PROTOCOLS.ws;
  const sessions = metrics.groupBy(counted, ['url', 'status']);
  if (sessions.length > MOST_PLACES || !hasStatusTag(metrics, options)) return [];
  return sessions.flatMap(({ tags: { url = '', status = '' }, aggregate }): Failures[] => {
    if (status === CONNECTED) return [];
    const message = status === '' || status === '0' ? 'no connection' : `the handshake ended with status ${status}`;
    const place: TagFilter = url === '' ? {} : { url };
    const of = metrics.total(counted, place)?.sum ?? aggregate.sum;
    return [
      { endpoint: url, method: '', url, status, message, count: aggregate.sum, of, filter: { ...place, status } },
    ];
  });
}

/** Number of sessions with another handshake status than 101. Sessions without a status are not counted. */
export function refusedSessions(metrics: RunMetrics, place: TagFilter): number {
  return metrics
    .groupBy(PROTOCOLS.ws.counted, ['status'], place)
    .filter(({ tags: { status = '' } }) => status !== '' && status !== CONNECTED)
    .reduce((sum, { aggregate }) => sum + aggregate.sum, 0);
}

/** Browser requests that k6 counts as failed: no response, or status 400 and above. */
export function failedBrowserRequests(metrics: RunMetrics): Failures[] {
  const groups = metrics.groupBy(BROWSER_FAILED, ['name', 'url', 'method', 'status']);
  if (groups.length > MOST_PLACES) return [];
  return groups.flatMap(({ tags: { name = '', url = '', method = '', status = '' }, aggregate }): Failures[] => {
    if (aggregate.sum === 0) return [];
    const place: TagFilter = { ...(name === '' ? {} : { name }), ...(url === '' ? {} : { url }) };
    const of = metrics.total(BROWSER_FAILED, place)?.count ?? aggregate.count;
    const message = status === '' || status === '0' ? 'no response in the browser' : `status ${status} in the browser`;
    const filter = { ...place, method, status };
    return [{ endpoint: name || url, method, url, status, message, count: aggregate.sum, of, filter }];
  });
}

/** The metric that the filters of these failures refer to. */
export const FAILURES_OF = { ws: PROTOCOLS.ws.counted, browser: BROWSER_FAILED } as const;

function hasStatusTag(metrics: RunMetrics, options: Readonly<Record<string, unknown>>): boolean {
  const { systemTags } = options;
  if (Array.isArray(systemTags)) return systemTags.includes('status');
  if (systemTags === null) return true;
  return metrics.series.some(({ tags }) => Object.hasOwn(tags, 'status'));
}
