// Finds the shape of a series: steady, rising, falling, stepped, levelled off or swinging, with levels and clarity.

import { medianOfSorted } from '../statistics/numbers.ts';
import { correlatedStep } from './correlated-step.ts';
import { autocorrelation, batchMeans, withoutEnds } from './drift.ts';
import { type Fit, LeastSquares } from './least-squares.ts';
import {
  type Fitted,
  jumped,
  kneed,
  levelled,
  type Noise,
  overlapOf,
  passed,
  type Shape,
  slope,
  stepped,
} from './shape-kinds.ts';
import { swingOf } from './swing.ts';

// Models of at most 120 batch means, each fitted by least squares: a constant; a line; one step; a line with a knee (it
// starts late, levels off, or changes speed); a line with a step; and a temporary level. The best has the lowest
//
//   ne ln(RSS/n) + parameters × ln n,   ne = n (1 - r)/(1 + r)
//
// where r is the lag-1 autocorrelation of the residuals of the closest model: correlated noise is worth fewer points,
// so it takes more to reject the constant. A change that is not clear by then is tried as a step once more, by
// correlated-step.ts. Clarity is the change divided by its standard error with such noise.

const MOST_BATCHES = 120;
/** Fewer values have no shape. */
export const MIN_VALUES = 8;

/** The shape of a series; undefined if fewer than eight elements have values. Elements count from 0. */
export function shapeOf(series: ReadonlyArray<number | undefined>): Shape | undefined {
  const inner = withoutEnds(series);
  const offset = series.findIndex((value) => value !== undefined);
  const points = batchMeans(inner, Math.min(MOST_BATCHES, inner.length));
  if (points.length < MIN_VALUES) return undefined;
  const values = withoutSpikes(points.map(({ value }) => value));
  const squares = new LeastSquares(values);
  const best = bestModel(values, squares);
  const size = inner.length / Math.min(MOST_BATCHES, inner.length);
  // The first element of the batch, not its middle, because that is where a step begins.
  const elementOf = (index: number) => offset + Math.max(0, Math.round((points[index]?.at ?? 0) - (size - 1) / 2));
  const swing = swingOf(inner, best.shape, best.fitted);
  if (swing !== undefined) return swing;
  const shape = (best.isDoubtful ? suddenStep(values, squares) : undefined) ?? best.shape;
  const { at, until } = shape;
  return {
    ...shape,
    at: at === undefined ? undefined : elementOf(at),
    until: until === undefined || until >= points.length ? undefined : elementOf(until),
  };
}

/**
 * Moves values that differ from their neighbours' median by more than five deviations back: a single pause is no trend.
 */
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

/**
 * The median of a value and its two neighbours on either side. Without an array, because it runs for every value of
 * every series.
 */
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
  readonly shape: (noise: Noise) => Fitted;
}

interface Best {
  readonly shape: Shape;
  readonly fitted: readonly number[];
  /** True if correlated noise may hide a step. */
  readonly isDoubtful: boolean;
}

function bestModel(values: readonly number[], squares: LeastSquares): Best {
  const n = values.length;
  const models = modelsOf(values, squares);
  // A lower limit, so that not every model of a series without noise is perfect: a millionth of the level.
  const scale = values.reduce((sum, value) => sum + Math.abs(value), 0) / n;
  const floor = (1e-6 * scale) ** 2 + Number.MIN_VALUE;
  const closest = models.reduce((a, b) => (b.fit.rss < a.fit.rss ? b : a));
  const r = correlationLeft(values, closest);
  const effective = Math.max(4, (n * (1 - r)) / (1 + r));
  const score = ({ fit, parameters }: Model) => effective * Math.log(fit.rss / n + floor) + parameters * Math.log(n);
  const best = models.reduce((a, b) => (score(b) < score(a) ? b : a));
  const left = correlationLeft(values, best);
  const sd = Math.sqrt(best.fit.rss / Math.max(1, n - best.parameters));
  const shape = best.shape({ sd, inflation: (1 + left) / (1 - left) });
  return { shape: { ...shape, period: undefined }, fitted: best.fit.fitted, isDoubtful: isDoubtful(shape, left) };
}

/** A step with less clarity by ordinary least squares may be clear when the noise's correlation is used. */
const CERTAIN = 5;
/** Wandering noise looks like a slope before it looks like a step. */
const CERTAIN_SLOPE = 8;
/** From this correlation noise may shift the place of a step. */
const MOVES = 0.5;

function isDoubtful({ kind, clarity, until }: Omit<Shape, 'period'>, correlation: number): boolean {
  if (kind === 'rising' || kind === 'falling') return clarity < CERTAIN_SLOPE;
  return clarity < CERTAIN || (kind === 'stepped' && until === undefined && correlation >= MOVES);
}

function suddenStep(values: readonly number[], squares: LeastSquares): Shape | undefined {
  const rival = (fit: Fit | undefined, leastGain: number) =>
    fit === undefined ? [] : [{ fitted: fit.fitted, leastGain }];
  // The more places and slopes a curve can choose, the closer it gets to a step.
  const found = correlatedStep(values, [
    ...rival(squares.line(), 8),
    ...rival(squares.late(), 4),
    ...rival(squares.levelling(), 4),
    ...rival(squares.knee(), 2),
    // It has one more place than a step.
    ...rival(squares.passing(), -Math.log(values.length)),
  ]);
  if (found === undefined) return undefined;
  const { at, from, to, clarity } = found;
  const overlap = overlapOf(values.slice(0, at), values.slice(at), to >= from);
  return { kind: 'stepped', from, to, at, clarity, overlap, evenness: 1, period: undefined };
}

/** Lag-1 autocorrelation of a model's residuals, corrected for the fit, 0 to .97. */
function correlationLeft(values: readonly number[], { fit }: Pick<Model, 'fit'>): number {
  const n = values.length;
  const { fitted } = fit;
  const r1 = Math.max(0, autocorrelation(values.map((value, i) => value - (fitted[i] ?? 0))));
  return Math.min(0.97, r1 + (2 + 4 * r1) / n);
}

/** Fits and descriptions are computed for the best model only. */
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
