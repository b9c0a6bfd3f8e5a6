// Bins that stay encoded as long as nobody asks for their keys or counts: a copy of their own, or the bytes that a reader is at.

import type { Bins } from '../model/metrics.ts';
import { BinBytes, checkBins, readBins } from './histograms-bins.ts';

const written = new BinBytes();

/** Bins as they came in a stream, checked: read when somebody asks for their keys or counts. */
export class EncodedBins implements Bins {
  #read: Bins | undefined;

  constructor(readonly encoded: Uint8Array) {}

  get keys(): Int32Array {
    return this.#readOnce().keys;
  }

  get counts(): Float64Array {
    return this.#readOnce().counts;
  }

  #readOnce(): Bins {
    this.#read ??= decodeBinBytes(this.encoded, 0, this.encoded.length);
    return this.#read;
  }
}

/** Bins that are still those bytes of the stream which its reader is at: code that keeps them for longer than a call makes a copy. */
export class BorrowedBins implements Bins {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;

  get keys(): Int32Array {
    return this.kept().keys;
  }

  get counts(): Float64Array {
    return this.kept().counts;
  }

  /** A copy that stays as it is. */
  kept(): EncodedBins {
    // Not slice(): that of a Buffer is a view.
    return new EncodedBins(Uint8Array.prototype.slice.call(this.bytes, this.start, this.end));
  }
}

/** The window with bins of its own, for those that keep it beyond the call. */
export function keepable<W extends { readonly bins?: Bins }>(window: W): W {
  return window.bins instanceof BorrowedBins ? { ...window, bins: window.bins.kept() } : window;
}

/** What the bins take in memory. */
export function bytesOfBins(bins: Bins): number {
  return bins instanceof EncodedBins ? bins.encoded.byteLength : bins.keys.byteLength + bins.counts.byteLength;
}

/**
 * The bins as bytes, none for none: a view that the next call overwrites, unless the bins are encoded already. Keys must ascend and counts be
 * positive integers; throws an Error where they are not.
 */
export function encodeBinBytes(bins: Bins): Uint8Array {
  if (bins instanceof EncodedBins) return bins.encoded;
  if (bins instanceof BorrowedBins) return bins.bytes.subarray(bins.start, bins.end);
  const end = written.encode(bins.keys, bins.counts, bins.keys.length);
  return written.bytes.subarray(0, end);
}

let readKeys = new Int32Array(4096);
let readCounts = new Float64Array(4096);

/** Makes room for what the bytes may hold: at most a bin a byte. */
function reserve(bytes: number): void {
  if (readKeys.length >= bytes) return;
  readKeys = new Int32Array(2 * bytes);
  readCounts = new Float64Array(2 * bytes);
}

/**
 * Reads bins from the bytes from start to end. `expectedCount` is what their counts must add up to, where it is known.
 * Throws an Error where the bytes are no bins.
 */
export function decodeBinBytes(bytes: Uint8Array, start: number, end: number, expectedCount?: number): Bins {
  reserve(end - start);
  const size = readBins(bytes, start, end, readKeys, readCounts, expectedCount);
  return { keys: readKeys.slice(0, size), counts: readCounts.slice(0, size) };
}

/** The same checks, but the bins stay encoded, in a copy of the bytes. */
export function checkBinBytes(bytes: Uint8Array, start: number, end: number, expectedCount?: number): EncodedBins {
  checkBins(bytes, start, end, expectedCount);
  // Not slice(): that of a Buffer is a view.
  return new EncodedBins(Uint8Array.prototype.slice.call(bytes, start, end));
}
