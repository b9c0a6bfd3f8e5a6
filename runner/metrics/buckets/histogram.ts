// Counts finite numbers in buckets, with exact count, sum, min and max, and percentiles within 0.1 %.
//
// A bucket holds all doubles that share sign, exponent and the first 9 bits of the mantissa: 512 buckets per power of
// two. Each is at most 1/512 of its lower edge wide, so its middle is within 1/1024 (0.098 %) of every value in it. The
// Go output uses the same bits, so both agree on every key, and merging is addition.
//
//   key of v > 0:      (high 32 bits of the double) >>> 11
//   key of 0 and -0:   0 (shared by the smallest subnormals, below 2^-1031)
//   key of v < 0:      -1 - key(|v|)
//
// Keys ascend with the values. The 0.1 % holds for magnitudes from 2.3e-308 (normal doubles) up; below that the
// absolute error is under 1e-310.

import type { Bins } from '../../model/metrics.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { quantileAt } from './quantile.ts';

const KEY_SHIFT = 11;
/** A page is a quarter of a power of two: a series over two decades of latency needs fewer than 30 pages of 1 KB. */
const PAGE_BITS = 7;
const PAGE_KEYS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_KEYS - 1;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
const HIGH = words[1] === 0 ? 0 : 1;
const LOW = 1 - HIGH;

/** Returns the key of the bucket that a finite value belongs to. Throws a RangeError for NaN and the infinities. */
export function keyOf(value: number): number {
  if (value > 0 && value < Infinity) {
    float[0] = value;
    return (words[HIGH] ?? 0) >>> KEY_SHIFT;
  }
  if (value === 0) return 0;
  if (value < 0 && value > -Infinity) {
    float[0] = -value;
    return -1 - ((words[HIGH] ?? 0) >>> KEY_SHIFT);
  }
  throw new RangeError(`A histogram takes finite numbers, not ${value}`);
}

function fromHighWord(high: number): number {
  words[HIGH] = high;
  words[LOW] = 0;
  return float[0] ?? 0;
}

/**
 * The lower edge of the bucket; -Infinity for the lowest. For negative keys the edge itself belongs to the bucket
 * below.
 */
export function lowerEdge(key: number): number {
  return key >= 0 ? fromHighWord(key << KEY_SHIFT) : -fromHighWord(-key << KEY_SHIFT);
}

/**
 * The upper edge of the bucket; Infinity for the highest. Only for negative keys does the edge itself belong to the
 * bucket.
 */
export function upperEdge(key: number): number {
  return key >= 0 ? fromHighWord((key + 1) << KEY_SHIFT) : -fromHighWord((-1 - key) << KEY_SHIFT);
}

/** The middle of the bucket, within 0.098 % of every value in it; 0 for the two buckets next to zero. */
export function representative(key: number): number {
  if (key === 0 || key === -1) return 0;
  const half = 1 << (KEY_SHIFT - 1);
  return key > 0 ? fromHighWord((key << KEY_SHIFT) | half) : -fromHighWord(((-1 - key) << KEY_SHIFT) | half);
}

/**
 * Counts of values in buckets of equal relative width.
 *
 * count, min and max are exact. sum is compensated: one pass, any order and any merge of parts agree within 4 ulps of
 * the sum of magnitudes. quantile(q) is k6's percentile within 0.1 %. add() allocates only when a value needs a new
 * page.
 */
export class Histogram {
  count = 0;
  readonly #sum = new CompensatedSum();
  #min = Infinity;
  #max = -Infinity;
  /**
   * Stored apart from the pages: zeros are common, and key 0 is half a million keys away from that of one millisecond.
   */
  #zeros = 0;
  #pages: (Float64Array | undefined)[] = [];
  #firstPage = 0;

  /** Sum of the values, capped at the largest finite double. 0 when empty. */
  get sum(): number {
    return this.#sum.value;
  }

  /** Smallest value; undefined when empty. */
  get min(): number | undefined {
    return this.count === 0 ? undefined : this.#min;
  }

  /** Largest value; undefined when empty. */
  get max(): number | undefined {
    return this.count === 0 ? undefined : this.#max;
  }

