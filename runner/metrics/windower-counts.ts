// Histogram keys of one series in one window go in, one at a time; its sparse histogram comes out.

import type { Bins } from '../model/metrics.ts';

/** A sixteenth of a power of two: the keys of one latency hump fill some ten pages of 128 bytes. */
const PAGE_BITS = 5;
const PAGE_KEYS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_KEYS - 1;
const FIRST_CAPACITY = 4;
/** Up to here the keys are kept as they are: most windows of a run with many series hold few samples, pages would cost more. */
const MOST_LOOSE_KEYS = 16;
const NO_PAGE = -0x80000000;

/** Counts per key: the first few keys as they came, more of them in pages. */
export class KeyCounts {
  readonly #loose: number[] = [];
  #paged: PagedCounts | undefined;

  /** Counts one sample under its key. */
  add(key: number): void {
    if (this.#paged !== undefined) this.#paged.add(key);
    else if (this.#loose.length < MOST_LOOSE_KEYS) this.#loose.push(key);
    else {
      this.#paged = new PagedCounts();
      for (const each of this.#loose) this.#paged.add(each);
      this.#paged.add(key);
    }
  }

  /** The counts as a sparse histogram, keys ascending. */
  toBins(): Bins {
    return this.#paged?.toBins() ?? binsOfKeys(this.#loose);
  }
}

/** Sorts `found` in place, by insertion: it is short. */
function binsOfKeys(found: number[]): Bins {
  let distinct = found.length === 0 ? 0 : 1;
  for (let i = 1; i < found.length; i++) {
    const key = found[i] ?? 0;
    let at = i;
    for (; at > 0 && (found[at - 1] ?? 0) > key; at--) found[at] = found[at - 1] ?? 0;
    found[at] = key;
  }
  for (let i = 1; i < found.length; i++) if (found[i] !== found[i - 1]) distinct++;
  const keys = new Int32Array(distinct);
  const counts = new Float64Array(distinct);
  let last = -1;
  for (let i = 0; i < found.length; i++) {
    const key = found[i] ?? 0;
    if (i === 0 || key !== found[i - 1]) keys[++last] = key;
    counts[last] = (counts[last] ?? 0) + 1;
  }
  return { keys, counts };
}

/**
 * Counts per key, in pages of neighbouring keys that one array holds in order of arrival; an open-addressed table, at most
 * half full, gives where a page begins. The counts that are
 * touched again and again lie close together, and few pages are to be sorted at the end instead of many keys.
 */
class PagedCounts {
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
