// A series in order of time becomes its shape: steady, rising, stepped, levelled off or swinging, from what to what, and how clearly.

import { correlatedStep } from './correlated-step.ts';
import { autocorrelation, batchMeans, withoutEnds } from './drift.ts';
import { type Fit, LeastSquares, type Passing } from './least-squares.ts';
import { medianOfSorted } from './numbers.ts';

// Models of at most 120 batch means, each fitted by least squares: a constant; a line; one step; a line with a knee (which begins late,
// levels off, or changes its pace); a line with a step; and a level that comes and goes. The best is that with the lowest
//
//   ne ln(RSS/n) + parameters × ln n,   ne = n (1 - r)/(1 + r)
//
// where r is the lag-1 autocorrelation of what the closest model leaves: noise that follows itself is worth fewer points, so it
// takes more to leave the constant. What is not clear so is looked at once more for a step, by correlated-step.ts. How clearly it changed is its change over the standard error that such noise gives it.

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

type Series = ReadonlyArray<number | undefined>;

const MOST_BATCHES = 120;
/** Fewer values have no shape. */
export const MIN_VALUES = 8;

/** undefined where fewer than eight elements have values. Elements are those of `series`, from 0. */
export function shapeOf(series: Series): Shape | undefined {
  const inner = withoutEnds(series);
  const offset = series.findIndex((value) => value !== undefined);
  const points = batchMeans(inner, Math.min(MOST_BATCHES, inner.length));
  if (points.length < MIN_VALUES) return undefined;
  const values = withoutSpikes(points.map(({ value }) => value));
  const squares = new LeastSquares(values);
  const best = bestModel(values, squares);
  const size = inner.length / Math.min(MOST_BATCHES, inner.length);
  // The first element of the batch, not its middle: a step is where it begins.
  const elementOf = (index: number) => offset + Math.max(0, Math.round((points[index]?.at ?? 0) - (size - 1) / 2));
  const swing = swingOf(inner, best, points.length);
  if (swing !== undefined) return { ...swing, period: swing.period, at: undefined };
  const shape = (best.isDoubtful ? suddenStep(values, squares) : undefined) ?? best.shape;
  const { at, until } = shape;
  return {
    ...shape,
    at: at === undefined ? undefined : elementOf(at),
    until: until === undefined || until >= points.length ? undefined : elementOf(until),
  };
}

/** Values that leave their neighbours' middle by more than five deviations are brought back: one pause is no trend. */
function withoutSpikes(values: readonly number[]): number[] {
  const n = values.length;
  const middles = new Float64Array(n);
  const distances = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    middles[i] = middleAround(values, i);
    distances[i] = Math.abs((values[i] ?? 0) - (middles[i] ?? 0));
  }
  const spread = 1.4826 * (medianOfSorted(distances.sort()) ?? 0);
  if (spread === 0) return [...values];
  return values.map((value, i) => {
    const middle = middles[i] ?? value;
    return Math.min(Math.max(value, middle - 5 * spread), middle + 5 * spread);
  });
}

const around = new Float64Array(5);

/** The median of a value and its two neighbours on either side: once a value of every series, so without an array of its own. */
function middleAround(values: readonly number[], index: number): number {
  const from = Math.max(0, index - 2);
  const size = Math.min(values.length, index + 3) - from;
  for (let i = 0; i < size; i++) {
    const value = values[from + i] ?? 0;
    let place = i;
    for (; place > 0 && (around[place - 1] ?? 0) > value; place--) around[place] = around[place - 1] ?? 0;
    around[place] = value;
  }
  return ((around[(size - 1) >> 1] ?? 0) + (around[size >> 1] ?? 0)) / 2;
}

interface Model {
  readonly parameters: number;
  readonly fit: Fit;
  readonly shape: (noise: Noise) => Omit<Shape, 'period'> & { readonly period?: undefined };
}

interface Noise {
  /** Deviation of what the model leaves. */
  readonly sd: number;
  /** By how much its autocorrelation inflates a variance of means. */
  readonly inflation: number;
}

interface Best {
  readonly shape: Shape;
  readonly fitted: readonly number[];
  /** Noise that follows itself may hide a step. */
  readonly isDoubtful: boolean;
}

