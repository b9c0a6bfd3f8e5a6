// Adds up many sparse histograms into one, keys ascending.

import type { Bins } from '../../model/metrics.ts';
import { addBinBytes, FIRST_KEY, PAGE_BITS, PAGE_KEYS, type PageOf, readBins } from './histograms-bins.ts';

const PAGES = (1 << 21) >> PAGE_BITS;

/** Consecutive encoded histograms in one array: histogram i ends before byte ends[i]. */
export interface PackedRows {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly fromRow: number;
  /** Exclusive. */
  readonly toRow: number;
  /** The sum of these rows, cached once computed: a report needs the same sum for many filters. */
  merged: Bins | undefined;
}

/**
 * Up to this many rows are merged directly. Their bins are far apart, so scanning pages of counts would take several
 * times as long.
 */
const FEW_ROWS = 6;
/** From this many rows on, the sum is cached. */
const ROWS_WORTH_KEEPING = 16;

/**
 * Adds up sparse histograms in pages that are reused, so that the thousands of sums of a report allocate nothing. Call
 * the add methods any number of times, then drain(), which empties it.
 */
export class BinAccumulator {
  readonly #pages = new Array<Float64Array | undefined>(PAGES).fill(undefined);
  readonly #used = new Uint8Array(PAGES);
  #usedPages: number[] = [];
  #keys = new Int32Array(1024);
  #counts = new Float64Array(1024);
  /** A row being merged, and the result of the merge. */
  #rowKeys = new Int32Array(1024);
  #rowCounts = new Float64Array(1024);
  #sumKeys = new Int32Array(1024);
  #sumCounts = new Float64Array(1024);

  readonly #pageOf: PageOf = (number) => (this.#used[number] === 1 ? this.#pages[number] : this.#open(number));

  add({ keys, counts }: Bins): void {
    for (let i = 0; i < keys.length; i++) {
      const place = (keys[i] ?? 0) - FIRST_KEY;
      const number = place >> PAGE_BITS;
      const page = this.#pageOf(number);
      if (page === undefined) continue;
      const slot = place & (PAGE_KEYS - 1);
      page[slot] = (page[slot] ?? 0) + (counts[i] ?? 0);
    }
  }

