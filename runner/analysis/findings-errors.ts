// What went wrong in the run becomes findings: exceptions, requests without a response, unexpected responses, failed checks.

import type { Finding, Severity } from '../model/kpi.ts';
import type { RunMetrics, TagFilter } from '../model/metrics.ts';
import { grpcStatus, PROTOCOLS } from '../model/protocols.ts';
import { oneLine } from '../text/display-text.ts';
import { count, elapsed, percent, plural } from '../text/format.ts';
import { bottleneckFindings } from './bottlenecks.ts';
import { FAILURES_OF, type Failures, failedBrowserRequests, failedSessions } from './failed-sessions.ts';
import type { FindingsInput, ThrownException } from './findings-input.ts';
import { transportFilters, transportReasons } from './responses.ts';

/** A share of failures from which a finding is at least this severe. */
const SHARES: ReadonlyArray<readonly [share: number, severity: Severity]> = [
  [0.5, 'critical'],
  [0.05, 'high'],
  [0.001, 'medium'],
  [0, 'low'],
];
/** An endpoint with this share of the failures, and at most half as large a share of the requests, is named. */
const CONCENTRATED = 0.6;

function severityOf(share: number): Severity {
  return SHARES.find(([from]) => share >= from)?.[1] ?? 'low';
}

export function errorFindings(input: FindingsInput): Finding[] {
  const { metrics, kpis } = input;
  return [
    ...exceptionFindings(input),
    ...transportErrors(metrics),
    ...httpErrors(metrics),
    ...grpcErrors(metrics),
    ...sessionErrors(metrics, input.options ?? {}),
    ...browserErrors(metrics),
    ...failedChecks(metrics),
    ...bottleneckFindings(kpis, metrics),
  ];
}

function exceptionFindings({ exceptions, iterations }: FindingsInput): Finding[] {
  const inIterations = exceptions.filter(({ stage }) => stage === 'iteration');
  const elsewhere = exceptions.filter(({ stage }) => stage !== 'iteration');
  const found: Finding[] = elsewhere.map((exception) => ({
    kind: 'script_exceptions',
    severity: exception.stage === 'teardown' ? 'high' : 'critical',
    title: `The script threw an exception in ${exception.stage === 'init' ? 'its init code' : `${exception.stage}()`}: ${oneLine(exception.message)}`,
    detail: whereText(exception),
    kpis: [],
  }));
  const thrown = inIterations.reduce((sum, exception) => sum + exception.count, 0);
  if (thrown === 0) return found;
  const share = iterations > 0 ? Math.min(1, thrown / iterations) : 1;
  const worst = inIterations.toSorted((a, b) => b.count - a.count);
  const every = share === 1;
  return [
    {
      kind: 'script_exceptions',
      severity: every ? 'critical' : share >= 0.01 ? 'high' : 'medium',
      title: `The script threw an exception in ${every ? `every iteration (${count(thrown)})` : `${count(thrown)} of ${plural(iterations, 'iteration')} (${percent(share)})`}: ${oneLine(worst[0]?.message ?? '')}`,
      detail: `${worst.slice(0, 3).map(whereText).join(' ')}${worst.length > 3 ? ` ${count(worst.length - 3)} more kinds.` : ''} The rest of these iterations did not run, so the load was lower than intended. Exceptions do not change the exit code of k6.`,
      kpis: [],
    },
    ...found,
  ];
}

function whereText({ message, where, count: times }: ThrownException): string {
  const text = oneLine(message);
  return `${where === null ? text : `${text} at ${oneLine(where)}`}, ${plural(times, 'time')}.`;
}

/** ` between 00:10 and 01:30 of the run`, where k6 counted such requests; '' where it is not known. */
function whenText(metrics: RunMetrics, metric: string, filter: TagFilter): string {
  const range = metrics.seen(metric, filter);
  const startMs = metrics.firstSampleMs;
  if (range === undefined || startMs === undefined) return '';
  return ` between ${elapsed(range.fromMs - startMs)} and ${elapsed(range.toMs - startMs)} of the run`;
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
      detail: `They failed${whenText(metrics, 'http_reqs', filters[0] ?? {})}.${source === undefined ? '' : ` ${concentrationText(source)}`} k6 counts such requests as 0 ms or as the time until the timeout. Latency targets are judged over requests with a response. Probable cause: the system under test is down, restarts, refuses connections or is slower than the timeout.`,
      kpis: [],
      probableCause: 'the system under test is down, restarts, refuses connections or is slower than the timeout',
    },
  ];
}

