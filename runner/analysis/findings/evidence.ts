// Decides whether there is evidence that a finding is a possible cause of a missed target.

import { type Finding, isMissed, type JudgedKpi } from '../../model/kpi.ts';
import type { Aggregate, GeneratorHealth, Interval, RunMetrics, TagFilter } from '../../model/metrics.ts';
import { SERVER_PREFIX } from '../../model/metrics.ts';
import { PROTOCOLS } from '../../model/protocols.ts';
import { GENERATOR_LIMITS } from '../generator/generator.ts';
import { MACHINE_LIMITS } from '../generator/generator-machine.ts';
import { FAILURES_OF, failedSessions } from '../requests/failed-sessions.ts';
import { transportFilters, unexpectedResponses, without } from '../requests/responses.ts';
import { type Course, movesTogether } from '../shape/moves-together.ts';
import { boundOf, meets, quantileOf, statisticValue } from '../statistics/statistic.ts';
import type { CauseKind } from './cause-kinds.ts';
import type { FindingsInput } from './findings-input.ts';

// Evidence is one of three things:
//   - the target counts what the finding describes: failed requests, and a target on http_req_failed
//   - without what the finding describes the target would be met: a slow endpoint, requests that failed late
//   - the target's figure was worse in the intervals in which the finding applied than in others (moves-together.ts)
// Something that applied all the time, or as much while nothing was worse, is no evidence.

interface Context extends FindingsInput {
  readonly found: readonly Finding[];
  /** The target's figure in each interval; higher is worse. */
  readonly effectOf: (kpi: JudgedKpi) => Course;
}

type Evidence = (finding: Finding, kpi: JudgedKpi, context: Context) => boolean;

const moved: Evidence = ({ course }, kpi, { effectOf }) => course !== undefined && movesTogether(course, effectOf(kpi));

/** The evidence that is required, by kind of finding. */
const EVIDENCE: Readonly<Record<CauseKind, Evidence>> = {
  script_exceptions: ({ severity }, kpi) =>
    severity !== 'medium' && (isOfLoad(kpi) || (severity === 'critical' && kpi.verdict === 'no_data')),
  aborted_by_threshold: (_, { verdict }) => verdict === 'no_data',
  generator_saturated: whileBusy(isK6Busy),
  generator_warn: whileBusy(isK6Busy),
  generator_machine: whileBusy(isMachineBusy),
  load_not_reached: (_, kpi) => isOfLoad(kpi),
  response_time_rose: moved,
  errors_rose: moved,
  throughput_saturated: (_, kpi, { metrics, scalability, effectOf }) => {
    const stopsAt = scalability?.stopsAtVus;
    if (stopsAt === undefined) return false;
    return movesTogether(
      courseOf(metrics.timeline('vus'), ({ max = 0 }) => Number(max > stopsAt)),
      effectOf(kpi),
    );
  },
  transport_errors: ofFailedRequests((filter, metrics) => transportFilters({ metric: 'http_reqs', filter }, metrics)),
  http_errors: (finding, kpi, context) =>
    ofFailedRequests((filter, metrics) => unexpectedResponses(filter, metrics).map((each) => each.filter))(
      finding,
      kpi,
      context,
    ) || isMetBySuccesses(kpi, context),
  grpc_errors: (_, kpi, context) => {
    const { latency, expected } = PROTOCOLS.grpc;
    const share = failedShare(context.metrics, latency, [], expected);
    return (kpi.metric === 'checks' && failChecks(context)) || movesTogether(share, context.effectOf(kpi));
  },
  websocket_errors: (_, kpi, { metrics, options, effectOf }) => {
    const filters = failedSessions(metrics, options ?? {}).map(({ filter }) => filter);
    return movesTogether(failedShare(metrics, FAILURES_OF.ws, filters), effectOf(kpi));
  },
  browser_errors: (_, { metric }) => metric === FAILURES_OF.browser,
  failed_checks: (_, { metric }) => metric === 'checks',
  // An endpoint that uses up a shared resource was slow while the resource was used up; another one is a cause if the
  // rest is fast enough.
  slow_endpoint: (finding, kpi, context) => moved(finding, kpi, context) || isMetByOthers(finding, kpi, context),
  connection_setup: (_, kpi, { metrics, effectOf }) =>
    CONNECTION_TIMES.has(kpi.metric) ||
    (!kpi.metric.startsWith('http_req_') &&
      isTime(kpi, metrics) &&
      movesTogether(
        courseOf(metrics.timeline('http_req_blocked'), ({ mean }) => mean),
        effectOf(kpi),
      )),
  coordinated_omission: () => false,
  server_exhausted: moved,
  server_busy: moved,
  server_growth: moved,
  server_moves_with: moved,
};

