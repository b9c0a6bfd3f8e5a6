// A packed track → its figures over any range of slots. Used in Node and in the browser.

import { lowerEdge, upperEdge } from '../../metrics/buckets/histogram.ts';
import { firstAbove, quantileAt } from '../../metrics/buckets/quantile.ts';
import { ColumnReader, readShares, readSteps, unpackColumn } from './column.ts';
import type { PackedTrack } from './model.ts';

/** First and last histogram key (metrics/buckets/histogram.ts) of each bin of a track. */
interface BinRange {
  readonly firstKeys: Int32Array;
  readonly lastKeys: Int32Array;
}

/** The histograms of all slots in a row; those of slot i are from ends[i - 1] to ends[i]. */
interface BinRows {
  readonly ends: Uint32Array;
  readonly bins: Uint32Array;
  readonly counts: Float64Array;
}

/** The sum of a range of slots. Figures that need samples are undefined without any. */
export class SlotSum {
  readonly mean: number | undefined;
  #ranks: Float64Array | undefined;

  constructor(
    readonly count: number,
    readonly sum: number,
    readonly min?: number | undefined,
    readonly max?: number | undefined,
    readonly last?: number | undefined,
    private readonly ranges?: BinRange,
    /** Samples of each bin. */
    private readonly amounts?: Float64Array,
  ) {
    this.mean = count === 0 ? undefined : sum / count;
  }

