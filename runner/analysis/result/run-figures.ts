// The few figures with which runs are listed and compared, from a result alone.

import { EVERY_PROTOCOL, FAILED_BY_STATUS, type Protocol, reportsSuccess } from '../../model/protocols.ts';
import type { Result } from '../../model/result.ts';
import { duration, isFigure, percent, perSecond } from '../../text/format.ts';

type Figures = Pick<Result, 'latency' | 'metrics' | 'endpoints' | 'left_out'>;

/** p95 of the run's latency, milliseconds; older results without it use all requests. */
export function p95Of({ latency, metrics }: Pick<Result, 'latency' | 'metrics'>): number | null {
  if (latency !== undefined && latency !== null) return latency.p95;
  const latencies = EVERY_PROTOCOL.filter(reportsSuccess).flatMap((protocol) => metrics[protocol.latency] ?? []);
  const metric = latencies[0] ?? metrics.iteration_duration;
  return metric?.p95 ?? null;
}

/** Requests of the protocols with failures found by status, because k6 has no metric for them. */
export function callsByStatus(
  { endpoints, left_out }: Pick<Result, 'endpoints' | 'left_out'>,
  protocols: readonly Protocol[] = FAILED_BY_STATUS,
): {
  readonly count: number;
  readonly failed: number;
  readonly rate: number;
} {
  const calls = [...endpoints, ...(left_out?.endpoints ?? [])].filter(({ protocol }) =>
    protocols.some(({ id }) => id === protocol),
  );
  const sum = (figure: (call: (typeof calls)[number]) => number | null) =>
    calls.reduce((total, call) => total + (figure(call) ?? 0), 0);
  return {
    count: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    rate: sum(({ rate_per_s }) => rate_per_s),
  };
}

/**
 * Requests per second of all protocols that report success or failure; iterations per second if the run made no
 * requests.
 */
export function rateOf(run: Pick<Result, 'metrics' | 'endpoints' | 'left_out'>): number | null {
  const { http_reqs: http, iterations } = run.metrics;
  const calls = callsByStatus(run);
  if (calls.count === 0) return (http ?? iterations)?.rate ?? null;
  return (http?.rate ?? 0) + calls.rate;
}

/** The share of these requests that failed, 0 to 1; null if there are none. */
export function errorShareOf(run: Pick<Result, 'metrics' | 'endpoints' | 'left_out'>): number | null {
  const http = run.metrics.http_req_failed;
  const calls = callsByStatus(run);
  if (calls.count === 0) return http?.rate ?? null;
  const failed = (http?.rate ?? 0) * (http?.count ?? 0) + calls.failed;
  return failed / ((http?.count ?? 0) + calls.count);
}

/** `5 of 7`. */
export function targetsMet({ kpis }: Pick<Result, 'kpis'>): string {
  if (kpis.length === 0) return 'none set';
  return `${kpis.filter(({ verdict }) => verdict === 'pass').length} of ${kpis.length}`;
}

/** The three figures as text. */
export function figureTexts(run: Figures): { p95: string; rate: string; errors: string } {
  const errors = errorShareOf(run);
  return { p95: duration(p95Of(run)), rate: perSecond(rateOf(run)), errors: isFigure(errors) ? percent(errors) : '–' };
}
