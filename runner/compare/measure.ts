// The metrics of two runs → the differences of latency, errors and throughput, per endpoint and for the whole run, with their verdicts.

import {
  type Difference,
  type Estimate,
  relativeDifference,
  shareDifference,
} from '../analysis/differences/difference.ts';
import { plainDifference } from '../analysis/differences/plain-difference.ts';
import { leastChangeOf } from '../analysis/differences/practical-size.ts';
import { superiority } from '../analysis/differences/superiority.ts';
import { primaryLatency } from '../analysis/requests/primary.ts';
import { amountInterval } from '../analysis/statistics/interval.ts';
import { decidedInterval, intervalOf, windowsOf } from '../analysis/statistics/kpi-interval.ts';
import type { Change, ComparedMetric, CompareReason } from '../model/comparison.ts';
import type { RunMetrics, TagFilter } from '../model/metrics.ts';
import { DEFAULT_PRACTICAL_SIZE } from '../model/practical-size.ts';
import type { Result, ResultEndpoint } from '../model/result.ts';
import type { PracticalSize } from '../model/run.ts';
import { chartInput } from '../report/charts/all.ts';
import { endpointSource } from '../report/view/endpoints.ts';
import { hasNumbers, type KeptRun } from './kept-run.ts';
import { compareResults } from './measure-results.ts';

type Run = Pick<KeptRun, 'result' | 'metrics'>;

interface Runs {
  readonly a: Run;
  readonly b: Run;
  /** The smallest change that counts. */
  readonly size: PracticalSize;
}

/** The most endpoints, the busiest first. Runs with ids in URLs may have thousands. */
const MOST_ENDPOINTS = 50;

const STATISTICS = [
  ['p50', 'med', 0.5],
  ['p95', 'p(95)', 0.95],
  ['p99', 'p(99)', 0.99],
] as const;

interface Side extends Estimate {
  readonly samples: number;
}

/** The series of a figure in one of the runs. */
interface Source {
  readonly metric: string;
  readonly filter: TagFilter;
}

/** Windows that an interval needs: two minutes of load. */
const MIN_WINDOWS = 120;

/** The reason for a difference without an interval. */
function whyNoInterval(kind: ComparedMetric['kind'], a: Run, b: Run): CompareReason {
  const isShort = ({ metrics }: Run) =>
    (metrics.lastSampleMs ?? 0) - (metrics.firstSampleMs ?? 0) < (MIN_WINDOWS + 2) * metrics.intervalMs;
  if (isShort(a) && isShort(b)) return 'short_both';
  if (isShort(a)) return 'short_a';
  if (isShort(b)) return 'short_b';
  return kind === 'throughput' ? 'short_steady' : 'few_samples';
}

/**
 * The reason why a verdict does not count; undefined if it counts. A saturated load generator can only increase times and decrease rates,
 * so a change in that direction may be its effect.
 */
function discounted(kind: ComparedMetric['kind'], verdict: Change, a: Run, b: Run): CompareReason | undefined {
  if (kind === 'errors' || verdict === 'unknown') return undefined;
  const isBusy = ({ result }: Run) => result.generator.state === 'saturated';
  if (isBusy(b) && verdict !== 'better') return 'saturated_b';
  if (isBusy(a) && verdict !== 'worse') return 'saturated_a';
  return undefined;
}

/** The least superiority (A12) at which two runs clearly differ even without an interval: their samples hardly overlap. */
const HARDLY_OVERLAP = 0.9;
const ENOUGH_SAMPLES = 20;

/** The verdict on two runs without intervals, from the overlap of their samples. `least`: the smallest change that counts, 0.05 = 5 %. */
function plainVerdict(side: Pair<Side>, change: number | undefined, above: number | undefined, least: number): Change {
  if (above === undefined || change === undefined || side.some(({ samples }) => samples < ENOUGH_SAMPLES))
    return 'unknown';
  if (above >= HARDLY_OVERLAP && change >= least) return 'worse';
  return above <= 1 - HARDLY_OVERLAP && change <= -least / (1 + least) ? 'better' : 'unknown';
}

type Pair<T> = readonly [T, T];

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
  { a, b, size }: Runs,
  above?: number,
  bySamples: Change = 'unknown',
): ComparedMetric {
  const isPlain = difference.interval === undefined;
  const hardly = plainVerdict([from, to], difference.change, above, leastChangeOf(size, subject.unit, from.value));
  const seen = isPlain ? (hardly === 'unknown' ? bySamples : hardly) : difference.verdict;
  const doubt = discounted(subject.kind, seen, a, b);
  const verdict = doubt === undefined ? seen : 'unknown';
  const estimate = ({ value, interval, samples }: Side) => ({
    value,
    ci_low: interval?.low ?? null,
    ci_high: interval?.high ?? null,
    samples,
  });
  const open = isPlain ? whyNoInterval(subject.kind, a, b) : 'spans';
  return {
    ...subject,
    a: estimate(from),
    b: estimate(to),
    change: difference.change ?? null,
    ci_low: difference.interval?.low ?? null,
    ci_high: difference.interval?.high ?? null,
    verdict,
    reason: verdict === 'unknown' ? (doubt ?? open) : isPlain ? (hardly === 'unknown' ? 'by_samples' : 'plain') : null,
    superiority: above ?? null,
    over_runs: null,
  };
}

function latencySide({ metrics }: Run, { metric, filter }: Source, statistic: string, q: number): Side | undefined {
  const total = metrics.total(metric, filter);
  const value = total?.quantile(q);
  if (total === undefined || value === undefined) return undefined;
  const interval = decidedInterval(intervalOf(statistic, windowsOf({ metric, filter }, metrics)));
  return { value, interval, samples: total.count };
}