/** Parts of a request's time that http_req_duration does not include. */
const CONNECTION_TIMES: ReadonlySet<string> = new Set([
  'http_req_blocked',
  'http_req_connecting',
  'http_req_tls_handshaking',
]);

/** Adds to each finding the missed targets that it may have caused. */
export function withEvidence(found: readonly Finding[], input: FindingsInput): Finding[] {
  const missed = input.kpis.filter(isMissed);
  if (missed.length === 0) return [...found];
  const effects = new Map<JudgedKpi, Course>();
  const effectOf = (kpi: JudgedKpi) => {
    const known = effects.get(kpi) ?? courseOfKpi(kpi, input.metrics);
    effects.set(kpi, known);
    return known;
  };
  const context: Context = { ...input, found, effectOf };
  const table: Readonly<Record<string, Evidence | undefined>> = EVIDENCE;
  return found.map((finding) => {
    const evidence = table[finding.kind];
    const ids = evidence === undefined ? [] : missed.filter((kpi) => evidence(finding, kpi, context));
    return ids.length === 0 ? finding : { ...finding, movedWith: ids.map(({ id }) => id) };
  });
}

function isTime({ metric }: JudgedKpi, { metrics }: RunMetrics): boolean {
  const { type, contains } = metrics.get(metric) ?? {};
  return type === 'trend' && contains === 'time';
}

/** True for targets that require an amount of load. */
function isOfLoad({ metric, comparison }: JudgedKpi): boolean {
  if (metric === 'dropped_iterations') return true;
  return boundOf(comparison) === 'lower' && ['iterations_begun', 'iterations', 'http_reqs'].includes(metric);
}

/** An interval with fewer samples gives no percentile. */
const LEAST_SAMPLES = 5;

function courseOf(timeline: readonly Interval[], figureOf: (aggregate: Aggregate) => number | undefined): Course {
  return new Map(
    timeline.flatMap(({ startMs, aggregate }): Array<[number, number]> => {
      const value = aggregate === undefined ? undefined : figureOf(aggregate);
      return value === undefined ? [] : [[startMs, value]];
    }),
  );
}

/** The figure of a target in each interval, with the sign such that higher is worse. */
function courseOfKpi(kpi: JudgedKpi, metrics: RunMetrics): Course {
  const isServer = kpi.metric.startsWith(SERVER_PREFIX);
  const timeline = (isServer ? metrics.server?.metrics : metrics)?.timeline(kpi.metric, kpi.filter) ?? [];
  const sign = boundOf(kpi.comparison) === 'lower' ? -1 : 1;
  const q = quantileOf(kpi.statistic) ?? (kpi.statistic.startsWith('p95') ? 0.95 : undefined);
  // k6 counts only events: an interval without a sample had none.
  if (!isServer && metrics.metrics.get(kpi.metric)?.type === 'counter') {
    const { fromMs = -Infinity, toMs = Infinity } = metrics.load ?? {};
    const ofLoad = timeline.filter(({ startMs, lengthMs }) => startMs + lengthMs > fromMs && startMs < toMs);
    return new Map(ofLoad.map(({ startMs, aggregate }) => [startMs, sign * (aggregate?.sum ?? 0)]));
  }
  return courseOf(timeline, (aggregate) => {
    const { type, count, mean } = aggregate;
    // For a rate that should be high, the share that failed.
    if (type === 'rate') return mean === undefined ? undefined : sign > 0 ? mean : 1 - mean;
    if (type === 'gauge' || count < LEAST_SAMPLES) return mean === undefined ? undefined : sign * mean;
    const value = q === undefined ? mean : aggregate.quantile(q);
    return value === undefined ? undefined : sign * value;
  });
}

function isK6Busy({ cpuCores, coresAllowed, schedP99Ms = 0 }: GeneratorHealth): boolean {
  const { warn } = GENERATOR_LIMITS;
  const share = cpuCores === undefined || coresAllowed === undefined ? 0 : cpuCores / coresAllowed;
  return schedP99Ms >= warn.schedP99Ms || share >= warn.cpuShare;
}