function httpErrors(metrics: RunMetrics): Finding[] {
  const failed = { expected_response: 'false' };
  const groups = metrics
    .groupBy('http_reqs', ['status'], failed)
    .filter(({ tags }) => tags.status !== '0' && tags.status !== '')
    .map(({ tags, aggregate }) => ({ status: tags.status ?? '', sum: aggregate.sum }))
    .sort((a, b) => b.sum - a.sum);
  const sum = groups.reduce((total, group) => total + group.sum, 0);
  const all = metrics.total('http_reqs')?.sum ?? 0;
  if (sum === 0 || all === 0) return [];
  const share = sum / all;
  const statuses = groups.slice(0, 4).map(({ status, sum: times }) => `${oneLine(status, 20)} (${count(times)})`);
  const source = concentration(metrics, sum, (tags) =>
    groups.reduce(
      (total, { status }) => total + (metrics.total('http_reqs', { ...failed, status, ...tags })?.sum ?? 0),
      0,
    ),
  );
  const where =
    source === undefined
      ? ''
      : `, ${source.share === 1 ? 'all' : percent(source.share)} of them on ${oneLine(source.name)}`;
  const own = source === undefined ? share : (sum * source.share) / source.requests;
  return [
    {
      kind: 'http_errors',
      // A tenth of one endpoint's requests is grave however few its requests are among all.
      severity: severityOf(Math.max(share, own / 4)),
      title: `${count(sum)} of ${plural(all, 'request')} (${percent(share)}) got an unexpected response: ${statuses.join(', ')}${where}`,
      detail: `They came${whenText(metrics, 'http_reqs', failed)}.${source === undefined ? '' : ` ${concentrationText(source)}`}`,
      kpis: [],
      ...(source === undefined ? {} : { probableCause: `what "${oneLine(source.name)}" depends on` }),
    },
  ];
}

/** gRPC calls that did not end with status OK, by the names of their statuses. */
function grpcErrors(metrics: RunMetrics): Finding[] {
  const { latency: metric, expected } = PROTOCOLS.grpc;
  const all = metrics.total(metric)?.count ?? 0;
  const groups = metrics
    .groupBy(metric, ['status'])
    .filter(({ tags }) => tags.status !== expected.status)
    .map(({ tags, aggregate }) => ({ status: tags.status ?? '', sum: aggregate.count }))
    .sort((a, b) => b.sum - a.sum);
  const [first] = groups;
  if (first === undefined || all === 0) return [];
  const sum = groups.reduce((total, group) => total + group.sum, 0);
  const statuses = groups.slice(0, 4).map(({ status, sum: times }) => `${grpcStatus(status)} (${count(times)})`);
  const methods = metrics.groupBy(metric, ['name']).flatMap(({ tags, aggregate }) => {
    const { name = '' } = tags;
    const failed = aggregate.count - (metrics.total(metric, { name, ...expected })?.count ?? 0);
    return failed === 0 ? [] : [`${oneLine(name)} failed ${count(failed)} of ${plural(aggregate.count, 'time')}.`];
  });
  return [
    {
      kind: 'grpc_errors',
      severity: severityOf(sum / all),
      title: `${count(sum)} of ${plural(all, 'call')} (${percent(sum / all)}) failed: ${statuses.join(', ')}`,
      detail: `They failed${whenText(metrics, metric, { status: first.status })}. ${methods.slice(0, 5).join(' ')}`,
      kpis: [],
    },
  ];
}

/** WebSocket sessions that did not connect: k6 measures them as it does those that did. */
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
  /** One of them, in words. */
  readonly what: string;
  readonly failed: string;
  /** What follows the places. */
  readonly note: string;
}

/** How many of all failed, with which status most often, when and where. */
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
      detail: `They failed${whenText(metrics, metric, failures[0]?.filter ?? {})}. ${placesText(failures)}${note}`,
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

