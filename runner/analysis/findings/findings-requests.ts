// Findings about failed requests: without a response, with an unexpected one, failed calls, sessions and browser
// requests.

import { FINDING_OF_ERROR } from '../../model/finding-kinds.ts';
import type { Finding } from '../../model/kpi.ts';
import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { FAILED_BY_STATUS, type Protocol } from '../../model/protocols.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, elapsed, percent, plural } from '../../text/format.ts';
import { concentration, concentrationText } from '../requests/concentration.ts';
import { FAILURES_OF, type Failures, failedBrowserRequests, failedSessions } from '../requests/failed-sessions.ts';
import { severityOf } from '../requests/failure-severity.ts';
import { amountOf, failedOf } from '../requests/protocol-figures.ts';
import { transportFilters, transportReasons, unexpectedResponses } from '../requests/responses.ts';

/** The findings about failed requests of all protocols. `options`: those of the run. */
export function requestFindings(metrics: RunMetrics, options: Readonly<Record<string, unknown>>): Finding[] {
  return [
    ...transportErrors(metrics),
    ...httpErrors(metrics),
    ...FAILED_BY_STATUS.flatMap((protocol) => statusErrors(protocol, metrics)),
    ...sessionErrors(metrics, options),
    ...browserErrors(metrics),
  ];
}

/** ` between 00:10 and 01:30 of the run`, if k6 counted such requests; '' if the time is unknown. */
function whenText(metrics: RunMetrics, metric: string, filters: readonly TagFilter[]): string {
  const ranges = filters.flatMap((filter) => metrics.seen(metric, filter) ?? []);
  const startMs = metrics.firstSampleMs;
  if (ranges.length === 0 || startMs === undefined) return '';
  const fromMs = Math.min(...ranges.map((range) => range.fromMs));
  const toMs = Math.max(...ranges.map((range) => range.toMs));
  return ` between ${elapsed(fromMs - startMs)} and ${elapsed(toMs - startMs)} of the run`;
}

function transportErrors(metrics: RunMetrics): Finding[] {
  const requests = { metric: 'http_reqs', filter: {} };
  const filters = transportFilters(requests, metrics);
  const failed = filters.reduce((sum, filter) => sum + (metrics.total('http_reqs', filter)?.sum ?? 0), 0);
  const all = metrics.total('http_reqs')?.sum ?? 0;
  if (failed === 0 || all === 0) return [];
  const share = failed / all;
  const source = concentration(metrics, failed, (tags) =>
    filters.reduce((sum, filter) => sum + (metrics.total('http_reqs', { ...filter, ...tags })?.sum ?? 0), 0),
  );
  return [
    {
      kind: 'transport_errors',
      severity: severityOf(share),
      title: `${count(failed)} of ${plural(all, 'request')} (${percent(share)}) got no response: ${transportReasons(requests, filters, metrics)}`,
      detail: `They failed${whenText(metrics, 'http_reqs', filters)}.${source === undefined ? '' : ` ${concentrationText(source)}`} k6 counts such requests as 0 ms or as the time until the timeout. Latency targets are judged over requests with a response. Probable cause: the system under test is down, restarts, refuses connections or is slower than the timeout.`,
      kpis: [],
      probableCause: 'the system under test is down, restarts, refuses connections or is slower than the timeout',
    },
  ];
}

function httpErrors(metrics: RunMetrics): Finding[] {
  const groups = unexpectedResponses({}, metrics);
  const sum = groups.reduce((total, group) => total + group.sum, 0);
  const all = metrics.total('http_reqs')?.sum ?? 0;
  if (sum === 0 || all === 0) return [];
  const share = sum / all;
  const statuses = groups.slice(0, 4).map(({ status, sum: times }) => `${oneLine(status, 20)} (${count(times)})`);
  const source = concentration(metrics, sum, (tags) =>
    groups.reduce((total, { filter }) => total + (metrics.total('http_reqs', { ...filter, ...tags })?.sum ?? 0), 0),
  );
  const where =
    source === undefined
      ? ''
      : `, ${source.share === 1 ? 'all' : percent(source.share)} of them on ${oneLine(source.name)}`;
  const own = source === undefined ? share : (sum * source.share) / source.requests;
  return [
    {
      kind: 'http_errors',
      // A tenth of one endpoint's requests is severe, even if the endpoint has few of all requests.
      severity: severityOf(Math.max(share, own / 4)),
      title: `${count(sum)} of ${plural(all, 'request')} (${percent(share)}) got an unexpected response: ${statuses.join(', ')}${where}`,
      detail: `They came${whenText(
        metrics,
        'http_reqs',
        groups.map(({ filter }) => filter),
      )}.${source === undefined ? '' : ` ${concentrationText(source)}`}`,
      kpis: [],
      ...(source === undefined ? {} : { probableCause: `what "${oneLine(source.name)}" depends on` }),
    },
  ];
}

