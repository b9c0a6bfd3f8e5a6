// The few figures by which runs are listed next to one another, from a Result alone.

import { EVERY_PROTOCOL, FAILED_BY_STATUS, type Protocol, tellsSuccess } from '../../model/protocols.ts';
import type { Result } from '../../model/result.ts';
import { duration, isFigure, percent, perSecond } from '../../text/format.ts';

type Figures = Pick<Result, 'latency' | 'metrics' | 'endpoints' | 'left_out'>;

/** p95 in milliseconds of what the run's report calls its latency; older results lack it and fall back on all requests. */
export function p95Of({ latency, metrics }: Pick<Result, 'latency' | 'metrics'>): number | null {
  if (latency !== undefined && latency !== null) return latency.p95;
  const latencies = EVERY_PROTOCOL.filter(tellsSuccess).flatMap((protocol) => metrics[protocol.latency] ?? []);
  const metric = latencies[0] ?? metrics.iteration_duration;
  return metric?.p95 ?? null;
}

/** Requests of protocols whose requests fail by their status, which k6 has no metric for. */
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

/** Requests per second of all protocols whose requests fail or succeed, or iterations where the run made none. */
export function rateOf(run: Pick<Result, 'metrics' | 'endpoints' | 'left_out'>): number | null {
  const { http_reqs: http, iterations } = run.metrics;
  const calls = callsByStatus(run);
  if (calls.count === 0) return (http ?? iterations)?.rate ?? null;
  return (http?.rate ?? 0) + calls.rate;
}

/** The share of them that failed, 0 to 1; null where the run made none. */
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
