// Counts histogram keys of many windows at once and returns the sparse histogram of each.

/** A page is a sixteenth of a power of two (128 bytes): typical latencies of one series fill some ten pages. */
const PAGE_BITS = 5;
const PAGE_KEYS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_KEYS - 1;
const FIRST_CAPACITY = 4;
const NO_PAGE = -0x80000000;

/** Size of a chunk in integers, one cache line: the start of the previous chunk, then keys. */
const CHUNK = 16;
const CHUNK_MASK = CHUNK - 1;
/**
 * Up to this many chunks, keys are stored as they come: in a run with many series most windows hold few samples, and
 * pages would cost more.
 */
const MOST_CHUNKS = 4;
const FIRST_WINDOWS = 64;

/** A sparse histogram, overwritten by the next one: the first `size` keys, ascending, and their counts. */
export class BinScratch {
  keys = new Int32Array(256);
  counts = new Float64Array(256);
  size = 0;

  /** Makes room for this many bins. */
  reserve(bins: number): void {
    if (this.keys.length >= bins) return;
    this.keys = new Int32Array(bins);
    this.counts = new Float64Array(bins);
  }
}

/**
 * Counts by key and window: a window's first keys are stored as they come, more of them in pages. All windows share
 * arrays that clear() keeps, so a stream of millions of windows allocates nothing once it has reached its usual rate.
 */
export class KeyCounts {
  /** All chunks. The first one is unused, so that a place of 0 means none. */
  #chunks = new Int32Array(FIRST_WINDOWS * CHUNK);
  #end = CHUNK;
  /**
   * By window: the place of its next key (a multiple of CHUNK if its chunk is full), or -1 - i if it uses pages number
   * i.
   */
  #places = new Int32Array(FIRST_WINDOWS);
  #windows = 0;
  readonly #paged: PagedCounts[] = [];
  #pagedUsed = 0;

  /** Adds one sample's key to a window. Windows are numbered from 0. */
  add(window: number, key: number): void {
    let place = window < this.#windows ? (this.#places[window] ?? 0) : this.#open(window);
    if (place >= 0 && (place & CHUNK_MASK) === 0) place = this.#newChunk(window, place);
    if (place < 0) {
      this.#paged[-1 - place]?.add(key);
      return;
    }
    this.#chunks[place] = key;
    this.#places[window] = place + 1;
  }

  /** Writes the window's histogram to `into`. */
  read(window: number, into: BinScratch): void {
    const place = window < this.#windows ? (this.#places[window] ?? 0) : 0;
    if (place < 0) this.#paged[-1 - place]?.read(into);
    else this.#readChunks(place, into);
  }

  /** Drops all windows. */
  clear(): void {
    this.#places.fill(0, 0, this.#windows);
    this.#windows = 0;
    this.#end = CHUNK;
    for (let i = 0; i < this.#pagedUsed; i++) this.#paged[i]?.clear();
    this.#pagedUsed = 0;
  }

  #open(window: number): number {
    if (window >= this.#places.length) {
      const places = new Int32Array(Math.max(window + 1, this.#places.length * 2));
      places.set(this.#places);
      this.#places = places;
    }
    this.#windows = window + 1;
    return 0;
  }

  /** Returns the place of the window's next key. */
  #newChunk(window: number, place: number): number {
    let chunks = 0;
    for (let begin = place - CHUNK; begin > 0; begin = this.#chunks[begin] ?? 0) chunks++;
    if (chunks === MOST_CHUNKS) return this.#toPages(window, place);
    if (this.#end === this.#chunks.length) {
      const more = new Int32Array(this.#end * 2);
      more.set(this.#chunks);
      this.#chunks = more;
    }
    const begin = this.#end;
    this.#end += CHUNK;
    this.#chunks[begin] = place === 0 ? 0 : place - CHUNK;
    return begin + 1;
  }

  #toPages(window: number, place: number): number {
    const number = this.#pagedUsed++;
    const pages = this.#paged[number] ?? new PagedCounts();
    this.#paged[number] = pages;
    for (let begin = place - CHUNK; begin > 0; begin = this.#chunks[begin] ?? 0) {
      for (let at = begin + 1; at < begin + CHUNK; at++) pages.add(this.#chunks[at] ?? 0);
    }
    this.#places[window] = -1 - number;
    return -1 - number;
  }

  /** Uses insertion sort, because there are few keys. */
  #readChunks(place: number, into: BinScratch): void {
    const chunks = this.#chunks;
    const { keys, counts } = into;
    let found = 0;
    let end = place;
    for (let begin = (place - 1) & ~CHUNK_MASK; begin > 0; begin = chunks[begin] ?? 0) {
      for (let from = begin + 1; from < end; from++) {
        const key = chunks[from] ?? 0;
        let at = found++;
        for (; at > 0 && (keys[at - 1] ?? 0) > key; at--) keys[at] = keys[at - 1] ?? 0;
        keys[at] = key;
      }
      end = (chunks[begin] ?? 0) + CHUNK;
    }
    let size = 0;
    for (let i = 0; i < found; i++) {
      const key = keys[i] ?? 0;
      if (size > 0 && key === keys[size - 1]) {
        counts[size - 1] = (counts[size - 1] ?? 0) + 1;
        continue;
      }
      keys[size] = key;
      counts[size++] = 1;
    }
    into.size = size;
  }
}

/**
 * Counts by key, in pages of neighbouring keys that are stored in order of arrival. A hash table with open addressing,
 * at most half full, holds the start of each page. Frequently used counts are close together in memory, and sorting
 * pages is cheaper than sorting keys.
 */
class PagedCounts {
  #counts = new Uint32Array(PAGE_KEYS);
  #pageCount = 0;
  /** Alternating page number and the start of its counts. */
  #table = new Int32Array(FIRST_CAPACITY * 2).fill(NO_PAGE);
  #mask = FIRST_CAPACITY - 1;

  /** Adds one sample's key. */
  add(key: number): void {
    const page = key >> PAGE_BITS;
    const place = this.#find(page);
    const begin = this.#table[place] === page ? (this.#table[place + 1] ?? 0) : this.#newPage(page);
    const counts = this.#counts;
    const at = begin + (key & PAGE_MASK);
    counts[at] = (counts[at] ?? 0) + 1;
  }

  read(into: BinScratch): void {
    into.reserve(this.#pageCount * PAGE_KEYS);
    const { keys, counts } = into;
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
    into.size = size;
  }

  clear(): void {
    this.#counts.fill(0, 0, this.#pageCount * PAGE_KEYS);
    this.#table.fill(NO_PAGE);
    this.#pageCount = 0;
  }

  /** The table index of the page, or of the empty entry where it belongs. */
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

  /** Adds a page and returns the start of its counts. */
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