  /** Decodes the first of the rows, into views that the next use overwrites. */
  unpackRow({ bytes, ends, fromRow }: PackedRows): Bins {
    const start = fromRow === 0 ? 0 : (ends[fromRow - 1] ?? 0);
    const end = ends[fromRow] ?? start;
    this.#reserve(end - start);
    const size = readBins(bytes, start, end, this.#keys, this.#counts);
    return { keys: this.#keys.subarray(0, size), counts: this.#counts.subarray(0, size) };
  }

  /** Adds up a few rows of one histogram each, into views that the next use overwrites. */
  mergeRows(rows: readonly PackedRows[]): Bins {
    let size = 0;
    for (const { bytes, ends, fromRow } of rows) {
      const start = fromRow === 0 ? 0 : (ends[fromRow - 1] ?? 0);
      const end = ends[fromRow] ?? start;
      this.#reserveSums(size + end - start);
      const more = readBins(bytes, start, end, this.#rowKeys, this.#rowCounts);
      size = this.#mergeRow(size, more);
    }
    return { keys: this.#keys.subarray(0, size), counts: this.#counts.subarray(0, size) };
  }

  /** Merges `more` bins of the row with the first `size` bins; returns the new number of bins. */
  #mergeRow(size: number, more: number): number {
    const [keys, counts, rowKeys, rowCounts] = [this.#keys, this.#counts, this.#rowKeys, this.#rowCounts];
    const [sumKeys, sumCounts] = [this.#sumKeys, this.#sumCounts];
    let [i, j, sum] = [0, 0, 0];
    while (i < size && j < more) {
      const [key, rowKey] = [keys[i] ?? 0, rowKeys[j] ?? 0];
      sumKeys[sum] = key < rowKey ? key : rowKey;
      let count = 0;
      if (key <= rowKey) count += counts[i++] ?? 0;
      if (rowKey <= key) count += rowCounts[j++] ?? 0;
      sumCounts[sum++] = count;
    }
    for (; i < size; i++) {
      sumKeys[sum] = keys[i] ?? 0;
      sumCounts[sum++] = counts[i] ?? 0;
    }
    for (; j < more; j++) {
      sumKeys[sum] = rowKeys[j] ?? 0;
      sumCounts[sum++] = rowCounts[j] ?? 0;
    }
    this.#keys = sumKeys;
    this.#counts = sumCounts;
    this.#sumKeys = keys;
    this.#sumCounts = counts;
    return sum;
  }

  #reserveSums(bins: number): void {
    if (this.#sumKeys.length < bins) {
      this.#sumKeys = new Int32Array(bins * 2);
      this.#sumCounts = new Float64Array(bins * 2);
    }
    if (this.#rowKeys.length >= bins) return;
    this.#rowKeys = new Int32Array(bins * 2);
    this.#rowCounts = new Float64Array(bins * 2);
  }

  /** Adds every histogram of the rows. */
  addRows({ bytes, ends, fromRow, toRow }: PackedRows): void {
    let start = fromRow === 0 ? 0 : (ends[fromRow - 1] ?? 0);
    for (let row = fromRow; row < toRow; row++) {
      const end = ends[row] ?? start;
      addBinBytes(bytes, start, end, this.#pageOf);
      start = end;
    }
  }

  /** Returns the sum as views that the next use overwrites, and empties the accumulator. */
  drain(): Bins {
    const pages = this.#usedPages.sort((a, b) => a - b);
    this.#reserve(pages.length * PAGE_KEYS);
    let size = 0;
    for (const number of pages) {
      const page = this.#pages[number];
      this.#used[number] = 0;
      if (page === undefined) continue;
      const firstKey = FIRST_KEY + number * PAGE_KEYS;
      for (let slot = 0; slot < PAGE_KEYS; slot++) {
        const count = page[slot] ?? 0;
        if (count === 0) continue;
        this.#keys[size] = firstKey + slot;
        this.#counts[size++] = count;
      }
      page.fill(0);
    }
    this.#usedPages = [];
    return { keys: this.#keys.subarray(0, size), counts: this.#counts.subarray(0, size) };
  }

  #open(number: number): Float64Array | undefined {
    if (number < 0 || number >= PAGES) return undefined;
    this.#used[number] = 1;
    this.#usedPages.push(number);
    const page = this.#pages[number] ?? new Float64Array(PAGE_KEYS);
    this.#pages[number] = page;
    return page;
  }

  #reserve(bins: number): void {
    if (this.#keys.length >= bins) return;
    this.#keys = new Int32Array(bins * 2);
    this.#counts = new Float64Array(bins * 2);
  }
}

/**
 * Shared by all: every use ends with drain() before the next one can begin, because nothing in between is asynchronous.
 */
export const binAccumulator = new BinAccumulator();

/** Adds up rows and bins. The result is a view that the accumulator's next use overwrites. */
export function sumOfBins(rows: readonly PackedRows[], bins: readonly Bins[]): Bins {
  const [only] = rows;
  // One interval of one series, tens of thousands of times per report: nothing to add up.
  if (only !== undefined && rows.length === 1 && bins.length === 0 && only.toRow === only.fromRow + 1) {
    return binAccumulator.unpackRow(only);
  }
  if (rows.length <= FEW_ROWS && bins.length === 0 && rows.every(isOneRow)) return binAccumulator.mergeRows(rows);
  for (const each of rows) {
    if (each.merged !== undefined || each.toRow - each.fromRow < ROWS_WORTH_KEEPING) continue;
    binAccumulator.addRows(each);
    each.merged = copyOfBins(binAccumulator.drain());
  }
  for (const each of rows) {
    if (each.merged === undefined) binAccumulator.addRows(each);
    else binAccumulator.add(each.merged);
  }
  for (const each of bins) binAccumulator.add(each);
  return binAccumulator.drain();
}

function isOneRow({ fromRow, toRow }: PackedRows): boolean {
  return toRow === fromRow + 1;
}

/** An independent copy. */
export function copyOfBins({ keys, counts }: Bins): Bins {
  return { keys: keys.slice(), counts: counts.slice() };
}
