// Sparse histograms become bytes, about one a bin, and come back. This is how they lie in memory; the windows stream writes
// them as printable characters instead.
//
//   first key as zigzag LEB128, then for each bin, keys ascending, one byte gggggccc
//   ggggg  key - previous key - 1 (for the first bin 0); 31 = 31 + the LEB128 that follows
//   ccc    count - 1; 7 = 7 + the LEB128 that follows (after that of the gap)
//
// An interval of 600 samples holds some 400 bins: 4.8 KB as arrays of keys and counts, 0.4 KB like this.

import type { Bins } from './model.ts';

const LONG_GAP = 31;
const LONG_COUNT = 7;
/** Head byte, gap of at most 2^21 (3 bytes), count of at most 2^53 (8 bytes), rounded up. */
const MOST_BYTES_PER_BIN = 16;

let scratch = new Uint8Array(1 << 16);

/** Packs the bins and returns a view of the bytes that the next call overwrites; empty bins are no bytes. */
export function packBins({ keys, counts }: Bins, size = keys.length): Uint8Array {
  if (size === 0) return scratch.subarray(0, 0);
  const needed = (size + 1) * MOST_BYTES_PER_BIN;
  if (scratch.length < needed) scratch = new Uint8Array(needed * 2);
  const bytes = scratch;
  const firstKey = keys[0] ?? 0;
  let at = putVarint(bytes, 0, firstKey >= 0 ? firstKey * 2 : -firstKey * 2 - 1);
  let previous = firstKey - 1;
  for (let i = 0; i < size; i++) {
    const key = keys[i] ?? 0;
    const gap = key - previous - 1;
    const more = (counts[i] ?? 1) - 1;
    previous = key;
    bytes[at++] = (Math.min(gap, LONG_GAP) << 3) | Math.min(more, LONG_COUNT);
    if (gap >= LONG_GAP) at = putVarint(bytes, at, gap - LONG_GAP);
    if (more >= LONG_COUNT) at = putVarint(bytes, at, more - LONG_COUNT);
  }
  return bytes.subarray(0, at);
}

function putVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  // Division, not shifts: a count may exceed 32 bits.
  while (rest >= 128) {
    bytes[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}

let position = 0;

function takeVarint(bytes: Uint8Array): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[position++] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}

/**
 * Unpacks what packBins made, bytes from `start` to `end`, into the two arrays and returns the number of bins. The arrays
 * must have room for `end - start` bins.
 */
export function unpackBins(
  bytes: Uint8Array,
  start: number,
  end: number,
  keys: Int32Array,
  counts: Float64Array,
): number {
  if (start >= end) return 0;
  position = start;
  const zigzag = takeVarint(bytes);
  let key = (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2) - 1;
  let size = 0;
  let at = position;
  while (at < end) {
    const head = bytes[at++] ?? 0;
    let gap = head >>> 3;
    let more = head & 7;
    if (gap === LONG_GAP || more === LONG_COUNT) {
      position = at;
      if (gap === LONG_GAP) gap += takeVarint(bytes);
      if (more === LONG_COUNT) more += takeVarint(bytes);
      at = position;
    }
    key += gap + 1;
    keys[size] = key;
    counts[size++] = more + 1;
  }
  return size;
}
