// The numbers of two runs → per endpoint and for the whole run, how latency, errors and throughput differ, and what may be said of it.

import { type Difference, type Estimate, relativeDifference, shareDifference } from '../analysis/difference.ts';
import { intervalOf } from '../analysis/interval.ts';
import { primaryLatency } from '../analysis/primary.ts';
import { meanInterval } from '../analysis/rate-interval.ts';
import type { Change, ComparedMetric } from '../model/comparison.ts';
import type { RunMetrics, TagFilter } from '../model/metrics.ts';
import type { Result, ResultEndpoint } from '../model/result.ts';
import { chartInput } from '../report/charts/all.ts';
import { endpointSource } from '../report/view/endpoints.ts';
import type { KeptRun } from './kept-run.ts';

type Run = Pick<KeptRun, 'result' | 'metrics'>;

/** A pair of runs may have thousands of endpoints where URLs carry ids; the busiest say enough. */
const MOST_ENDPOINTS = 50;

const STATISTICS = [
  ['p50', 'med', 0.5],
  ['p95', 'p(95)', 0.95],
  ['p99', 'p(99)', 0.99],
] as const;

const WORDS: Readonly<Record<ComparedMetric['kind'], Readonly<Record<'worse' | 'better', string>>>> = {
  latency: { worse: 'slower in these two runs', better: 'faster in these two runs' },
  errors: { worse: 'more errors in these two runs', better: 'fewer errors in these two runs' },
  throughput: { worse: 'less throughput in these two runs', better: 'more throughput in these two runs' },
};

interface Side extends Estimate {
  readonly samples: number;
}

/** What is measured in one of the runs. */
interface Source {
  readonly metric: string;
  readonly filter: TagFilter;
}

function word(kind: ComparedMetric['kind'], verdict: Change): string {
  if (verdict === 'same') return 'about the same';
  return verdict === 'unknown' ? 'cannot tell' : WORDS[kind][verdict];
}

const MIN_WINDOWS = 120;

/** Why one of the runs gives no interval. */
function whyNoInterval(kind: ComparedMetric['kind'], a: Run, b: Run): string {
  const isShort = ({ metrics }: Run) =>
    (metrics.lastSampleMs ?? 0) - (metrics.firstSampleMs ?? 0) < (MIN_WINDOWS + 2) * metrics.intervalMs;
  const short = [isShort(a) ? 'a' : '', isShort(b) ? 'b' : ''].filter((name) => name !== '');
  if (short.length === 2) return 'both runs are shorter than two minutes of load, so neither has an interval';
  if (short.length === 1) return `run ${short[0]} is shorter than two minutes of load, so it has no interval`;
  if (kind === 'throughput') return 'less than two minutes of steady load, so there is no interval';
  return 'too few samples, or too uneven over time, for an interval';
}

/** A busy generator can only add to a time and take from a rate: what it may have made so cannot be told from the target's doing. */
function discounted(kind: ComparedMetric['kind'], verdict: Change, a: Run, b: Run): string | undefined {
  if (kind === 'errors' || verdict === 'unknown') return undefined;
  const isBusy = ({ result }: Run) => result.generator.state === 'saturated';
  if (isBusy(b) && verdict !== 'better')
    return 'the load generator was saturated in b, and may have made this difference';
  if (isBusy(a) && verdict !== 'worse')
    return 'the load generator was saturated in a, and may have made this difference';
  return undefined;
}

interface Subject {
  readonly kind: ComparedMetric['kind'];
  readonly endpoint: string | null;
  readonly statistic: string;
  readonly metric: string;
  readonly unit: ComparedMetric['unit'];
}

function compared(
  subject: Subject,
  [from, to]: readonly [Side, Side],
  difference: Difference,
  a: Run,
  b: Run,
): ComparedMetric {
  const doubt = discounted(subject.kind, difference.verdict, a, b);
  const verdict = doubt === undefined ? difference.verdict : 'unknown';
  const estimate = ({ value, interval, samples }: Side) => ({
    value,
    ci_low: interval?.low ?? null,
    ci_high: interval?.high ?? null,
    samples,
  });
  const open =
    difference.interval === undefined
      ? whyNoInterval(subject.kind, a, b)
      : 'the interval spans both: it may be a change or none';
  return {
    ...subject,
    a: estimate(from),
    b: estimate(to),
    change: difference.change ?? null,
    ci_low: difference.interval?.low ?? null,
    ci_high: difference.interval?.high ?? null,
    verdict,
    word: word(subject.kind, verdict),
    reason: verdict === 'unknown' ? (doubt ?? open) : null,
    over_runs: null,
  };
}

function latencySide({ metrics }: Run, { metric, filter }: Source, statistic: string, q: number): Side | undefined {
  const total = metrics.total(metric, filter);
  const value = total?.quantile(q);
  if (total === undefined || value === undefined) return undefined;
  return { value, interval: intervalOf({ metric, filter, statistic }, metrics), samples: total.count };
}

