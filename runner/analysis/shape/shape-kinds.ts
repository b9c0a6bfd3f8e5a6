// What a series can look like over time, and how each look is described: from what to what, how clearly, and how far the ends overlap.

import { meanOf } from '../statistics/numbers.ts';
import { batchMeans } from './drift.ts';
import type { Fit, Passing } from './least-squares.ts';

export type ShapeKind = 'steady' | 'rising' | 'falling' | 'stepped' | 'levelled_off' | 'swinging';

export interface Shape {
  readonly kind: ShapeKind;
  /** Level before and after: the ends of the fitted curve, of a step the levels on both sides, of swings the usual low and high. */
  readonly from: number;
  readonly to: number;
  /** Element where it stepped, began to rise or fall, or levelled off; undefined: it changed all along. */
  readonly at: number | undefined;
  /** Element where it stepped back; undefined: it stayed. */
  readonly until?: number | undefined;
  /** Elements of a swing. */
  readonly period: number | undefined;
  /** Change over its standard error. Above 4 it is no accident of noise; Infinity where there is no noise at all. */
  readonly clarity: number;
  /** Share of pairs of an early and a late value that are the other way round: 0 where the two do not overlap, 0.5 where alike. */
  readonly overlap: number;
  /** Pace of the second half over that of the first, for what rises or falls; 1: evenly. */
  readonly evenness: number;
}

export interface Noise {
  /** Deviation of what the model leaves. */
  readonly sd: number;
  /** By how much its autocorrelation inflates a variance of means. */
  readonly inflation: number;
}

/** Of a model that does not come round. */
export type Fitted = Omit<Shape, 'period'> & { readonly period?: undefined };

/** A line with a step is what there is more of. */
export function jumped(values: readonly number[], found: Fit, at: number, noise: Noise): Fitted {
  const { fitted } = found;
  const jump = Math.abs((fitted[at] ?? 0) - (fitted[at - 1] ?? 0));
  const rise = Math.abs((fitted[at - 1] ?? 0) - (fitted[0] ?? 0)) * (values.length / Math.max(1, at - 1));
  return jump >= rise ? stepped(values, found, at, noise) : slope(values, found, undefined, noise);
}

/** A second pace below this share of the first has levelled off; a first below this share of the second began late. */
const NO_PACE = 0.25;

export function kneed(values: readonly number[], found: Fit, at: number, noise: Noise): Fitted {
  const { fitted } = found;
  const first = ((fitted[at] ?? 0) - (fitted[0] ?? 0)) / Math.max(1, at);
  const second = ((fitted.at(-1) ?? 0) - (fitted[at] ?? 0)) / Math.max(1, values.length - 1 - at);
  if (Math.abs(second) < NO_PACE * Math.abs(first)) return levelled(values, found, at, noise);
  return slope(values, found, Math.abs(first) < NO_PACE * Math.abs(second) ? at : undefined, noise);
}

export function slope(
  values: readonly number[],
  { fitted }: Fit,
  onset: number | undefined,
  { sd, inflation }: Noise,
): Fitted {
  const n = values.length;
  const start = Math.round(onset ?? 0);
  const [from = 0, to = 0] = [fitted[0], fitted.at(-1)];
  const half = start + Math.floor((n - start) / 2);
  const [first, second] = [(fitted[half] ?? 0) - (fitted[start] ?? 0), to - (fitted[half] ?? 0)];
  return {
    kind: to >= from ? 'rising' : 'falling',
    from,
    to,
    at: onset,
    clarity: clarityOf(to - from, sd * Math.sqrt((12 * inflation) / Math.max(1, n - start))),
    overlap:
      onset === undefined
        ? overlapOf(third(values, 0), third(values, 2), to >= from)
        : overlapOf(values.slice(0, start), values.slice(half), to >= from),
    evenness: first === 0 ? 1 : second / first,
  };
}

export function stepped(values: readonly number[], { fitted }: Fit, at: number, { sd, inflation }: Noise): Fitted {
  const n = values.length;
  const [from, to] = [meanOf(fitted.slice(0, at)), meanOf(fitted.slice(at))];
  return {
    kind: 'stepped',
    from,
    to,
    at,
    clarity: clarityOf(to - from, sd * Math.sqrt(inflation * (1 / at + 1 / (n - at)))),
    overlap: overlapOf(values.slice(0, at), values.slice(at), to >= from),
    evenness: 1,
  };
}

export function levelled(values: readonly number[], { fitted }: Fit, at: number, { sd, inflation }: Noise): Fitted {
  const [from = 0, to = 0] = [fitted[0], fitted.at(-1)];
  return {
    kind: 'levelled_off',
    from,
    to,
    at,
    clarity: clarityOf(to - from, sd * Math.sqrt((4 * inflation) / Math.max(1, at))),
    overlap: overlapOf(values.slice(0, Math.ceil(at / 2)), values.slice(at), to >= from),
    evenness: 0,
  };
}

/** A level that came and went: the larger of its two steps is reported, the other follows from it. */
export function passed(
  values: readonly number[],
  { fitted, from: start, to: end }: Passing,
  { sd, inflation }: Noise,
): Fitted {
  const n = values.length;
  const [outside = 0, inside = 0] = [fitted[0], fitted[start]];
  const rest = [...values.slice(0, start), ...values.slice(end)];
  return {
    kind: 'stepped',
    from: outside,
    to: inside,
    at: start,
    until: end,
    clarity: clarityOf(
      inside - outside,
      sd * Math.sqrt(inflation * (1 / (end - start) + 1 / Math.max(1, n - end + start))),
    ),
    overlap: overlapOf(rest, values.slice(start, end), inside >= outside),
    evenness: 1,
  };
}

function clarityOf(change: number, error: number): number {
  if (change === 0) return 0;
  return error === 0 ? Infinity : Math.abs(change) / error;
}

/** Share of pairs (early, late) that go against the change; ties count half. Of means of neighbours: stretches, not single values. */
export function overlapOf(earlyValues: readonly number[], lateValues: readonly number[], isRise: boolean): number {
  const [early, late] = [stretches(earlyValues), stretches(lateValues)];
  if (early.length === 0 || late.length === 0) return 0.5;
  let against = 0;
  for (const a of early) for (const b of late) against += a === b ? 0.5 : b > a === isRise ? 0 : 1;
  return against / (early.length * late.length);
}

const MOST_STRETCHES = 8;

function stretches(values: readonly number[]): number[] {
  return batchMeans(values, Math.min(MOST_STRETCHES, values.length)).map(({ value }) => value);
}

function third(values: readonly number[], which: number): readonly number[] {
  const n = values.length;
  return values.slice(Math.floor((which * n) / 3), Math.floor(((which + 1) * n) / 3));
}
