// Collects the series of a run that may change with time: requests, endpoints, groups, custom metrics, the system under
// test.

import { isOwnMetric } from '../../model/builtin-metrics.ts';
import type { Aggregate, Interval, RunMetrics, TimeRange } from '../../model/metrics.ts';
import type { Observation, ObservedFigure } from '../../model/observation.ts';
import { nameWithMethod } from '../../model/protocols.ts';
import type { ServerResult } from '../../model/server-result.ts';
import { meansOfLine, meansOfSeries } from '../../monitor/line-means.ts';
import { panelsOf } from '../../monitor/panels.ts';
import { endpointSeries } from '../requests/endpoint-series.ts';
import { combine } from '../statistics/combine.ts';
import { Together } from './endpoints-together.ts';
import { MIN_VALUES } from './shape.ts';
import { PER_PERIOD, thinned } from './thinned.ts';

/** Number of endpoints, busiest first, that are examined individually. */
const MOST_ENDPOINTS = 60;
const MOST_OF_A_KIND = 60;

type Subject = Observation['subject'];
/** undefined: an interval without a value. */
export type Series = ReadonlyArray<number | undefined>;

export interface ObservedRun {
  readonly metrics: RunMetrics;
  /** The system under test, if it was monitored. */
  readonly server: ServerResult | undefined;
}

/** One series over the steady part of a run. */
export interface Candidate {
  readonly subject: Subject;
  /** For all endpoints: the one that contributes most to the change, and the series of the others. */
  readonly most?: { readonly name: string; readonly others: Series } | undefined;
  readonly figure: ObservedFigure;
  readonly unit: string;
  readonly values: Series;
  readonly intervalMs: number;
  /** Start of the first element, epoch milliseconds. */
  readonly startMs: number;
}

/** Every series of the run that is long enough; a generator, because a long run has hundreds. */
export function* observedSeries(input: ObservedRun, steady: TimeRange): Generator<Candidate> {
  const { metrics, server } = input;
  yield* ofRequests(metrics, steady);
  yield* ofEndpoints(metrics, steady);
  yield* ofGroupsAndTrends(metrics, steady);
  if (server !== undefined) yield* ofServer(metrics, server, steady);
}

const own = (kind: Subject['kind'], name: string): Subject => ({ kind, name, source: '', panel: '' });

function within(cells: readonly Interval[], { fromMs, toMs }: TimeRange): Interval[] {
  return cells.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
}

/** The parts of a request's time, over all requests; http_req_duration is covered by the endpoints. */
const PHASES = [
  'http_req_blocked',
  'http_req_connecting',
  'http_req_tls_handshaking',
  'http_req_sending',
  'http_req_waiting',
  'http_req_receiving',
] as const;

function* ofRequests(metrics: RunMetrics, steady: TimeRange): Generator<Candidate> {
  const at = { intervalMs: metrics.intervalMs, startMs: steady.fromMs };
  const requests = within(metrics.timeline('http_reqs'), steady);
  const perSecond = requests.map(({ aggregate, lengthMs }) => ((aggregate?.sum ?? 0) * 1000) / lengthMs);
  if (perSecond.some((value) => value > 0)) {
    yield { subject: own('requests', ''), figure: 'rate', unit: '1/s', values: perSecond, ...at };
  }
  for (const phase of PHASES) {
    const values = within(metrics.timeline(phase), steady).map(({ aggregate }) => aggregate?.mean);
    yield { subject: own('phase', phase), figure: 'mean', unit: 'ms', values, ...at };
  }
}

function* ofEndpoints(metrics: RunMetrics, steady: TimeRange): Generator<Candidate> {
  const counted = endpointSeries(metrics)
    .map((endpoint) => ({ endpoint, count: metrics.total(endpoint.protocol.latency, endpoint.filter)?.count ?? 0 }))
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_ENDPOINTS);
  const together = new Together(metrics.intervalMs, steady);
  for (const { endpoint } of counted) {
    const { protocol, filter } = endpoint;
    const subject = own('endpoint', nameWithMethod(endpoint));
    const expected = within(metrics.timeline(protocol.latency, { ...filter, ...protocol.expected }), steady);
    yield* percentiles(subject, expected, steady);
    together.add(subject.name, expected);
    const all = within(metrics.timeline(protocol.latency, filter), steady);
    const failures = all.map(({ aggregate }, i) => (aggregate?.count ?? 0) - (expected[i]?.aggregate?.count ?? 0));
    if (failures.some((count) => count > 0)) {
      const { values, intervalMs } = shares(failures, all, PER_PERIOD.p95);
      yield { subject, figure: 'error_rate', unit: 'error_share', values, intervalMs, startMs: steady.fromMs };
    }
    const rates = all.map(({ aggregate, lengthMs }) => ((aggregate?.count ?? 0) * 1000) / lengthMs);
    yield {
      subject,
      figure: 'rate',
      unit: '1/s',
      values: rates,
      intervalMs: metrics.intervalMs,
      startMs: steady.fromMs,
    };
  }
  if (counted.length < 2) return;
  const at = { figure: 'p50', unit: 'ms', intervalMs: metrics.intervalMs, startMs: steady.fromMs } as const;
  const most = together.changedMost();
  yield {
    subject: own('endpoints', ''),
    values: together.values(),
    most: most === undefined ? undefined : { name: most, others: together.values(most) },
    ...at,
  };
}