function latencies(endpoint: string | null, sources: readonly [Source, Source], a: Run, b: Run): ComparedMetric[] {
  return STATISTICS.flatMap(([name, statistic, q]) => {
    const [from, to] = [latencySide(a, sources[0], statistic, q), latencySide(b, sources[1], statistic, q)];
    if (from === undefined || to === undefined) return [];
    const subject = { kind: 'latency', endpoint, statistic: name, metric: sources[1].metric, unit: 'ms' } as const;
    return [compared(subject, [from, to], relativeDifference(from, to), a, b)];
  });
}

const FAILED = 'http_req_failed';

function errorSide({ metrics }: Run, filter: TagFilter): Side | undefined {
  const total = metrics.total(FAILED, filter);
  if (total?.mean === undefined) return undefined;
  return {
    value: total.mean,
    interval: intervalOf({ metric: FAILED, filter, statistic: 'rate' }, metrics),
    samples: total.count,
  };
}

function errors(endpoint: string | null, filters: readonly [TagFilter, TagFilter], a: Run, b: Run): ComparedMetric[] {
  const [from, to] = [errorSide(a, filters[0]), errorSide(b, filters[1])];
  if (from === undefined || to === undefined) return [];
  const subject = { kind: 'errors', endpoint, statistic: 'share', metric: FAILED, unit: 'share' } as const;
  return [compared(subject, [from, to], shareDifference(from, to), a, b)];
}

/** Load that waits for answers: its rate is a result. That of an open model is what was asked for. */
function isClosed({ scenarios }: Result): boolean {
  const all = Object.values(scenarios);
  return (
    all.length > 0 &&
    all.every(({ executor }) => !executor.includes('arrival-rate') && executor !== 'externally-controlled')
  );
}

const STEADY = ['hold', 'step'];

/** Requests per second while the load is steady, over the whole run where its phases are not known. */
function throughputSide({ result, metrics }: Run): Side | undefined {
  const total = metrics.total('http_reqs');
  if (total === undefined) return undefined;
  const startMs = Date.parse(result.started_at);
  const phases = result.phases.filter(({ kind }) => STEADY.includes(kind));
  const isSteady = (atMs: number) =>
    phases.length === 0 ||
    phases.some(({ start_ms, end_ms }) => atMs >= startMs + start_ms && atMs + metrics.intervalMs <= startMs + end_ms);
  const timeline = metrics.timeline('http_reqs');
  const rates = timeline
    .filter(({ startMs: atMs }, index) => index > 0 && index < timeline.length - 1 && isSteady(atMs))
    .map(({ aggregate, lengthMs }) => ((aggregate?.sum ?? 0) * 1000) / lengthMs);
  if (rates.length === 0) return undefined;
  const value = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return { value, interval: meanInterval(rates), samples: total.sum };
}

function throughput(a: Run, b: Run): ComparedMetric[] {
  if (!isClosed(a.result) || !isClosed(b.result)) return [];
  const [from, to] = [throughputSide(a), throughputSide(b)];
  if (from === undefined || to === undefined) return [];
  const subject = { kind: 'throughput', endpoint: null, statistic: 'rate', metric: 'http_reqs', unit: '1/s' } as const;
  return [compared(subject, [from, to], relativeDifference(from, to, 'larger'), a, b)];
}

function withoutExpected({ expected_response: _, ...filter }: TagFilter): TagFilter {
  return filter;
}

function endpointMetrics(from: ResultEndpoint, to: ResultEndpoint, a: Run, b: Run): ComparedMetric[] {
  const sources = [
    endpointSource(from, chartInput(a.result, a.metrics)),
    endpointSource(to, chartInput(b.result, b.metrics)),
  ] as const;
  const found = latencies(to.name, sources, a, b);
  if (to.protocol !== 'http') return found;
  return [...found, ...errors(to.name, [withoutExpected(sources[0].filter), withoutExpected(sources[1].filter)], a, b)];
}

function primarySource(metrics: RunMetrics): Source | undefined {
  return primaryLatency(metrics);
}

/** Everything that can be compared: the whole run first, then the endpoints that both runs called, in b's order. */
export function compareMetrics(a: Run, b: Run): ComparedMetric[] {
  const [from, to] = [primarySource(a.metrics), primarySource(b.metrics)];
  const whole =
    from !== undefined && to !== undefined && from.metric === to.metric ? latencies(null, [from, to], a, b) : [];
  const endpoints = b.result.endpoints.slice(0, MOST_ENDPOINTS).flatMap((endpoint) => {
    const other = a.result.endpoints.find(({ name, method }) => name === endpoint.name && method === endpoint.method);
    return other === undefined ? [] : endpointMetrics(other, endpoint, a, b);
  });
  return [...whole, ...errors(null, [{}, {}], a, b), ...throughput(a, b), ...endpoints];
}
