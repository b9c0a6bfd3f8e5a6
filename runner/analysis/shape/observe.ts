// Finds what changed in the steady part of a run: series that rose, fell, stepped, levelled off or swung, clearest
// first.

import type { TimeRange } from '../../model/metrics.ts';
import type { Observation, ObservedFigure } from '../../model/observation.ts';
import { type LoadShape, steadyPart } from '../load/steady-part.ts';
import { type Drift, directionOf, driftOf } from './drift.ts';
import { floorDriftOf } from './floors.ts';
import { LeastSquares } from './least-squares.ts';
import { type Candidate, type ObservedRun, observedSeries, type Series } from './observed-series.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape-kinds.ts';

export type ToObserve = LoadShape & ObservedRun;

export interface Observations {
  /** The examined part; undefined if no period of constant load is long enough. */
  readonly steady: TimeRange | undefined;
  /** Number of series examined. */
  readonly series: number;
  /** The series that changed, clearest first. */
  readonly observed: readonly Observation[];
}

/** From this clarity a change cannot be correlated noise (shape.ts). */
const CLEAR = 4;
/** Lower, because all endpoints together are one series, not one of hundreds. */
const CLEAR_TOGETHER = 3.2;
/** If more early and late periods are in reverse order, they overlap too much. */
const MOST_OVERLAP = 0.15;

/** Smallest changes that are reported: relative to the level before, and absolute. Both must be reached. */
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

/** Examines every series of the run (response times, error rates, metrics of the server) over its steady part. */
export function observe(input: ToObserve): Observations {
  const steady = steadyPart(input.metrics, input);
  if (steady === undefined) return { steady, series: 0, observed: [] };
  let series = 0;
  const observed: Observation[] = [];
  for (const candidate of observedSeries(input, steady)) {
    series++;
    const found = observationOf(candidate, input.loadStartMs);
    if (found !== undefined) observed.push(found);
  }
  return { steady, series, observed: observed.sort((a, b) => b.clarity - a.clarity) };
}

function observationOf(candidate: Candidate, loadStartMs: number): Observation | undefined {
  const { subject, figure, unit, values, intervalMs, startMs } = candidate;
  const { share, absolute } = WORTH[unit] ?? WORTH_OTHERWISE;
  const { least, most } = rangeOf(values);
  // All levels are within the measured range, so a series with a small range has no change to report, whatever its
  // shape.
  if (most - least < Math.max(absolute, share * Math.max(least, -most, 0))) return undefined;
  const shape = shapeIn(values, figure);
  if (shape === undefined || shape.kind === 'steady') return undefined;
  const { kind } = shape;
  // A fitted curve may leave the measured range, even go below zero.
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

/** The others' levels before and after, at the place where all of them changed. */
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
 * Response times vary in proportion to their level, so a change that is not clear may be clear in logarithms. Large
 * changes are examined as they are, because a straight rise is bent in logarithms.
 */
function shapeIn(values: Series, figure: ObservedFigure): Shape | undefined {
  const plain = shapeOf(values);
  const isTime = figure === 'p50' || figure === 'p95';
  const isClear = plain !== undefined && plain.kind !== 'steady' && plain.clarity >= CLEAR;
  if (!isTime || isClear || values.some((value) => value !== undefined && value <= 0)) return plain;
  const shape = shapeOf(values.map((value) => (value === undefined ? undefined : Math.log(value))));
  return shape === undefined ? plain : { ...shape, from: Math.exp(shape.from), to: Math.exp(shape.to) };
}

/**
 * The pace of the change at the end: after a knee only of the part behind it, after a step only of the part that
 * follows.
 */
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
