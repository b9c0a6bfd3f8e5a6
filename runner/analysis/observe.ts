// The steady part of a run becomes what happened in it: every series that rose, fell, stepped, levelled off or swung, clearest first.

import { isOwnMetric } from '../model/builtin-metrics.ts';
import type { Aggregate, Interval, RunMetrics, TimeRange } from '../model/metrics.ts';
import type { Observation, ObservedFigure } from '../model/observation.ts';
import type { ServerResult } from '../model/server-result.ts';
import { levelsOf, valuesOfSeries } from '../monitor/levels.ts';
import { panelsOf } from '../monitor/panels.ts';
import { type EndpointSeries, endpointSeries } from './assemble-endpoints.ts';
import { combine } from './combine.ts';
import { type Drift, directionOf, driftOf } from './drift.ts';
import { floorDriftOf } from './floors.ts';
import { LeastSquares } from './least-squares.ts';
import { MIN_VALUES, type Shape, shapeOf } from './shape.ts';
import { type LoadShape, steadyPart } from './steady-part.ts';

export interface ToObserve extends LoadShape {
  readonly metrics: RunMetrics;
  /** The system under test, where it was monitored. */
  readonly server: ServerResult | undefined;
}

export interface Observations {
  /** What was looked at; undefined where no stretch of one load lasts long enough. */
  readonly steady: TimeRange | undefined;
  /** Series that were looked at. */
  readonly series: number;
  /** Those that did not stay steady, clearest first. */
  readonly observed: readonly Observation[];
}

/** Busiest endpoints that are looked at one by one. */
const MOST_ENDPOINTS = 60;
const MOST_OF_A_KIND = 60;
/** Requests that a percentile of one stretch is made of. */
const PER_STRETCH = { p50: 5, p95: 20 } as const;
/** From here on a change is no accident of noise that follows itself (shape.ts). */
const CLEAR = 4;
/** All endpoints together are one series, not one of hundreds. */
const CLEAR_TOGETHER = 3.2;
/** Early and late stretches that are the other way round: more, and they overlap. */
const MOST_OVERLAP = 0.15;

/** Smaller changes are not worth a word: relative to the level before, and absolute. Both must be reached. */
const WORTH: Readonly<Record<string, { readonly share: number; readonly absolute: number }>> = {
  ms: { share: 0.08, absolute: 1 },
  s: { share: 0.2, absolute: 0.001 },
  bytes: { share: 0.08, absolute: 4e6 },
  'bytes/s': { share: 0.25, absolute: 1e4 },
  '1/s': { share: 0.15, absolute: 0.2 },
  share: { share: 0.1, absolute: 0.03 },
  error_share: { share: 0.5, absolute: 0.005 },
};
const WORTH_OTHERWISE = { share: 0.2, absolute: 2 };

type Subject = Observation['subject'];
type Series = ReadonlyArray<number | undefined>;

interface Candidate {
  readonly subject: Subject;
  /** Of all endpoints: the one that contributes most to the change, and the series of the others. */
  readonly most?: { readonly name: string; readonly others: Series } | undefined;
  readonly figure: ObservedFigure;
  readonly unit: string;
  readonly values: Series;
  readonly intervalMs: number;
  /** Start of the first element, epoch milliseconds. */
  readonly startMs: number;
}

export function observe(input: ToObserve): Observations {
  const steady = steadyPart(input.metrics, input);
  if (steady === undefined) return { steady, series: 0, observed: [] };
  let series = 0;
  const observed: Observation[] = [];
  for (const candidate of candidates(input, steady)) {
    series++;
    const found = observationOf(candidate, input.loadStartMs);
    if (found !== undefined) observed.push(found);
  }
  return { steady, series, observed: observed.sort((a, b) => b.clarity - a.clarity) };
}

function* candidates(input: ToObserve, steady: TimeRange): Generator<Candidate> {
  const { metrics, server } = input;
  yield* ofRequests(metrics, steady);
  yield* ofEndpoints(metrics, steady);
  yield* ofGroupsAndTrends(metrics, steady);
  if (server !== undefined) yield* ofServer(metrics, server, steady);
}

