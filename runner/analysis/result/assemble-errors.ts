// Builds the error table and the check table of a result from failed requests, failed checks and exceptions.

import { type ErrorSample, SAMPLES_PER_ERROR } from '../../model/error-sample.ts';
import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { FAILED_BY_STATUS, type Protocol } from '../../model/protocols.ts';
import type { Result, ResultError, ResultErrorSample } from '../../model/result.ts';
import type { ScriptException } from '../../model/run.ts';
import { KEPT } from '../../model/sample-line.ts';
import { NO_NAME } from '../../text/display-text.ts';
import { FAILURES_OF, type Failures, failedBrowserRequests, failedSessions } from '../requests/failed-sessions.ts';

type Check = Result['checks'][number];

/**
 * k6 numbers transport errors 1000 to 1399 and from 1500 (DNS, TCP, TLS, HTTP/2, timeouts), and responses with 4xx and
 * 5xx 1400 to 1599: lib/netext/httpext/error_codes.go of k6 v2.2.0. Without a response the status is 0.
 */
function isTransport(status: string): boolean {
  return status === '0' || status === '';
}

function firstAndLast(
  metrics: RunMetrics,
  metric: string,
  filter: TagFilter,
  isFailure: (count: number, sum: number) => boolean,
) {
  let first: number | undefined;
  let last: number | undefined;
  for (const interval of metrics.timeline(metric, filter)) {
    const aggregate = interval.aggregate;
    if (aggregate === undefined || !isFailure(aggregate.count, aggregate.sum)) continue;
    first ??= Math.max(interval.startMs, metrics.firstSampleMs ?? -Infinity);
    last = Math.min(interval.startMs + interval.lengthMs, metrics.lastSampleMs ?? Infinity);
  }
  return { first: iso(first), last: iso(last) };
}

function iso(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}

/** All checks with passes, fails and the first and last interval with a failure; worst first. */
export function assembleChecks(metrics: RunMetrics): Check[] {
  const checks = metrics.groupBy('checks', ['check', 'group', 'scenario']).map(({ tags, aggregate }): Check => {
    const passes = aggregate.sum;
    const fails = aggregate.count - passes;
    const failing =
      fails > 0 ? firstAndLast(metrics, 'checks', tags, (count, sum) => sum < count) : { first: null, last: null };
    return {
      name: tags.check || NO_NAME,
      group: tags.group ?? '',
      scenario: tags.scenario ?? '',
      passes,
      fails,
      rate: aggregate.mean ?? null,
      first_failure_at: failing.first,
      last_failure_at: failing.last,
    };
  });
  return checks.sort((a, b) => b.fails - a.fails || a.name.localeCompare(b.name));
}

/** Distinct errors with counts, shares and samples, most frequent first. `options`: those of the run, if known. */
export function assembleErrors(
  metrics: RunMetrics,
  checks: readonly Check[],
  exceptions: readonly ScriptException[],
  iterations: number,
  samples: readonly ErrorSample[] = [],
  options: Readonly<Record<string, unknown>> = {},
): ResultError[] {
  const errors = [
    ...failedRequests(metrics, samples),
    ...FAILED_BY_STATUS.flatMap((protocol) => failedCalls(metrics, protocol)),
    ...failuresOf('ws', failedSessions(metrics, options), metrics),
    ...failuresOf('browser', failedBrowserRequests(metrics), metrics),
    ...failedChecks(checks, samples),
    ...thrown(exceptions, iterations),
  ];
  return errors.sort((a, b) => b.count - a.count);
}

/** The samples of one error, in the form of result.json. */
function samplesWhere(
  samples: readonly ErrorSample[],
  isOfError: (sample: ErrorSample) => boolean,
): ResultErrorSample[] {
  return samples
    .filter(isOfError)
    .slice(0, SAMPLES_PER_ERROR)
    .map(({ at, request, response, vu, iteration, scenario }) => ({
      at: new Date(at).toISOString(),
      request,
      response,
      vu,
      iteration,
      scenario,
    }));
}

/** The message of a failed request; of an error response for which k6 has no error text it is the status. */
function messageOf(error: string | undefined, status: string): Pick<ResultError, 'message' | 'message_is_status'> {
  if (error) return { message: error };
  return isTransport(status) ? { message: 'no response' } : { message: `status ${status}`, message_is_status: true };
}