  /** sum / count; undefined when empty. */
  get mean(): number | undefined {
    // A sum above the largest double is capped there, which could put the mean below the minimum.
    return this.count === 0 ? undefined : Math.min(Math.max(this.sum / this.count, this.#min), this.#max);
  }

  /** Adds one finite value. Throws a RangeError for NaN and the infinities and leaves the histogram unchanged. */
  add(value: number): void {
    this.#count(keyOf(value), 1);
    this.#sum.add(value);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Adds another histogram to this one. */
  merge(other: Histogram): void {
    if (other.count === 0) return;
    other.#each((key, count) => this.#count(key, count));
    this.#sum.merge(other.#sum);
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /**
   * Adds a sparse histogram. `exact` holds figures that are known in addition to the bins, for example those of a
   * SeriesWindow. Without it, sum, min and max are computed from the middles of the buckets and are within 0.1 %.
   */
  mergeBins(bins: Bins, exact?: { readonly sum: number; readonly min: number; readonly max: number }): void {
    const { keys, counts } = bins;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? 0;
      const count = counts[i] ?? 0;
      if (count === 0) continue;
      this.#count(key, count);
      if (exact !== undefined) continue;
      const value = representative(key);
      this.#sum.add(value * count);
      this.#min = Math.min(this.#min, value);
      this.#max = Math.max(this.#max, value);
    }
    if (exact === undefined || keys.length === 0) return;
    this.#sum.add(exact.sum);
    this.#min = Math.min(this.#min, exact.min);
    this.#max = Math.max(this.#max, exact.max);
  }

  /** The non-empty buckets, keys ascending. */
  toBins(): Bins {
    let size = 0;
    this.#each(() => size++);
    const keys = new Int32Array(size);
    const counts = new Float64Array(size);
    let i = 0;
    this.#each((key, count) => {
      keys[i] = key;
      counts[i++] = count;
    });
    return { keys, counts };
  }

  /**
   * Percentile as in k6 (TrendSink.P): linear interpolation between the values at the two ranks nearest to (count - 1)
   * * q. `q` is 0 to 1. Returns a value in [min, max], within 0.1 % of the exact one; if the two ranks lie on both
   * sides of zero, within 0.1 % of the larger magnitude. Exact at q = 0, at q = 1 and for up to two values. undefined
   * when empty.
   */
  quantile(q: number): number | undefined {
    return quantileAt(q, this.count, (rank) => this.valueAtRank(rank) ?? this.#max);
  }

  /**
   * The value at `rank` in ascending order (0 = min, count - 1 = max, both exact), within 0.1 % and in [min, max]. A
   * rank beyond either end gives that end. undefined when empty.
   */
  valueAtRank(rank: number): number | undefined {
    if (this.count === 0) return undefined;
    if (rank <= 0) return this.#min;
    if (rank >= this.count - 1) return this.#max;
    let seen = 0;
    let found: number | undefined;
    this.#each((key, count) => {
      seen += count;
      if (seen <= rank) return false;
      found = key;
      return true;
    });
    return found === undefined ? this.#max : Math.min(Math.max(representative(found), this.#min), this.#max);
  }

  /**
   * Number of samples in buckets above that of `value`: surely greater ones. Those within 0.2 % of `value` may be
   * missing.
   */
  countAbove(value: number): number {
    const limit = keyOf(value);
    let above = 0;
    this.#each((key, count) => {
      if (key > limit) above += count;
    });
    return above;
  }

  /** Number of samples in buckets below that of `value`. */
  countBelow(value: number): number {
    const limit = keyOf(value);
    let below = 0;
    this.#each((key, count) => {
      if (key >= limit) return true;
      below += count;
      return false;
    });
    return below;
  }

  #count(key: number, count: number): void {
    this.count += count;
    if (key === 0) {
      this.#zeros += count;
      return;
    }
    const page = this.#pages[(key >> PAGE_BITS) - this.#firstPage] ?? this.#newPage(key >> PAGE_BITS);
    const slot = key & PAGE_MASK;
    page[slot] = (page[slot] ?? 0) + count;
  }

  #newPage(number: number): Float64Array {
    if (this.#pages.length === 0) this.#firstPage = number;
    if (number < this.#firstPage) {
      const missing = new Array<undefined>(this.#firstPage - number).fill(undefined);
      this.#pages = [...missing, ...this.#pages];
      this.#firstPage = number;
    }
    const index = number - this.#firstPage;
    while (this.#pages.length < index) this.#pages.push(undefined);
    const page = new Float64Array(PAGE_KEYS);
    this.#pages[index] = page;
    return page;
  }

  /** Calls `visit` for each non-empty bucket, keys ascending, until it returns true. */
  #each(visit: (key: number, count: number) => unknown): void {
    let zeros = this.#zeros;
    for (const [index, page] of this.#pages.entries()) {
      if (page === undefined) continue;
      const firstKey = (this.#firstPage + index) << PAGE_BITS;
      if (firstKey >= 0 && zeros > 0) {
        if (visit(0, zeros) === true) return;
        zeros = 0;
      }
      for (let slot = 0; slot < PAGE_KEYS; slot++) {
        const count = page[slot] ?? 0;
        if (count !== 0 && visit(firstKey + slot, count) === true) return;
      }
    }
    if (zeros > 0) visit(0, zeros);
  }
}