/** The finding about requests that failed by status, with the names of their statuses. */
function statusErrors(protocol: Protocol, metrics: RunMetrics): Finding[] {
  const { counted, expected, noun, statusName = String, errorKinds } = protocol;
  const kind = errorKinds[0] && FINDING_OF_ERROR[errorKinds[0]];
  const all = failedOf(protocol, metrics);
  if (kind === undefined || all === undefined || all.failed === 0) return [];
  const { failed: sum, of } = all;
  const groups = metrics
    .groupBy(counted, ['status'])
    .filter(({ tags }) => tags.status !== expected.status)
    .map(({ tags, aggregate }) => ({ status: tags.status ?? '', amount: amountOf(aggregate) }))
    .sort((a, b) => b.amount - a.amount);
  const statuses = groups.slice(0, 4).map(({ status, amount }) => `${statusName(status)} (${count(amount)})`);
  const places = metrics.groupBy(counted, ['name']).flatMap(({ tags: { name = '' } }) => {
    const own = failedOf(protocol, metrics, { name });
    return own === undefined || own.failed === 0
      ? []
      : [`${oneLine(name)} failed ${count(own.failed)} of ${plural(own.of, 'time')}.`];
  });
  return [
    {
      kind,
      severity: severityOf(sum / of),
      title: `${count(sum)} of ${plural(of, noun)} (${percent(sum / of)}) failed: ${statuses.join(', ')}`,
      detail: `They failed${whenText(
        metrics,
        counted,
        groups.map(({ status }) => ({ status })),
      )}. ${places.slice(0, 5).join(' ')}`,
      kpis: [],
    },
  ];
}

/** The finding about WebSocket sessions that did not connect, which k6 measures like the others. */
function sessionErrors(metrics: RunMetrics, options: Readonly<Record<string, unknown>>): Finding[] {
  return failedOnes(metrics, failedSessions(metrics, options), {
    kind: 'websocket_errors',
    metric: FAILURES_OF.ws,
    all: metrics.total(FAILURES_OF.ws)?.sum ?? 0,
    what: 'WebSocket session',
    failed: 'did not connect',
    note: ' k6 counts their connection times and sessions like those of the others, and does not fail a run because of them.',
  });
}

function browserErrors(metrics: RunMetrics): Finding[] {
  return failedOnes(metrics, failedBrowserRequests(metrics), {
    kind: 'browser_errors',
    metric: FAILURES_OF.browser,
    all: metrics.total(FAILURES_OF.browser)?.count ?? 0,
    what: 'browser request',
    failed: 'failed',
    note: '',
  });
}

interface Failed {
  readonly kind: Finding['kind'];
  readonly metric: string;
  readonly all: number;
  /** Noun for one of them. */
  readonly what: string;
  readonly failed: string;
  /** Text after the list of places. */
  readonly note: string;
}

/** The finding about such failures: how many, with which status most often, when and where. */
function failedOnes(
  metrics: RunMetrics,
  failures: readonly Failures[],
  { kind, metric, all, what, failed, note }: Failed,
): Finding[] {
  const sum = failures.reduce((total, each) => total + each.count, 0);
  if (sum === 0 || all === 0) return [];
  return [
    {
      kind,
      severity: severityOf(sum / all),
      title: `${count(sum)} of ${plural(all, what)} (${percent(sum / all)}) ${failed}: ${mostFrequent(failures)}`,
      detail: `They failed${whenText(
        metrics,
        metric,
        failures.map(({ filter }) => filter),
      )}. ${placesText(failures)}${note}`,
      kpis: [],
    },
  ];
}

/** `no connection (6), the handshake ended with status 403 (2)`. */
function mostFrequent(failures: readonly Failures[]): string {
  const sums = new Map<string, number>();
  for (const { message, count: times } of failures) sums.set(message, (sums.get(message) ?? 0) + times);
  const sorted = [...sums].sort(([, a], [, b]) => b - a).slice(0, 4);
  return sorted.map(([message, times]) => `${oneLine(message, 60)} (${count(times)})`).join(', ');
}

function placesText(failures: readonly Failures[]): string {
  const worst = failures.toSorted((a, b) => b.count - a.count).slice(0, 5);
  return worst
    .map(
      ({ endpoint, count: times, of }) =>
        `${oneLine(endpoint, 120) || 'A place without a name'} failed ${count(times)} of ${plural(of, 'time')}.`,
    )
    .join(' ');
}