const own = (kind: Subject['kind'], name: string): Subject => ({ kind, name, source: '', panel: '' });

/** A percentile of an interval is made from its whole histogram: of a long run so many are enough for its shape. */
const MOST_PERCENTILES = 160;

/** Every second or third interval where there are many, each of them a stretch by itself. */
function thinned(cells: readonly Interval[]): { readonly cells: readonly Interval[]; readonly every: number } {
  const every = Math.max(1, Math.floor(cells.length / MOST_PERCENTILES));
  const samples = cells.reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  // With few samples an interval more or less is an endpoint that shows its change or does not.
  if (every === 1 || samples / cells.length < 3 * PER_STRETCH.p95) return { cells, every: 1 };
  return { cells: cells.filter((_, i) => i % every === 0), every };
}

function within(cells: readonly Interval[], { fromMs, toMs }: TimeRange): Interval[] {
  return cells.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
}

/** Parts of a request's time that k6 measures, over all requests; what all of them together take is among the endpoints. */
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
    const subject = own('endpoint', nameOf(endpoint));
    const expected = within(metrics.timeline(protocol.latency, { ...filter, ...protocol.expected }), steady);
    yield* percentiles(subject, expected, steady);
    together.add(subject.name, expected);
    const all = within(metrics.timeline(protocol.latency, filter), steady);
    const failures = all.map(({ aggregate }, i) => (aggregate?.count ?? 0) - (expected[i]?.aggregate?.count ?? 0));
    if (failures.some((count) => count > 0)) {
      const { values, intervalMs } = shares(failures, all, PER_STRETCH.p95);
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

/** `GET /search`; the method in front where the name does not have it. */
export function nameOf({ name, method }: Pick<EndpointSeries, 'name' | 'method'>): string {
  return method === '' || name.startsWith(`${method} `) ? name : `${method} ${name}`;
}

/** p50 and p95 of stretches that have enough samples for them. */
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
    const size = Math.max(1, Math.ceil(PER_STRETCH[figure] / Math.max(perCell, 1e-9)));
    if (cells.length / size < MIN_VALUES) continue;
    // The middle of five values is a third less certain than their geometric mean.
    const values =
      figure === 'p50' && size > 1
        ? geometricMeans(cells, size)
        : joined(cells, size).map((aggregate) => aggregate?.quantile(q));
    yield { subject, figure, unit, values, intervalMs: lengthMs * size, startMs: steady.fromMs };
  }
}

/** The geometric mean of the medians of every `size` neighbours, weighed by their samples. */
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

/** Every `size` neighbours added up; a last stretch of less than half is left out. */
function joined(cells: readonly Interval[], size: number): Array<Aggregate | undefined> {
  if (size === 1) return cells.map(({ aggregate }) => aggregate);
  const stretches: Array<Aggregate | undefined> = [];
  for (let i = 0; i + size / 2 <= cells.length; i += size) {
    stretches.push(combine(cells.slice(i, i + size).flatMap(({ aggregate }) => aggregate ?? [])));
  }
  return stretches;
}

function shares(parts: readonly number[], all: readonly Interval[], perStretch: number) {
  const samples = all.reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  const size = Math.max(1, Math.ceil((perStretch * all.length) / Math.max(1, samples)));
  const values: Array<number | undefined> = [];
  for (let i = 0; i + size / 2 <= all.length; i += size) {
    const count = all.slice(i, i + size).reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
    const part = parts.slice(i, i + size).reduce((sum, value) => sum + value, 0);
    values.push(count === 0 ? undefined : part / count);
  }
  return { values, intervalMs: (all[0]?.lengthMs ?? 0) * size };
}

/**
 * The medians of all endpoints as one series: the geometric mean of each endpoint's median over its own over the run, weighed by
 * requests, so that a change of the mix is no change. A drift of all of them shows here minutes before it shows in any one.
 */