function bestModel(values: readonly number[], squares: LeastSquares): Best {
  const n = values.length;
  const models = modelsOf(values, squares);
  // A floor, so that a series without noise does not make every model perfect: a millionth of the level.
  const scale = values.reduce((sum, value) => sum + Math.abs(value), 0) / n;
  const floor = (1e-6 * scale) ** 2 + Number.MIN_VALUE;
  const closest = models.reduce((a, b) => (b.fit.rss < a.fit.rss ? b : a));
  const r = correlationLeft(values, closest);
  const worth = Math.max(4, (n * (1 - r)) / (1 + r));
  const score = ({ fit, parameters }: Model) => worth * Math.log(fit.rss / n + floor) + parameters * Math.log(n);
  const best = models.reduce((a, b) => (score(b) < score(a) ? b : a));
  const left = correlationLeft(values, best);
  const sd = Math.sqrt(best.fit.rss / Math.max(1, n - best.parameters));
  const shape = best.shape({ sd, inflation: (1 + left) / (1 - left) });
  return { shape: { ...shape, period: undefined }, fitted: best.fit.fitted, isDoubtful: isDoubtful(shape, left) };
}

/** What is less clear than this by ordinary least squares may be clear where the correlation of its noise is used. */
const CERTAIN = 5;
/** Noise that wanders looks like a slope before it looks like a step. */
const CERTAIN_SLOPE = 8;
/** From this correlation on noise moves the place of a step. */
const MOVES = 0.5;

function isDoubtful({ kind, clarity, until }: Omit<Shape, 'period'>, correlation: number): boolean {
  if (kind === 'rising' || kind === 'falling') return clarity < CERTAIN_SLOPE;
  return clarity < CERTAIN || (kind === 'stepped' && until === undefined && correlation >= MOVES);
}

function suddenStep(values: readonly number[], squares: LeastSquares): Shape | undefined {
  const rival = (fit: Fit | undefined, leastGain: number) =>
    fit === undefined ? [] : [{ fitted: fit.fitted, leastGain }];
  // The more places and paces a curve may choose, the closer it comes to a step.
  const found = correlatedStep(values, [
    ...rival(squares.line(), 8),
    ...rival(squares.late(), 4),
    ...rival(squares.levelling(), 4),
    ...rival(squares.knee(), 2),
    // One place more than the step has.
    ...rival(squares.passing(), -Math.log(values.length)),
  ]);
  if (found === undefined) return undefined;
  const { at, from, to, clarity } = found;
  const overlap = overlapOf(values.slice(0, at), values.slice(at), to >= from);
  return { kind: 'stepped', from, to, at, clarity, overlap, evenness: 1, period: undefined };
}

/** Lag-1 autocorrelation of what a model leaves, corrected for what the fit takes away, 0 to .97. */
function correlationLeft(values: readonly number[], { fit }: Pick<Model, 'fit'>): number {
  const n = values.length;
  const { fitted } = fit;
  const r1 = Math.max(0, autocorrelation(values.map((value, i) => value - (fitted[i] ?? 0))));
  return Math.min(0.97, r1 + (2 + 4 * r1) / n);
}

/** What they fit and say is worked out for the best of them only. */
function modelsOf(values: readonly number[], squares: LeastSquares): Model[] {
  const constant = squares.constant();
  const level = constant.fitted[0] ?? 0;
  const models: Model[] = [
    {
      parameters: 1,
      fit: constant,
      shape: () => ({
        kind: 'steady',
        from: level,
        to: level,
        at: undefined,
        clarity: 0,
        overlap: 0.5,
        evenness: 1,
      }),
    },
    { parameters: 2, fit: squares.line(), shape: (noise) => slope(values, squares.line(), undefined, noise) },
  ];
  const step = squares.step();
  if (step !== undefined)
    models.push({ parameters: 3.5, fit: step, shape: (noise) => stepped(values, step, step.at, noise) });
  const levelling = squares.levelling();
  if (levelling !== undefined)
    models.push({
      parameters: 3.5,
      fit: levelling,
      shape: (noise) => levelled(values, levelling, levelling.at, noise),
    });
  const late = squares.late();
  if (late !== undefined)
    models.push({ parameters: 3.5, fit: late, shape: (noise) => slope(values, late, late.at, noise) });
  const knee = squares.knee();
  if (knee !== undefined)
    models.push({ parameters: 4.5, fit: knee, shape: (noise) => kneed(values, knee, knee.at, noise) });
  const both = squares.lineWithStep();
  if (both !== undefined)
    models.push({ parameters: 4.5, fit: both, shape: (noise) => jumped(values, both, both.at, noise) });
  const passing = squares.passing();
  if (passing !== undefined)
    models.push({ parameters: 6, fit: passing, shape: (noise) => passed(values, passing, noise) });
  return models;
}

