// Finds the runs in a history at which the level of a figure changed.

// Circular binary segmentation (Olshen et al. 2004) on y = ln(value): the statistic is the largest |t| between
// consecutive runs and all others. Its p-value comes from permuting the runs, so it is valid for any spread between
// them. If it is at most `level`, the runs are cut at both ends of that part, and each piece is examined again at a
// level divided between them. Changes may be limited to given runs, such as those at which the build changed: fewer
// places give more power.

import { meanOf, seeded } from '../statistics/numbers.ts';
import { LEAST_CHANGE } from './difference.ts';

const LEAST_PERMUTATIONS = 999;
const MOST_PERMUTATIONS = 9999;
const MIN_RUNS = 6;
const MIN_PERIOD = 2;
/** In logarithms. Smaller changes are of no interest, however certain. */
const LEAST_LOG_CHANGE = Math.log(1 + LEAST_CHANGE);

export interface RunChange {
  /** Index of the first run at the new level. */
  readonly at: number;
  /** New level relative to the old one: 0.1 = 10 % more. */
  readonly change: number;
}

interface Period {
  readonly from: number;
  readonly to: number;
  readonly statistic: number;
}

/** For periods of one series, the squared t increases with this share of the sum of squares. */
function best(y: readonly number[], ends: readonly number[], prefix: Float64Array, total: number): Period | undefined {
  const n = y.length;
  let found: Period | undefined;
  for (const [index, from] of ends.entries()) {
    for (const to of ends.slice(index + 1)) {
      const inside = to - from;
      const outside = n - inside;
      if (inside < MIN_PERIOD || outside < MIN_PERIOD) continue;
      const sum = (prefix[to] ?? 0) - (prefix[from] ?? 0);
      const difference = sum / inside - (total - sum) / outside;
      const statistic = difference ** 2 * ((inside * outside) / n);
      if (found === undefined || statistic > found.statistic) found = { from, to, statistic };
    }
  }
  return found;
}

function prefixSums(y: readonly number[], into: Float64Array): number {
  let sum = 0;
  into[0] = 0;
  for (const [index, value] of y.entries()) {
    sum += value;
    into[index + 1] = sum;
  }
  return sum;
}

function shuffle(values: number[], random: () => number): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [values[last] ?? 0, values[other] ?? 0];
    values[last] = b;
    values[other] = a;
  }
}

/** Fixed, so that the same history gives the same result. */
const SEED = 20261129;

function cutsOf(y: readonly number[], places: readonly number[], level: number, random: () => number): number[] {
  const n = y.length;
  if (n < MIN_RUNS || places.length === 0) return [];
  const ends = [0, ...places.filter((place) => place > 0 && place < n), n];
  const prefix = new Float64Array(n + 1);
  const total = prefixSums(y, prefix);
  const found = best(y, ends, prefix, total);
  if (found === undefined || found.statistic === 0) return [];
  const shuffled = [...y];
  const permutations = Math.min(MOST_PERMUTATIONS, Math.max(LEAST_PERMUTATIONS, Math.ceil(5 / level)));
  const most = Math.floor(level * (permutations + 1));
  let asLarge = 1;
  for (let permutation = 0; permutation < permutations && asLarge <= most; permutation++) {
    shuffle(shuffled, random);
    prefixSums(shuffled, prefix);
    if ((best(shuffled, ends, prefix, total)?.statistic ?? 0) >= found.statistic * (1 - 1e-12)) asLarge++;
  }
  if (asLarge > most) return [];
  const cuts = [found.from, found.to].filter((cut) => cut > 0 && cut < n);
  const bounds = [0, ...cuts, n];
  const deeper = bounds.slice(1).flatMap((end, index) => {
    const start = bounds[index] ?? 0;
    const inside = places.filter((place) => place > start && place < end).map((place) => place - start);
    return cutsOf(y.slice(start, end), inside, level / bounds.length, random).map((cut) => cut + start);
  });
  return [...cuts, ...deeper].sort((a, b) => a - b);
}

/**
 * The changes of level in `values` (all above 0), oldest first. `places`: indices at which a change is possible;
 * default: any. `level`: chance of any false change in a series without one. Empty for fewer than six runs.
 */
export function runChanges(values: readonly number[], { places, level = 0.05 }: RunChangesOptions = {}): RunChange[] {
  if (values.some((value) => !(value > 0) || !Number.isFinite(value))) return [];
  const y = values.map(Math.log);
  let cuts = cutsOf(y, places ?? y.map((_, index) => index).slice(1), level, seeded(SEED));
  const differenceAt = (index: number) => {
    const at = cuts[index] ?? 0;
    return meanOf(y.slice(at, cuts[index + 1] ?? y.length)) - meanOf(y.slice(cuts[index - 1] ?? 0, at));
  };
  // Cuts between levels that turn out alike are removed, the smallest first.
  for (;;) {
    const small = cuts
      .map((cut, index) => ({ cut, size: Math.abs(differenceAt(index)) }))
      .filter(({ size }) => size < LEAST_LOG_CHANGE)
      .sort((a, b) => a.size - b.size)[0];
    if (small === undefined) break;
    cuts = cuts.filter((cut) => cut !== small.cut);
  }
  return cuts.map((at, index) => ({ at, change: Math.expm1(differenceAt(index)) }));
}

export interface RunChangesOptions {
  readonly places?: readonly number[] | undefined;
  readonly level?: number;
}
