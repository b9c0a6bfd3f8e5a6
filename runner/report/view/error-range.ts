// An error → the figures that count it within a range of the run.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { type Protocol, protocolOfError } from '../../model/protocols.ts';
import type { Result, ResultError } from '../../model/result.ts';
import type { TrackBook } from '../tracks/book.ts';

/** Bindings of an error's count and share; '' for exceptions and log lines, because their times are not kept. */
export function errorFigures(error: ResultError, result: Result, tracks: TrackBook): { count: string; share: string } {
  if (error.kind === 'check') return checkFigures(error, result, tracks);
  const protocol = protocolOfError(error);
  if (protocol !== undefined && protocol.failed === undefined) return callFigures(error, protocol, tracks);
  const filter = requestFilter(error, tracks.metrics);
  if (filter === undefined) return { count: '', share: '' };
  const of = { metric: 'http_req_failed', filter };
  const method: TagFilter = error.method === '' ? {} : { method: error.method };
  const per = { metric: 'http_req_failed', filter: { name: error.endpoint, ...method } };
  return {
    count: tracks.bind({ figure: 'sum', of, format: ['count'] }),
    share: tracks.bind({ figure: 'sumShare', of, per, format: ['percent'] }),
  };
}

function callFigures(
  { endpoint: name, method, status }: ResultError,
  { latency: metric }: Protocol,
  tracks: TrackBook,
): { count: string; share: string } {
  const call = { name, ...(method === '' ? {} : { method }) };
  const of = { metric, filter: { ...call, status } };
  return {
    count: tracks.bind({ figure: 'count', of, format: ['count'] }),
    share: tracks.bind({ figure: 'share', of, per: { metric, filter: call }, format: ['percent'] }),
  };
}

function checkFigures(error: ResultError, { checks }: Result, tracks: TrackBook): { count: string; share: string } {
  const check = checks.find(
    ({ name, group, fails }) => name === error.message && group === error.endpoint && fails === error.count,
  );
  if (check === undefined) return { count: '', share: '' };
  const of = { metric: 'checks', filter: { check: check.name, group: check.group, scenario: check.scenario } };
  return {
    count: tracks.bind({ figure: 'zeros', of, format: ['count'] }),
    share: tracks.bind({ figure: 'zeroShare', of, format: ['percent'] }),
  };
}

/** The tags by which assemble-errors.ts counted this error. Its message is the tag `error`, or stands for an empty one. */
function requestFilter(error: ResultError, metrics: RunMetrics): TagFilter | undefined {
  if (error.kind !== 'http' && error.kind !== 'transport') return undefined;
  const { endpoint: name, method, status, code, message, count } = error;
  return [message, '']
    .map((text) => ({ name, method, status, error_code: code, error: text }))
    .find((filter) => metrics.total('http_req_failed', filter)?.sum === count);
}
