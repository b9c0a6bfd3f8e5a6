// Histogram keys of one series in one window go in, one at a time; its sparse histogram comes out.

import type { Bins } from './model.ts';

const EMPTY = -0x80000000;
const FIRST_CAPACITY = 16;

/**
 * Counts per key in an open-addressed table that is at most half full. A window of a series touches tens to hundreds of the two million keys, so
 * this is small for a series with one sample a second and still one probe per sample for a busy one.
 */
export class KeyCounts {
  /** Key and count by turns: a probe touches one cache line. */
  #table = new Int32Array(FIRST_CAPACITY * 2).fill(EMPTY);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;

  /** Counts one sample under its key. */
  add(key: number): void {
    const table = this.#table;
    const at = this.#find(key);
    if (table[at] === EMPTY) this.#insert(key);
    else table[at + 1] = (table[at + 1] ?? 0) + 1;
  }

  /** The counts as a sparse histogram, keys ascending. */
  toBins(): Bins {
    const keys = new Int32Array(this.#size);
    for (let at = 0, i = 0; at < this.#table.length; at += 2) {
      const key = this.#table[at] ?? EMPTY;
      if (key !== EMPTY) keys[i++] = key;
    }
    keys.sort();
    const counts = new Float64Array(this.#size);
    for (let i = 0; i < keys.length; i++) counts[i] = this.#table[this.#find(keys[i] ?? 0) + 1] ?? 0;
    return { keys, counts };
  }

  /** The place that holds `key`, or the empty one where it belongs. */
  #find(key: number): number {
    const table = this.#table;
    // Neighbouring keys are usual; the golden ratio spreads them over the table.
    let slot = (Math.imul(key, 0x9e3779b1) >>> 12) & this.#mask;
    for (;;) {
      const found = table[slot * 2];
      if (found === key || found === EMPTY) return slot * 2;
      slot = (slot + 1) & this.#mask;
    }
  }

  #insert(key: number): void {
    const at = this.#find(key);
    this.#table[at] = key;
    this.#table[at + 1] = 1;
    this.#size++;
    if (this.#size * 2 > this.#mask) this.#grow();
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2).fill(EMPTY);
    this.#mask = old.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      const key = old[i] ?? EMPTY;
      if (key === EMPTY) continue;
      const at = this.#find(key);
      this.#table[at] = key;
      this.#table[at + 1] = old[i + 1] ?? 0;
    }
  }
}