type Fitted = ReturnType<Model['shape']>;

/** A line with a step is what there is more of. */
function jumped(values: readonly number[], found: Fit, at: number, noise: Noise): Fitted {
  const { fitted } = found;
  const jump = Math.abs((fitted[at] ?? 0) - (fitted[at - 1] ?? 0));
  const rise = Math.abs((fitted[at - 1] ?? 0) - (fitted[0] ?? 0)) * (values.length / Math.max(1, at - 1));
  return jump >= rise ? stepped(values, found, at, noise) : slope(values, found, undefined, noise);
}

/** A second pace below this share of the first has levelled off; a first below this share of the second began late. */
const NO_PACE = 0.25;

function kneed(values: readonly number[], found: Fit, at: number, noise: Noise): Fitted {
  const { fitted } = found;
  const first = ((fitted[at] ?? 0) - (fitted[0] ?? 0)) / Math.max(1, at);
  const second = ((fitted.at(-1) ?? 0) - (fitted[at] ?? 0)) / Math.max(1, values.length - 1 - at);
  if (Math.abs(second) < NO_PACE * Math.abs(first)) return levelled(values, found, at, noise);
  return slope(values, found, Math.abs(first) < NO_PACE * Math.abs(second) ? at : undefined, noise);
}

function slope(
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

function stepped(values: readonly number[], { fitted }: Fit, at: number, { sd, inflation }: Noise): Fitted {
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

function levelled(values: readonly number[], { fitted }: Fit, at: number, { sd, inflation }: Noise): Fitted {
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
function passed(
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

/** At least so many times it must come round, and be so alike to itself a period later. */
const MIN_CYCLES = 4;
const ALIKE = 0.55;

/** What is left of the series by its model, where that comes round: cron, collections, caches that expire. */
function swingOf(inner: Series, best: Best, batches: number): (Shape & { readonly period: number }) | undefined {
  const n = inner.length;
  const { kind, from, to } = best.shape;
  const known = inner.filter((value) => value !== undefined);
  if (known.length < 0.8 * n || n < 5 * MIN_CYCLES) return undefined;
  const left = inner.map((value, i) =>
    value === undefined ? 0 : value - (best.fitted[Math.min(batches - 1, Math.floor((i * batches) / n))] ?? value),
  );
  const sorted = Float64Array.from(left).sort();
  const [low, high] = [sorted[Math.floor(0.05 * n)] ?? 0, sorted[Math.floor(0.95 * n)] ?? 0];
  const level = meanOf(known);
  if (high - low < 0.1 * Math.abs(level)) return undefined;
  // A change that outweighs the swings is the news.
  if (kind !== 'steady' && Math.abs(to - from) > 0.7 * (high - low)) return undefined;
  const correlations = autocorrelations(left, Math.floor(n / MIN_CYCLES));
  const trough = correlations.findIndex((value) => value < 0);
  if (trough < 0) return undefined;
  let period = 0;
  for (let lag = trough; lag < correlations.length; lag++) {
    if ((correlations[lag] ?? 0) > (correlations[period] ?? 0) || period === 0) period = lag;
  }
  if (period < 3 || (correlations[period] ?? 0) < ALIKE) return undefined;
  return {
    kind: 'swinging',
    from: level + low,
    to: level + high,
    at: undefined,
    period,
    clarity: (correlations[period] ?? 0) * Math.sqrt(n),
    overlap: 0.5,
    evenness: 1,
  };
}

function autocorrelations(values: readonly number[], mostLag: number): number[] {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Array.from({ length: mostLag + 1 }, (_, lag) => {
    let sum = 0;
    for (let i = lag; i < values.length; i++) sum += ((values[i] ?? mean) - mean) * ((values[i - lag] ?? mean) - mean);
    // Divided by the share of pairs, or a long period would look less alike for being long.
    return squares === 0 ? 0 : (sum / squares) * (values.length / (values.length - lag));
  });
}

function clarityOf(change: number, error: number): number {
  if (change === 0) return 0;
  return error === 0 ? Infinity : Math.abs(change) / error;
}

/** Share of pairs (early, late) that go against the change; ties count half. Of means of neighbours: stretches, not single values. */
function overlapOf(earlyValues: readonly number[], lateValues: readonly number[], isRise: boolean): number {
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

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
