// The few figures by which runs are listed beside one another, from a Result alone.

import type { Result } from '../model/result.ts';
import { duration, isFigure, percent, perSecond } from '../text/format.ts';

type Figures = Pick<Result, 'latency' | 'metrics'>;

/** p95 in milliseconds of what the run's report calls its latency; older results lack it and fall back on all requests. */
export function p95Of({ latency, metrics }: Figures): number | null {
  if (latency !== undefined && latency !== null) return latency.p95;
  const metric = metrics.http_req_duration ?? metrics.grpc_req_duration ?? metrics.iteration_duration;
  return metric?.p95 ?? null;
}

/** Requests per second, or iterations where the run made no HTTP request. */
export function rateOf({ metrics }: Pick<Result, 'metrics'>): number | null {
  return (metrics.http_reqs ?? metrics.iterations)?.rate ?? null;
}

/** Share of failed HTTP requests, 0 to 1. */
export function errorShareOf({ metrics }: Pick<Result, 'metrics'>): number | null {
  return metrics.http_req_failed?.rate ?? null;
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