  /**
   * The quantile q (0 to 1) by k6's definition: linear interpolation between the two nearest ranks. If the track was packed for q, it is
   * within the track's error of the exact one. undefined without samples or histograms.
   */
  quantile(q: number): number | undefined {
    const { min, max, ranges, amounts } = this;
    if (this.count === 0 || ranges === undefined || amounts === undefined) return undefined;
    const value = quantileAt(q, this.count, (rank) => this.#atRank(rank, ranges, amounts));
    if (value === undefined) return undefined;
    return Math.min(Math.max(value, min ?? -Infinity), max ?? Infinity);
  }

  #atRank(rank: number, ranges: BinRange, amounts: Float64Array): number {
    if (rank <= 0 && this.min !== undefined) return this.min;
    if (rank >= this.count - 1 && this.max !== undefined) return this.max;
    this.#ranks ??= runningSum(amounts);
    const bin = Math.min(firstAbove(this.#ranks, rank), this.#ranks.length - 1);
    return middleOf(ranges.firstKeys[bin] ?? 0, ranges.lastKeys[bin] ?? 0);
  }

  /** The bins with samples and their edges, ascending. */
  bins(): Array<{ readonly from: number; readonly to: number; readonly count: number }> {
    const { ranges, amounts } = this;
    if (ranges === undefined || amounts === undefined) return [];
    return [...amounts].flatMap((count, bin) => {
      if (count === 0) return [];
      return [{ from: lowerEdge(ranges.firstKeys[bin] ?? 0), to: upperEdge(ranges.lastKeys[bin] ?? 0), count }];
    });
  }
}

const NOTHING = new SlotSum(0, 0);

/** The sum of a track without samples. */
export function emptySum(): SlotSum {
  return NOTHING;
}

function runningSum(amounts: Float64Array): Float64Array {
  let below = 0;
  return amounts.map((amount) => {
    below += amount;
    return below;
  });
}

/** The value half way between the edges of two keys, which halves the greatest error; 0 for a bin around zero. */
function middleOf(firstKey: number, lastKey: number): number {
  if (firstKey <= 0 && lastKey >= -1) return 0;
  return (lowerEdge(firstKey) + upperEdge(lastKey)) / 2;
}

/** A packed track, unpacked. */
export class Track {
  readonly #slots: number;
  readonly #count: Float64Array;
  /** The number of slots with samples before each slot, which is the slot's index in the other columns. */
  readonly #place: Uint32Array;
  readonly #columns: { readonly [name in 'sum' | 'min' | 'max' | 'last']: Float64Array | undefined };
  readonly #ranges: BinRange | undefined;
  readonly #rows: BinRows | undefined;

  constructor(packed: PackedTrack, slots: number) {
    this.#slots = slots;
    this.#count = readSteps(new ColumnReader(packed.count), slots);
    this.#place = new Uint32Array(slots + 1);
    for (let slot = 0; slot < slots; slot++) {
      this.#place[slot + 1] = (this.#place[slot] ?? 0) + ((this.#count[slot] ?? 0) > 0 ? 1 : 0);
    }
    const used = this.#count.filter((count) => count > 0);
    const column = (values: PackedTrack['min'], weights?: Float64Array) =>
      values === undefined ? undefined : unpackColumn(values, used.length, weights);
    this.#columns = {
      sum: column(packed.sum, used),
      min: column(packed.min),
      max: column(packed.max),
      last: column(packed.last),
    };
    if (packed.bins === undefined) return;
    const reader = new ColumnReader(packed.bins);
    this.#ranges = readRanges(reader);
    this.#rows = readRows(reader, this.#ranges.firstKeys.length, used);
  }

  /** The sum of the slots from `from` (inclusive) to `to` (exclusive). */
  between(from: number, to: number): SlotSum {
    const first = Math.min(Math.max(from, 0), this.#slots);
    const end = Math.min(Math.max(to, first), this.#slots);
    let count = 0;
    for (let slot = first; slot < end; slot++) count += this.#count[slot] ?? 0;
    if (count === 0) return NOTHING;
    const [fromPlace, toPlace] = [this.#place[first] ?? 0, this.#place[end] ?? 0];
    const { sum, min, max, last } = this.#columns;
    const part = (values: Float64Array | undefined) => values?.subarray(fromPlace, toPlace);
    return new SlotSum(
      count,
      part(sum)?.reduce((total, value) => total + value, 0) ?? 0,
      part(min)?.reduce((least, value) => Math.min(least, value)),
      part(max)?.reduce((most, value) => Math.max(most, value)),
      part(last)?.at(-1),
      this.#ranges,
      this.#amounts(fromPlace, toPlace),
    );
  }

  #amounts(fromPlace: number, toPlace: number): Float64Array | undefined {
    if (this.#rows === undefined || this.#ranges === undefined) return undefined;
    const amounts = new Float64Array(this.#ranges.firstKeys.length);
    const { ends, bins, counts } = this.#rows;
    const start = fromPlace === 0 ? 0 : (ends[fromPlace - 1] ?? 0);
    const end = toPlace === 0 ? 0 : (ends[toPlace - 1] ?? 0);
    for (let i = start; i < end; i++) {
      const bin = bins[i] ?? 0;
      amounts[bin] = (amounts[bin] ?? 0) + (counts[i] ?? 0);
    }
    return amounts;
  }
}

function readRanges(reader: ColumnReader): BinRange {
  const size = reader.read();
  const firstKeys = new Int32Array(size);
  const lastKeys = new Int32Array(size);
  let next = reader.readSigned();
  for (let bin = 0; bin < size; bin++) {
    firstKeys[bin] = next + reader.read();
    lastKeys[bin] = (firstKeys[bin] ?? 0) + reader.read();
    next = (lastKeys[bin] ?? 0) + 1;
  }
  return { firstKeys, lastKeys };
}

function readRows(reader: ColumnReader, size: number, used: Float64Array): BinRows {
  return reader.read() === SPARSE ? readSparse(reader, used.length) : readDense(reader, size, used);
}

function readSparse(reader: ColumnReader, places: number): BinRows {
  const ends = new Uint32Array(places);
  const bins: number[] = [];
  const counts: number[] = [];
  for (let place = 0; place < places; place++) {
    let bin = 0;
    for (let left = reader.read(); left > 0; left--) {
      bin += reader.read();
      bins.push(bin++);
      counts.push(reader.read() + 1);
    }
    ends[place] = bins.length;
  }
  return { ends, bins: Uint32Array.from(bins), counts: Float64Array.from(counts) };
}

function readDense(reader: ColumnReader, size: number, used: Float64Array): BinRows {
  const columns = Array.from({ length: size }, () => readShares(reader, used));
  const ends = new Uint32Array(used.length);
  const bins = new Uint32Array(size * used.length);
  const counts = new Float64Array(size * used.length);
  let end = 0;
  for (let place = 0; place < used.length; place++) {
    for (let bin = 0; bin < size; bin++) {
      const count = columns[bin]?.[place] ?? 0;
      if (count === 0) continue;
      bins[end] = bin;
      counts[end++] = count;
    }
    ends[place] = end;
  }
  return { ends, bins: bins.slice(0, end), counts: counts.slice(0, end) };
}

/** Forms of a track's histograms: for each slot only the bins with samples (sparse), or for each bin all slots (dense). */
export const SPARSE = 1;
export const DENSE = 0;