class Together {
  readonly #cells: number;
  readonly #endpoints: Array<{
    readonly name: string;
    /** ln of the median against its own over the run, times the weight; and the weight. */
    readonly sums: Float64Array;
    readonly weights: Float64Array;
    readonly usual: number;
    readonly weight: number;
  }> = [];

  constructor(intervalMs: number, { fromMs, toMs }: TimeRange) {
    this.#cells = Math.max(0, Math.round((toMs - fromMs) / Math.max(1, intervalMs)));
  }

  add(name: string, cells: readonly Interval[]): void {
    const [sums, weights] = [new Float64Array(this.#cells), new Float64Array(this.#cells)];
    let [weight, total] = [0, 0];
    const { every } = thinned(cells);
    for (const [i, { aggregate }] of cells.entries()) {
      if (i % every !== 0) continue;
      const median = aggregate?.quantile(0.5);
      if (i >= this.#cells || aggregate === undefined || median === undefined || median <= 0) continue;
      weights[i] = aggregate.count;
      sums[i] = aggregate.count * Math.log(median);
      weight += aggregate.count;
      total += sums[i] ?? 0;
    }
    if (weight === 0) return;
    const usual = total / weight;
    for (let i = 0; i < this.#cells; i++) sums[i] = (sums[i] ?? 0) - (weights[i] ?? 0) * usual;
    this.#endpoints.push({ name, sums, weights, usual, weight });
  }

  /** Of all endpoints but `left`. */
  values(left?: string): Series {
    const endpoints = this.#endpoints.filter(({ name }) => name !== left);
    const all = endpoints.reduce((sum, { weight }) => sum + weight, 0);
    const level = endpoints.reduce((sum, { weight, usual }) => sum + weight * usual, 0) / Math.max(1, all);
    return Array.from({ length: this.#cells }, (_, i) => {
      let [sum, weight] = [0, 0];
      for (const { sums, weights } of endpoints) {
        sum += sums[i] ?? 0;
        weight += weights[i] ?? 0;
      }
      return weight === 0 ? undefined : Math.exp(level + sum / weight);
    });
  }

  /** The endpoint that contributes most to the change from the first third to the last: are the others the same without it? */
  changedMost(): string | undefined {
    const third = Math.floor(this.#cells / 3);
    let best: { name: string; change: number } | undefined;
    for (const { name, sums, weights, weight } of this.#endpoints) {
      const mean = (from: number, to: number) => sumOf(sums, from, to) / Math.max(1e-9, sumOf(weights, from, to));
      const change = Math.abs(mean(this.#cells - third, this.#cells) - mean(0, third)) * weight;
      if (best === undefined || change > best.change) best = { name, change };
    }
    return best?.name;
  }
}

function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum;
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
      yield { subject, figure: 'value', unit, intervalMs, ...part(levelsOf(line, under)) };
    }
  }
  for (const series of others.slice(0, 4 * MOST_OF_A_KIND)) {
    const labels = Object.entries(series.labels).map(([label, value]) => `${label}=${value}`);
    const name = labels.length === 0 ? series.name : `${series.name}{${labels.join(',')}}`;
    const subject: Subject = { kind: 'server', name, source: series.source, panel: '' };
    yield { subject, figure: 'value', unit: series.unit, intervalMs, ...part(valuesOfSeries(series, under)) };
  }
}

function observationOf(candidate: Candidate, loadStartMs: number): Observation | undefined {
  const { subject, figure, unit, values, intervalMs, startMs } = candidate;
  const { share, absolute } = WORTH[unit] ?? WORTH_OTHERWISE;
  const { least, most } = rangeOf(values);
  // No level lies outside of what was measured: such a series has no change worth telling, whatever its shape.
  if (most - least < Math.max(absolute, share * Math.max(least, -most, 0))) return undefined;
  const shape = shapeIn(values, figure);
  if (shape === undefined || shape.kind === 'steady') return undefined;
  const { kind } = shape;
  // The fitted curve may leave what was measured, below zero even.
  const from = amongValues(shape.from, values);
  const to = amongValues(shape.to, values);
  const change = Math.abs(to - from);
  if (change < share * Math.abs(from) || change < absolute) return undefined;
  const clear = subject.kind === 'endpoints' ? CLEAR_TOGETHER : CLEAR;
  if (kind !== 'swinging' && (shape.clarity < clear || shape.overlap > MOST_OVERLAP)) return undefined;
  const timeOf = (element: number | undefined) =>
    element === undefined ? null : startMs - loadStartMs + element * intervalMs;
  const pace = paceOf(candidate, shape);
  return {
    subject,
    carried_by: carriedBy(candidate, shape),
    figure,
    unit: unit === 'error_share' ? 'share' : unit,
    shape: kind,
    from,
    to,
    start_ms: startMs - loadStartMs,
    end_ms: startMs - loadStartMs + values.length * intervalMs,
    at_ms: timeOf(shape.at),
    until_ms: timeOf(shape.until),
    period_ms: shape.period === undefined ? null : shape.period * intervalMs,
    clarity: Math.min(shape.clarity, 1e6),
    overlap: shape.overlap,
    evenness: Math.min(Math.max(shape.evenness, -100), 100),
    per_hour:
      pace === undefined
        ? null
        : {
            value: pace.perHour,
            low: pace.low ?? null,
            high: pace.high ?? null,
            is_firm: pace.isFirm,
            from_lows: pace.fromLows,
          },
  };
}

function rangeOf(values: Series): { readonly least: number; readonly most: number } {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === undefined) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}

function amongValues(level: number, values: Series): number {
  const { least, most } = rangeOf(values);
  return Math.min(Math.max(level, least), most);
}

/** The others' levels before and after, as the shape of all has them. */
function carriedBy({ most }: Candidate, { kind, at }: Shape): Observation['carried_by'] {
  if (most === undefined) return null;
  const known = most.others.flatMap((value, index) => (value === undefined ? [] : [{ index, value }]));
  const values = known.map(({ value }) => value);
  if (kind === 'stepped' && at !== undefined) {
    const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / Math.max(1, part.length);
    const isBefore = ({ index }: { readonly index: number }) => index < at;
    const before = known.filter(isBefore).map(({ value }) => value);
    return { name: most.name, others_from: mean(before), others_to: mean(values.slice(before.length)) };
  }
  const { fitted } = new LeastSquares(values).line();
  const end = (level: number | undefined) => amongValues(level ?? 0, values);
  return { name: most.name, others_from: end(fitted[0]), others_to: end(fitted.at(-1)) };
}

/**
 * Response times spread in proportion to their level. What is not clear as it is may be so in logarithms; large changes are looked at as
 * they are, since a straight rise is bent in logarithms.
 */
function shapeIn(values: Series, figure: ObservedFigure): Shape | undefined {
  const plain = shapeOf(values);
  const isTime = figure === 'p50' || figure === 'p95';
  const isClear = plain !== undefined && plain.kind !== 'steady' && plain.clarity >= CLEAR;
  if (!isTime || isClear || values.some((value) => value !== undefined && value <= 0)) return plain;
  const shape = shapeOf(values.map((value) => (value === undefined ? undefined : Math.log(value))));
  return shape === undefined ? plain : { ...shape, from: Math.exp(shape.from), to: Math.exp(shape.to) };
}

/** The pace of what is still going on at the end: after a knee only what comes behind it, after a step only what it leads to. */
function paceOf(
  { values, intervalMs, figure }: Candidate,
  { kind, at }: Shape,
): (Drift & { fromLows: boolean }) | undefined {
  if (kind === 'stepped') return undefined;
  const part = at === undefined ? values : values.slice(at);
  if (figure === 'value') return floorDriftOf(part, intervalMs);
  const drift = driftOf(part, intervalMs);
  if (drift === undefined || (kind === 'levelled_off' && directionOf(drift) === undefined)) return undefined;
  return { ...drift, fromLows: false };
}