function failedRequests(metrics: RunMetrics, samples: readonly ErrorSample[]): ResultError[] {
  const by = ['name', 'method', 'status', 'error_code', 'error'] as const;
  return metrics.groupBy('http_req_failed', by).flatMap(({ tags, aggregate }): ResultError[] => {
    if (aggregate.sum === 0) return [];
    const endpoint: Record<string, string> = { name: tags.name ?? '' };
    if (tags.method) endpoint.method = tags.method;
    const requests = metrics.total('http_req_failed', endpoint)?.count ?? aggregate.count;
    // An empty value in a group means that the tag is missing, which a filter cannot select.
    const present = Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
    const seen = firstAndLast(metrics, 'http_req_failed', present, (_count, sum) => sum > 0);
    const status = tags.status ?? '';
    const example = metrics.series.find(
      (series) =>
        series.metric.name === 'http_req_failed' &&
        Object.entries(present).every(([tag, value]) => series.tags[tag] === value),
    );
    return [
      {
        kind: isTransport(status) ? 'transport' : 'http',
        endpoint: tags.name ?? '',
        method: tags.method ?? '',
        url: example?.tags.url ?? '',
        status,
        code: tags.error_code ?? '',
        ...messageOf(tags.error, status),
        count: aggregate.sum,
        share: requests > 0 ? aggregate.sum / requests : null,
        first_seen_at: seen.first,
        last_seen_at: seen.last,
        where: null,
        // For a redirected request, k6 gives scripts the requested method, but its tags the method of the last hop.
        samples: samplesWhere(
          samples,
          (sample) =>
            sample.checks.length === 0 &&
            sample.name === (tags.name ?? '').slice(0, KEPT.name) &&
            String(sample.response.status) === status &&
            String(sample.error_code || '') === (tags.error_code ?? ''),
        ),
      },
    ];
  });
}

/** Calls that failed according to their status: gRPC calls that did not end with OK. */
function failedCalls(
  metrics: RunMetrics,
  { latency, expected, errorKinds: [kind], statusName = String }: Protocol,
): ResultError[] {
  if (kind === undefined) return [];
  return metrics.groupBy(latency, ['name', 'method', 'status', 'url']).flatMap(({ tags, aggregate }): ResultError[] => {
    const { name = '', method = '', status = '', url = '' } = tags;
    if (status === expected.status) return [];
    const endpoint = { name, ...(method === '' ? {} : { method }) };
    const calls = metrics.total(latency, endpoint)?.count ?? aggregate.count;
    const seen = firstAndLast(metrics, latency, { ...endpoint, status }, (count) => count > 0);
    return [
      {
        kind,
        endpoint: name,
        method,
        url,
        status,
        code: '',
        message: statusName(status),
        count: aggregate.count,
        share: calls > 0 ? aggregate.count / calls : null,
        first_seen_at: seen.first,
        last_seen_at: seen.last,
        where: null,
        samples: [],
      },
    ];
  });
}

function failuresOf(kind: keyof typeof FAILURES_OF, failures: readonly Failures[], metrics: RunMetrics): ResultError[] {
  const metric = FAILURES_OF[kind];
  return failures.map(({ endpoint, method, url, status, message, count, of, filter }) => {
    const seen = firstAndLast(metrics, metric, filter, (_count, sum) => sum > 0);
    return {
      ...{ kind, endpoint, method, url, status, code: '', message, count },
      share: of > 0 ? count / of : null,
      first_seen_at: seen.first,
      last_seen_at: seen.last,
      where: null,
      samples: [],
    };
  });
}

function failedChecks(checks: readonly Check[], samples: readonly ErrorSample[]): ResultError[] {
  return checks
    .filter((check) => check.fails > 0)
    .map((check) => ({
      kind: 'check',
      endpoint: check.group,
      method: '',
      url: '',
      status: '',
      code: '',
      message: check.name,
      count: check.fails,
      share: check.fails / (check.passes + check.fails),
      first_seen_at: check.first_failure_at,
      last_seen_at: check.last_failure_at,
      where: null,
      samples: samplesWhere(
        samples,
        (sample) => sample.group === check.group && sample.checks.includes(check.name.slice(0, KEPT.name)),
      ),
    }));
}

function thrown(exceptions: readonly ScriptException[], iterations: number): ResultError[] {
  return exceptions.map((exception) => ({
    kind: 'exception',
    endpoint: exception.stage === 'iteration' ? '' : exception.stage,
    method: '',
    url: '',
    status: '',
    code: '',
    message: exception.message,
    count: exception.count,
    share: exception.stage === 'iteration' && iterations > 0 ? Math.min(1, exception.count / iterations) : null,
    first_seen_at: iso(exception.firstMs),
    last_seen_at: iso(exception.lastMs),
    where: exception.where,
    samples: [],
  }));
}
