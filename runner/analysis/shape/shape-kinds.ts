// The possible shapes of a series over time, and their description: levels, clarity, and overlap of the ends.

import { meanOf } from '../statistics/numbers.ts';
import { batchMeans } from './drift.ts';
import type { Fit, Passing } from './least-squares.ts';

export type ShapeKind = 'steady' | 'rising' | 'falling' | 'stepped' | 'levelled_off' | 'swinging';

export interface Shape {
  readonly kind: ShapeKind;
  /**
   * Level before and after: the ends of the fitted curve, the levels on both sides of a step, or the usual low and high
   * of swings.
   */
  readonly from: number;
  readonly to: number;
  /** Element at which it stepped, began to rise or fall, or levelled off; undefined: it changed all along. */
  readonly at: number | undefined;
  /** Element at which it stepped back; undefined: it stayed. */
  readonly until?: number | undefined;
  /** Length of a swing in elements. */
  readonly period: number | undefined;
  /** The change divided by its standard error. Above 4 it cannot be noise; Infinity without any noise. */
  readonly clarity: number;
  /** Share of pairs of an early and a late value in reverse order: 0 without overlap, 0.5 if alike. */
  readonly overlap: number;
  /** For a rise or fall, the speed of the second half divided by that of the first; 1: even. */
  readonly evenness: number;
}

export interface Noise {
  /** Standard deviation of the residuals. */
  readonly sd: number;
  /** How much their autocorrelation inflates the variance of means. */
  readonly inflation: number;
}

/** A fit without a period. */
export type Fitted = Omit<Shape, 'period'> & { readonly period?: undefined };

/** A line with a step: classified by the larger of the two. */
export function jumped(values: readonly number[], found: Fit, at: number, noise: Noise): Fitted {
  const { fitted } = found;
  const jump = Math.abs((fitted[at] ?? 0) - (fitted[at - 1] ?? 0));
  const rise = Math.abs((fitted[at - 1] ?? 0) - (fitted[0] ?? 0)) * (values.length / Math.max(1, at - 1));
  return jump >= rise ? stepped(values, found, at, noise) : slope(values, found, undefined, noise);
}

/**
 * If the second speed is below this share of the first, it levelled off; if the first is below this share of the
 * second, it began late.
 */
const NO_PACE = 0.25;

/** A line with a knee at `at`: it levelled off there, began there, or changed its speed. */
export function kneed(values: readonly number[], found: Fit, at: number, noise: Noise): Fitted {
  const { fitted } = found;
  const first = ((fitted[at] ?? 0) - (fitted[0] ?? 0)) / Math.max(1, at);
  const second = ((fitted.at(-1) ?? 0) - (fitted[at] ?? 0)) / Math.max(1, values.length - 1 - at);
  if (Math.abs(second) < NO_PACE * Math.abs(first)) return levelled(values, found, at, noise);
  return slope(values, found, Math.abs(first) < NO_PACE * Math.abs(second) ? at : undefined, noise);
}

/** A rise or fall from element `onset` on; undefined: from the start. */
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

/** A step between the elements `at` - 1 and `at`. */
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

/** A rise or fall that ended at element `at`. */
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

/** A temporary level: the larger of its two steps is reported, the other follows from it. */
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

/**
 * Share of pairs (early, late) against the direction of the change; ties count half. Uses means of neighbours, not
 * single values.
 */
export function overlapOf(earlyValues: readonly number[], lateValues: readonly number[], isRise: boolean): number {
  const [early, late] = [batches(earlyValues), batches(lateValues)];
  if (early.length === 0 || late.length === 0) return 0.5;
  let against = 0;
  for (const a of early) for (const b of late) against += a === b ? 0.5 : b > a === isRise ? 0 : 1;
  return against / (early.length * late.length);
}

const MOST_BATCHES = 8;

function batches(values: readonly number[]): number[] {
  return batchMeans(values, Math.min(MOST_BATCHES, values.length)).map(({ value }) => value);
}

function third(values: readonly number[], which: number): readonly number[] {
  const n = values.length;
  return values.slice(Math.floor((which * n) / 3), Math.floor(((which + 1) * n) / 3));
}
