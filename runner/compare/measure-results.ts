// The results of two runs, one of which has no archive → how their figures differ, without any interval.

import type { ComparedMetric } from '../model/comparison.ts';
import type { Result, ResultEndpoint } from '../model/result.ts';

const TIMES = [
  ['p50', 'med'],
  ['p95', 'p95'],
  ['p99', 'p99'],
] as const;

type Subject = Pick<ComparedMetric, 'kind' | 'endpoint' | 'statistic' | 'metric' | 'unit'>;
type Figure = number | null | undefined;

function compared(subject: Subject, a: Figure, b: Figure, samples: readonly [number, number]): ComparedMetric[] {
  if (a == null || b == null) return [];
  const change = subject.unit === 'share' ? b - a : a > 0 ? b / a - 1 : null;
  const side = (value: number, count: number) => ({ value, ci_low: null, ci_high: null, samples: count });
  return [
    {
      ...subject,
      a: side(a, samples[0]),
      b: side(b, samples[1]),
      change,
      ci_low: null,
      ci_high: null,
      verdict: 'unknown',
      reason: 'no_archive',
      superiority: null,
      over_runs: null,
    },
  ];
}

function endpointFigures(from: ResultEndpoint, to: ResultEndpoint, metric: string): ComparedMetric[] {
  const samples = [from.requests, to.requests] as const;
  const endpoint = to.name;
  const times = TIMES.flatMap(([statistic, field]) =>
    compared({ kind: 'latency', endpoint, statistic, metric, unit: 'ms' }, from[field], to[field], samples),
  );
  if (to.protocol !== 'http') return times;
  const errors = { kind: 'errors', endpoint, statistic: 'share', metric: 'http_req_failed', unit: 'share' } as const;
  return [...times, ...compared(errors, from.error_rate, to.error_rate, samples)];
}

/** The whole run first, then the endpoints that both runs called, in b's order. */
export function compareResults(a: Result, b: Result, mostEndpoints: number): ComparedMetric[] {
  const [from, to] = [a.latency ?? null, b.latency ?? null];
  const metric = to?.metric ?? 'http_req_duration';
  const whole =
    from === null || to === null || from.metric !== to.metric
      ? []
      : TIMES.flatMap(([statistic, field]) =>
          compared({ kind: 'latency', endpoint: null, statistic, metric, unit: 'ms' }, from[field], to[field], [
            from.count,
            to.count,
          ]),
        );
  const failed = 'http_req_failed';
  const errors = compared(
    { kind: 'errors', endpoint: null, statistic: 'share', metric: failed, unit: 'share' },
    a.metrics[failed]?.rate,
    b.metrics[failed]?.rate,
    [a.metrics[failed]?.count ?? 0, b.metrics[failed]?.count ?? 0],
  );
  const endpoints = b.endpoints.slice(0, mostEndpoints).flatMap((each) => {
    const other = a.endpoints.find(({ name, method }) => name === each.name && method === each.method);
    return other === undefined ? [] : endpointFigures(other, each, metric);
  });
  return [...whole, ...errors, ...endpoints];
}