/** p50 and p95 over periods with enough samples. */
function* percentiles(
  subject: Subject,
  all: readonly Interval[],
  steady: TimeRange,
  unit = 'ms',
): Generator<Candidate> {
  const { cells, every } = thinned(all);
  const samples = cells.reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  const lengthMs = (cells[0]?.lengthMs ?? 0) * every;
  for (const [figure, q] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const) {
    const perCell = samples / Math.max(1, cells.length);
    const size = Math.max(1, Math.ceil(PER_PERIOD[figure] / Math.max(perCell, 1e-9)));
    if (cells.length / size < MIN_VALUES) continue;
    // The median of five values is a third less certain than their geometric mean.
    const values =
      figure === 'p50' && size > 1
        ? geometricMeans(cells, size)
        : joined(cells, size).map((aggregate) => aggregate?.quantile(q));
    yield { subject, figure, unit, values, intervalMs: lengthMs * size, startMs: steady.fromMs };
  }
}

/** The geometric mean of the medians of every `size` neighbours, weighted by their samples. */
function geometricMeans(cells: readonly Interval[], size: number): Array<number | undefined> {
  const values: Array<number | undefined> = [];
  for (let i = 0; i + size / 2 <= cells.length; i += size) {
    let [sum, weight] = [0, 0];
    for (const { aggregate } of cells.slice(i, i + size)) {
      const median = aggregate?.quantile(0.5);
      if (aggregate === undefined || median === undefined || median <= 0) continue;
      sum += aggregate.count * Math.log(median);
      weight += aggregate.count;
    }
    values.push(weight === 0 ? undefined : Math.exp(sum / weight));
  }
  return values;
}

/** Adds up every `size` neighbours; an incomplete last period of less than half is left out. */
function joined(cells: readonly Interval[], size: number): Array<Aggregate | undefined> {
  if (size === 1) return cells.map(({ aggregate }) => aggregate);
  const periods: Array<Aggregate | undefined> = [];
  for (let i = 0; i + size / 2 <= cells.length; i += size) {
    periods.push(combine(cells.slice(i, i + size).flatMap(({ aggregate }) => aggregate ?? [])));
  }
  return periods;
}

function shares(parts: readonly number[], all: readonly Interval[], perPeriod: number) {
  const samples = all.reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  const size = Math.max(1, Math.ceil((perPeriod * all.length) / Math.max(1, samples)));
  const values: Array<number | undefined> = [];
  for (let i = 0; i + size / 2 <= all.length; i += size) {
    const count = all.slice(i, i + size).reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
    const part = parts.slice(i, i + size).reduce((sum, value) => sum + value, 0);
    values.push(count === 0 ? undefined : part / count);
  }
  return { values, intervalMs: (all[0]?.lengthMs ?? 0) * size };
}

function* ofGroupsAndTrends(metrics: RunMetrics, steady: TimeRange): Generator<Candidate> {
  const groups = metrics.groupBy('group_duration', ['group']).filter(({ tags }) => tags.group !== '');
  for (const { tags } of groups.slice(0, MOST_OF_A_KIND)) {
    const group = tags.group ?? '';
    const cells = within(metrics.timeline('group_duration', { group }), steady);
    yield* percentiles(own('group', group.replace(/^::/, '')), cells, steady);
  }
  const trends = [...metrics.metrics.values()].filter(({ name, type }) => type === 'trend' && isOwnMetric(name));
  for (const { name, contains } of trends.slice(0, MOST_OF_A_KIND)) {
    const unit = contains === 'time' ? 'ms' : contains === 'data' ? 'bytes' : '';
    yield* percentiles(own('metric', name), within(metrics.timeline(name), steady), steady, unit);
  }
}

function* ofServer(metrics: RunMetrics, server: ServerResult, steady: TimeRange): Generator<Candidate> {
  const under = metrics.server?.metrics;
  if (under === undefined) return;
  const { panels, others } = panelsOf(server.metrics ?? []);
  const part = (levels: ReadonlyArray<{ readonly startMs: number; readonly value: number | undefined }>) => {
    const inside = levels.filter(({ startMs }) => startMs >= steady.fromMs && startMs < steady.toMs);
    return { values: inside.map(({ value }) => value), startMs: inside[0]?.startMs ?? steady.fromMs };
  };
  const { intervalMs } = under;
  for (const { id, unit, lines } of panels) {
    for (const line of lines) {
      if (line.role === 'limit') continue;
      const subject: Subject = { kind: 'server', name: line.label, source: line.source, panel: id };
      yield { subject, figure: 'value', unit, intervalMs, ...part(meansOfLine(line, under)) };
    }
  }
  for (const series of others.slice(0, 4 * MOST_OF_A_KIND)) {
    const labels = Object.entries(series.labels).map(([label, value]) => `${label}=${value}`);
    const name = labels.length === 0 ? series.name : `${series.name}{${labels.join(',')}}`;
    const subject: Subject = { kind: 'server', name, source: series.source, panel: '' };
    yield { subject, figure: 'value', unit: series.unit, intervalMs, ...part(meansOfSeries(series, under)) };
  }
}