function latencies(endpoint: string | null, sources: readonly [Source, Source], runs: Runs): ComparedMetric[] {
  const { a, b, size } = runs;
  const bins = ({ metrics }: Run, { metric, filter }: Source) => metrics.total(metric, filter)?.bins();
  const [binsA, binsB] = [bins(a, sources[0]), bins(b, sources[1])];
  const above = binsA && binsB && superiority(binsA, binsB);
  const middle = ({ metrics }: Run, { metric, filter }: Source) => {
    const total = metrics.total(metric, filter);
    return { p50: total?.quantile(0.5) ?? 0, p95: total?.quantile(0.95) ?? 0 };
  };
  return STATISTICS.flatMap(([name, statistic, q]) => {
    const [from, to] = [latencySide(a, sources[0], statistic, q), latencySide(b, sources[1], statistic, q)];
    if (from === undefined || to === undefined) return [];
    const subject = { kind: 'latency', endpoint, statistic: name, metric: sources[1].metric, unit: 'ms' } as const;
    const least = leastChangeOf(size, 'ms', from.value);
    const bySamples = plainDifference(
      { ...from, ...middle(a, sources[0]) },
      { ...to, ...middle(b, sources[1]) },
      q,
      least,
    );
    return [compared(subject, [from, to], relativeDifference(from, to, 'smaller', least), runs, above, bySamples)];
  });
}

const FAILED = 'http_req_failed';

function errorSide({ metrics }: Run, filter: TagFilter): Side | undefined {
  const total = metrics.total(FAILED, filter);
  if (total?.mean === undefined) return undefined;
  // No minimum of windows: the rate of few errors in many requests is known well enough in a short run.
  const interval = intervalOf('rate', windowsOf({ metric: FAILED, filter }, metrics));
  const { low, high } = interval ?? {};
  return {
    value: total.mean,
    interval: low === undefined || high === undefined ? undefined : { low, high },
    samples: total.count,
  };
}

function errors(endpoint: string | null, filters: readonly [TagFilter, TagFilter], runs: Runs): ComparedMetric[] {
  const { a, b } = runs;
  const [from, to] = [errorSide(a, filters[0]), errorSide(b, filters[1])];
  if (from === undefined || to === undefined) return [];
  const subject = { kind: 'errors', endpoint, statistic: 'share', metric: FAILED, unit: 'share' } as const;
  return [compared(subject, [from, to], shareDifference(from, to), runs)];
}

/** True for a closed model, where the request rate is a result. In an open model (arrival-rate executors) the script sets the rate. */
function isClosed({ scenarios }: Result): boolean {
  const all = Object.values(scenarios);
  return (
    all.length > 0 &&
    all.every(({ executor }) => !executor.includes('arrival-rate') && executor !== 'externally-controlled')
  );
}

const STEADY = ['hold', 'step'];

/** Requests per second during steady load; of the whole run if it has no phases. */
function throughputSide({ result, metrics }: Run): Side | undefined {
  const total = metrics.total('http_reqs');
  if (total === undefined) return undefined;
  const startMs = Date.parse(result.load_started_at ?? result.started_at);
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
  return { value, interval: decidedInterval(amountInterval(rates)), samples: total.sum };
}

function throughput(runs: Runs): ComparedMetric[] {
  const { a, b, size } = runs;
  if (!isClosed(a.result) || !isClosed(b.result)) return [];
  const [from, to] = [throughputSide(a), throughputSide(b)];
  if (from === undefined || to === undefined) return [];
  const subject = { kind: 'throughput', endpoint: null, statistic: 'rate', metric: 'http_reqs', unit: '1/s' } as const;
  return [compared(subject, [from, to], relativeDifference(from, to, 'larger', size.percent / 100), runs)];
}

function withoutExpected({ expected_response: _, ...filter }: TagFilter): TagFilter {
  return filter;
}

function endpointMetrics(from: ResultEndpoint, to: ResultEndpoint, runs: Runs): ComparedMetric[] {
  const { a, b } = runs;
  const sources = [
    endpointSource(from, chartInput(a.result, a.metrics)),
    endpointSource(to, chartInput(b.result, b.metrics)),
  ] as const;
  const found = latencies(to.name, sources, runs);
  if (to.protocol !== 'http') return found;
  return [...found, ...errors(to.name, [withoutExpected(sources[0].filter), withoutExpected(sources[1].filter)], runs)];
}

function primarySource(metrics: RunMetrics): Source | undefined {
  return primaryLatency(metrics);
}

/**
 * The figures of the whole run, then of the endpoints that both runs called, in the order of b. Times in milliseconds, error rates from 0
 * to 1, throughput per second. `size`: the smallest change that counts.
 */
export function compareMetrics(a: Run, b: Run, size: PracticalSize = DEFAULT_PRACTICAL_SIZE): ComparedMetric[] {
  // An imported run has no archive, only the figures of its result.
  if (!hasNumbers(a) || !hasNumbers(b)) return compareResults(a.result, b.result, MOST_ENDPOINTS, size);
  const runs = { a, b, size };
  const [from, to] = [primarySource(a.metrics), primarySource(b.metrics)];
  const whole =
    from !== undefined && to !== undefined && from.metric === to.metric ? latencies(null, [from, to], runs) : [];
  const endpoints = b.result.endpoints.slice(0, MOST_ENDPOINTS).flatMap((endpoint) => {
    const other = a.result.endpoints.find(({ name, method }) => name === endpoint.name && method === endpoint.method);
    return other === undefined ? [] : endpointMetrics(other, endpoint, runs);
  });
  return [...whole, ...errors(null, [{}, {}], runs), ...throughput(runs), ...endpoints];
}
