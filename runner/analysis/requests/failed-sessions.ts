// WebSocket sessions that never connected, and requests of a browser that failed: k6 has no error for either, only tags.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { PROTOCOLS } from '../../model/protocols.ts';

/** Failures of one kind at one place. */
export interface Failures {
  readonly endpoint: string;
  readonly method: string;
  readonly url: string;
  /** '' or 0: there was no response. */
  readonly status: string;
  readonly message: string;
  readonly count: number;
  /** How many were tried there. */
  readonly of: number;
  /** Which samples they are. */
  readonly filter: TagFilter;
}

/** The HTTP status with which a server agrees to a WebSocket. */
const CONNECTED = '101';
const BROWSER_FAILED = 'browser_http_req_failed';
/** More places than this are not told apart. */
const MOST_PLACES = 500;

/**
 * Sessions whose handshake did not end with status 101. k6 gives a session that got no response no status at all; that is a failure only
 * where k6 was to write the status, by `options.systemTags` of the run, or, for a stream without its script, by any sample that has one.
 */
export function failedSessions(metrics: RunMetrics, options: Readonly<Record<string, unknown>>): Failures[] {
  const { counted } = PROTOCOLS.ws;
  const sessions = metrics.groupBy(counted, ['url', 'status']);
  if (sessions.length > MOST_PLACES || !tellsStatus(metrics, options)) return [];
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

/** Sessions of a place whose handshake ended with another status than 101; those without a status are not known to have failed. */
export function refusedSessions(metrics: RunMetrics, place: TagFilter): number {
  return metrics
    .groupBy(PROTOCOLS.ws.counted, ['status'], place)
    .filter(({ tags: { status = '' } }) => status !== '' && status !== CONNECTED)
    .reduce((sum, { aggregate }) => sum + aggregate.sum, 0);
}

/** Requests of a browser that k6 counts as failed: no response, or a status from 400 on. */
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

/** The metric whose samples the filters of these failures are of. */
export const FAILURES_OF = { ws: PROTOCOLS.ws.counted, browser: BROWSER_FAILED } as const;

function tellsStatus(metrics: RunMetrics, options: Readonly<Record<string, unknown>>): boolean {
  const { systemTags } = options;
  if (Array.isArray(systemTags)) return systemTags.includes('status');
  if (systemTags === null) return true;
  return metrics.series.some(({ tags }) => Object.hasOwn(tags, 'status'));
}