function isMachineBusy({ machineCpu = 0, machinePressure = 0 }: GeneratorHealth): boolean {
  return machineCpu >= MACHINE_LIMITS.busy.cpu || machinePressure >= MACHINE_LIMITS.busy.pressure;
}

/** Evidence: times were longer while the load generator was busy. */
function whileBusy(isBusy: (health: GeneratorHealth) => boolean): Evidence {
  return (_, kpi, { metrics, effectOf }) => {
    if (!isTime(kpi, metrics)) return false;
    const [first] = metrics.timeline(kpi.metric);
    if (first === undefined) return false;
    const course = new Map<number, number>();
    for (const health of metrics.health) {
      const index = Math.floor((health.startMs + health.lengthMs / 2 - first.startMs) / metrics.intervalMs);
      const startMs = first.startMs + index * metrics.intervalMs;
      course.set(startMs, Math.max(course.get(startMs) ?? 0, Number(isBusy(health))));
    }
    return movesTogether(course, effectOf(kpi));
  };
}

/** The share of failures in each interval: samples that match one of the filters, or that do not match `expected`. */
function failedShare(metrics: RunMetrics, metric: string, filters: readonly TagFilter[], expected?: TagFilter): Course {
  const sumsOf = (filter?: TagFilter) => metrics.timeline(metric, filter).map(({ aggregate }) => sizeOf(aggregate));
  const all = sumsOf();
  const parts = (expected === undefined ? filters : [expected]).map(sumsOf);
  return new Map(
    metrics.timeline(metric).flatMap(({ startMs }, index): Array<[number, number]> => {
      const of = all[index] ?? 0;
      const part = parts.reduce((sum, sizes) => sum + (sizes[index] ?? 0), 0);
      return of === 0 ? [] : [[startMs, (expected === undefined ? part : of - part) / of]];
    }),
  );
}

function sizeOf(aggregate: Aggregate | undefined): number {
  return aggregate === undefined ? 0 : aggregate.type === 'counter' ? aggregate.sum : aggregate.count;
}

/** True if the failed requests can explain the failed checks, as compared in findings-errors.ts. */
function failChecks({ found }: Context): boolean {
  return found.some(({ kind }) => kind === 'checks_of_failed_requests');
}

/** Filters that together match the failed requests among those that match a filter. */
type Failures = (filter: TagFilter, metrics: RunMetrics) => readonly TagFilter[];

/** Evidence from failed requests: the target counts failures, or they changed together with the target. */
function ofFailedRequests(failuresOf: Failures): Evidence {
  return (_, kpi, context) => {
    const { metrics, effectOf } = context;
    const counts =
      kpi.metric === 'http_req_failed' || (kpi.metric === 'http_reqs' && boundOf(kpi.comparison) === 'upper');
    if (counts) return failuresOf(kpi.filter, metrics).length > 0;
    if (kpi.metric === 'checks' && failChecks(context)) return true;
    return movesTogether(failedShare(metrics, 'http_reqs', failuresOf({}, metrics)), effectOf(kpi));
  };
}

function isMet(aggregate: Aggregate | undefined, { statistic, comparison, target }: JudgedKpi): boolean {
  const value = aggregate === undefined ? undefined : statisticValue(aggregate, statistic, undefined);
  return value !== undefined && meets(value, comparison, target);
}

/** True if the successful requests met a target on times, so that the failed ones took too long. */
function isMetBySuccesses(kpi: JudgedKpi, { metrics }: Context): boolean {
  if (!isTime(kpi, metrics) || kpi.filter.expected_response !== undefined) return false;
  return isMet(metrics.total(kpi.metric, { ...kpi.filter, expected_response: 'true' }), kpi);
}

/** True if the other endpoints met a target on the times of all. */
function isMetByOthers({ endpoint }: Finding, kpi: JudgedKpi, { metrics }: Context): boolean {
  if (endpoint === undefined || kpi.filter.name !== undefined || !isTime(kpi, metrics)) return false;
  const all = metrics.total(kpi.metric, kpi.filter);
  const own = metrics.total(kpi.metric, { ...kpi.filter, name: endpoint });
  return all !== undefined && own !== undefined && isMet(without(all, own), kpi);
}