/** More names than this are not asked one by one. */
const MOST_NAMES = 500;

interface Source {
  readonly name: string;
  /** Of the failures, and of all requests; 0 to 1. */
  readonly share: number;
  readonly ofRequests: number;
  readonly requests: number;
}

/** The endpoint that most failures come from, with few of the requests; undefined where the failures are spread. */
function concentration(
  metrics: RunMetrics,
  failed: number,
  failuresOf: (tags: TagFilter) => number,
): Source | undefined {
  const all = metrics.total('http_reqs')?.sum ?? 0;
  const names = metrics.groupBy('http_reqs', ['name']);
  if (names.length < 2 || names.length > MOST_NAMES) return undefined;
  for (const { tags, aggregate } of names) {
    const name = tags.name ?? '';
    if (name === '') continue;
    const share = failuresOf({ name }) / failed;
    const ofRequests = aggregate.sum / all;
    if (share < CONCENTRATED || ofRequests > share / 2) continue;
    return { name, share, ofRequests, requests: aggregate.sum };
  }
  return undefined;
}

/** `93 % of them are from "GET /x", which has 20 % of the requests.` */
function concentrationText({ name, share, ofRequests }: Source): string {
  return `${percent(share)} of them are from "${oneLine(name)}", which has ${percent(ofRequests)} of the requests.`;
}

/** More failures of a check than this share, beyond the failed requests of their seconds, are failures of its own. */
const UNEXPLAINED = 0.05;

/** Whether a check failed only when requests did: in each interval, or the next one, at least as many requests failed. */
function followsFailedRequests(metrics: RunMetrics, tags: TagFilter): boolean {
  const failed = metrics.timeline('http_reqs', { expected_response: 'false' });
  const calls = metrics.timeline(PROTOCOLS.grpc.latency);
  const succeeded = metrics.timeline(PROTOCOLS.grpc.latency, PROTOCOLS.grpc.expected);
  const at = (index: number) =>
    (failed[index]?.aggregate?.sum ?? 0) +
    (calls[index]?.aggregate?.count ?? 0) -
    (succeeded[index]?.aggregate?.count ?? 0);
  let [fails, beyond] = [0, 0];
  for (const [index, { aggregate }] of metrics.timeline('checks', tags).entries()) {
    const own = aggregate === undefined ? 0 : aggregate.count - aggregate.sum;
    fails += own;
    beyond += Math.max(0, own - at(index - 1) - at(index) - at(index + 1));
  }
  return fails > 0 && beyond <= UNEXPLAINED * fails;
}

function failedChecks(metrics: RunMetrics): Finding[] {
  const checks = metrics
    .groupBy('checks', ['check', 'group'])
    .map(({ tags, aggregate }) => ({
      name: tags.check ?? '',
      tags,
      count: aggregate.count,
      fails: aggregate.count - aggregate.sum,
    }))
    .filter(({ fails }) => fails > 0)
    .sort((a, b) => b.fails / b.count - a.fails / a.count || b.fails - a.fails);
  const [worst] = checks;
  const total = metrics.total('checks');
  if (worst === undefined || total === undefined) return [];
  const fails = total.count - total.sum;
  const lines = checks
    .slice(0, 5)
    .map(
      ({ name, fails: times, count: evaluations }) =>
        `"${oneLine(name)}" failed ${count(times)} of ${plural(evaluations, 'time')} (${percent(times / evaluations)}).`,
    );
  const more = checks.length > 5 ? ` ${plural(checks.length - 5, 'more check')} failed at times.` : '';
  const isExplained = checks.every(({ tags }) => followsFailedRequests(metrics, tags));
  const because = isExplained ? [' At least as many requests failed in the same seconds, which explains it.'] : [];
  return [
    {
      kind: isExplained ? 'checks_of_failed_requests' : 'failed_checks',
      severity: isExplained ? 'low' : severityOf(worst.fails / worst.count),
      title: `${count(fails)} of ${plural(total.count, 'check')} (${percent(fails / total.count)}) failed, most often "${oneLine(worst.name)}"`,
      detail: [`${lines.join(' ')}${more}`, ...because].join(''),
      kpis: [],
    },
  ];
}
