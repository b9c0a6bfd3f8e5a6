// The results of two runs, at least one without an archive → the differences of their figures, without intervals.

import { plainDifference } from '../analysis/differences/plain-difference.ts';
import { leastChangeOf } from '../analysis/differences/practical-size.ts';
import type { Change, ComparedMetric } from '../model/comparison.ts';
import { DEFAULT_PRACTICAL_SIZE } from '../model/practical-size.ts';
import type { Result, ResultEndpoint } from '../model/result.ts';
import type { PracticalSize } from '../model/run.ts';

const TIMES = [
  ['p50', 'med', 0.5],
  ['p95', 'p95', 0.95],
  ['p99', 'p99', 0.99],
] as const;

type Subject = Pick<ComparedMetric, 'kind' | 'endpoint' | 'statistic' | 'metric' | 'unit'>;
type Figure = number | null | undefined;

function compared(
  subject: Subject,
  a: Figure,
  b: Figure,
  samples: readonly [number, number],
  verdict: Change = 'unknown',
): ComparedMetric[] {
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
      verdict,
      reason: 'no_archive',
      superiority: null,
      over_runs: null,
    },
  ];
}

/** Error rates without an interval are the same only if neither run had an error. */
function noErrors(a: Figure, b: Figure): Change {
  return a === 0 && b === 0 ? 'same' : 'unknown';
}

interface Times {
  readonly med: Figure;
  readonly p95: Figure;
  readonly p99: Figure;
}

function times(
  subject: Pick<Subject, 'endpoint' | 'metric'>,
  [a, b]: readonly [Times, Times],
  samples: readonly [number, number],
  size: PracticalSize,
): ComparedMetric[] {
  const side = (of: Times, value: Figure, count: number) => ({
    value: value ?? 0,
    p50: of.med ?? 0,
    p95: of.p95 ?? 0,
    samples: count,
  });
  return TIMES.flatMap(([statistic, field, q]) => {
    const [x, y] = [side(a, a[field], samples[0]), side(b, b[field], samples[1])];
    const verdict = plainDifference(x, y, q, leastChangeOf(size, 'ms', a[field] ?? null));
    return compared({ kind: 'latency', statistic, unit: 'ms', ...subject }, a[field], b[field], samples, verdict);
  });
}

function endpointFigures(
  from: ResultEndpoint,
  to: ResultEndpoint,
  metric: string,
  size: PracticalSize,
): ComparedMetric[] {
  const samples = [from.requests, to.requests] as const;
  const endpoint = to.name;
  const ofTimes = times({ endpoint, metric }, [from, to], samples, size);
  if (to.protocol !== 'http') return ofTimes;
  const errors = { kind: 'errors', endpoint, statistic: 'share', metric: 'http_req_failed', unit: 'share' } as const;
  return [
    ...ofTimes,
    ...compared(errors, from.error_rate, to.error_rate, samples, noErrors(from.error_rate, to.error_rate)),
  ];
}

/**
 * The figures of the whole run, then of the endpoints that both runs called, in the order of b, at most `mostEndpoints`. Times in
 * milliseconds, error rates from 0 to 1. `size`: the smallest change that counts.
 */
export function compareResults(
  a: Result,
  b: Result,
  mostEndpoints: number,
  size: PracticalSize = DEFAULT_PRACTICAL_SIZE,
): ComparedMetric[] {
  const [from, to] = [a.latency ?? null, b.latency ?? null];
  const metric = to?.metric ?? 'http_req_duration';
  const whole =
    from === null || to === null || from.metric !== to.metric
      ? []
      : times({ endpoint: null, metric }, [from, to], [from.count, to.count], size);
  const failed = 'http_req_failed';
  const errors = compared(
    { kind: 'errors', endpoint: null, statistic: 'share', metric: failed, unit: 'share' },
    a.metrics[failed]?.rate,
    b.metrics[failed]?.rate,
    [a.metrics[failed]?.count ?? 0, b.metrics[failed]?.count ?? 0],
    noErrors(a.metrics[failed]?.rate, b.metrics[failed]?.rate),
  );
  const endpoints = b.endpoints.slice(0, mostEndpoints).flatMap((each) => {
    const other = a.endpoints.find(({ name, method }) => name === each.name && method === each.method);
    return other === undefined ? [] : endpointFigures(other, each, metric, size);
  });
  return [...whole, ...errors, ...endpoints];
}
