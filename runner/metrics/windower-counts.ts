// Histogram keys of one series in one window go in, one at a time; its sparse histogram comes out.

import type { Bins } from '../model/metrics.ts';

/** A sixteenth of a power of two: the keys of one latency hump fill some ten pages of 128 bytes. */
const PAGE_BITS = 5;
const PAGE_KEYS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_KEYS - 1;
const FIRST_CAPACITY = 4;
const NO_PAGE = -0x80000000;

/**
 * Counts per key, in pages of neighbouring keys that one array holds in order of arrival; an open-addressed table, at most
 * half full, gives where a page begins. Small for a series with one sample a second; for a busy one the counts that are
 * touched again and again lie close together, and few pages are to be sorted at the end instead of many keys.
 */
export class KeyCounts {
  #counts = new Uint32Array(PAGE_KEYS);
  #pageCount = 0;
  /** Page number and where its counts begin, by turns. */
  #table = new Int32Array(FIRST_CAPACITY * 2).fill(NO_PAGE);
  #mask = FIRST_CAPACITY - 1;

  /** Counts one sample under its key. */
  add(key: number): void {
    const page = key >> PAGE_BITS;
    const place = this.#find(page);
    const begin = this.#table[place] === page ? (this.#table[place + 1] ?? 0) : this.#newPage(page);
    const counts = this.#counts;
    const at = begin + (key & PAGE_MASK);
    counts[at] = (counts[at] ?? 0) + 1;
  }

  /** The counts as a sparse histogram, keys ascending. */
  toBins(): Bins {
    const keys = new Int32Array(this.#counts.length);
    const counts = new Float64Array(this.#counts.length);
    let size = 0;
    for (const page of this.#table.filter((entry, i) => i % 2 === 0 && entry !== NO_PAGE).sort()) {
      const begin = this.#table[this.#find(page) + 1] ?? 0;
      for (let slot = 0; slot < PAGE_KEYS; slot++) {
        const count = this.#counts[begin + slot] ?? 0;
        if (count === 0) continue;
        keys[size] = (page << PAGE_BITS) + slot;
        counts[size++] = count;
      }
    }
    return { keys: keys.slice(0, size), counts: counts.slice(0, size) };
  }

  /** The place in the table that holds the page, or the empty one where it belongs. */
  #find(page: number): number {
    const table = this.#table;
    const mask = this.#mask;
    let slot = page & mask;
    for (;;) {
      const found = table[slot * 2];
      if (found === page || found === NO_PAGE) return slot * 2;
      slot = (slot + 1) & mask;
    }
  }

  /** Makes room for a page and returns where its counts begin. */
  #newPage(page: number): number {
    const begin = this.#pageCount++ * PAGE_KEYS;
    if (begin === this.#counts.length) {
      const counts = new Uint32Array(begin * 2);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    if (this.#pageCount * 2 > this.#mask + 1) this.#growTable();
    const place = this.#find(page);
    this.#table[place] = page;
    this.#table[place + 1] = begin;
    return begin;
  }

  #growTable(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2).fill(NO_PAGE);
    this.#mask = old.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      const page = old[i] ?? NO_PAGE;
      if (page === NO_PAGE) continue;
      const place = this.#find(page);
      this.#table[place] = page;
      this.#table[place + 1] = old[i + 1] ?? 0;
    }
  }
}
