// Bins that stay encoded until their keys or counts are read: as a copy, or as a view of the reader's buffer.

import type { Bins } from '../../model/metrics.ts';
import { BinBytes, checkBins, readBins } from './histograms-bins.ts';

const written = new BinBytes();

/** A copy of encoded bins, already checked, which is decoded on first use. */
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

/** Bins in the buffer of a reader, valid during one call. Code that keeps them longer must make a copy. */
export class BorrowedBins implements Bins {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;

  get keys(): Int32Array {
    return this.copy().keys;
  }

  get counts(): Float64Array {
    return this.copy().counts;
  }

  /** An independent copy. */
  copy(): EncodedBins {
    // Not slice(): on a Buffer it returns a view, not a copy.
    return new EncodedBins(Uint8Array.prototype.slice.call(this.bytes, this.start, this.end));
  }
}

/** A window that may be kept beyond the call: borrowed bins are copied. */
export function withOwnBins<W extends { readonly bins?: Bins }>(window: W): W {
  return window.bins instanceof BorrowedBins ? { ...window, bins: window.bins.copy() } : window;
}

/** Memory of the bins, bytes. */
export function bytesOfBins(bins: Bins): number {
  return bins instanceof EncodedBins ? bins.encoded.byteLength : bins.keys.byteLength + bins.counts.byteLength;
}

/**
 * Encodes bins; no bins give no bytes. The result is a view that the next call overwrites, unless the bins were encoded
 * already. Throws an Error unless keys ascend and counts are positive integers.
 */
export function encodeBinBytes(bins: Bins): Uint8Array {
  if (bins instanceof EncodedBins) return bins.encoded;
  if (bins instanceof BorrowedBins) return bins.bytes.subarray(bins.start, bins.end);
  const end = written.encode(bins.keys, bins.counts, bins.keys.length);
  return written.bytes.subarray(0, end);
}

let readKeys = new Int32Array(4096);
let readCounts = new Float64Array(4096);

/** Makes room for the bins of this many bytes: at most one per byte. */
function reserve(bytes: number): void {
  if (readKeys.length >= bytes) return;
  readKeys = new Int32Array(2 * bytes);
  readCounts = new Float64Array(2 * bytes);
}

/**
 * Decodes the bins in the bytes from start to end. `expectedCount`: the sum of their counts, if known. Throws an Error
 * if the bytes are not valid bins.
 */
export function decodeBinBytes(bytes: Uint8Array, start: number, end: number, expectedCount?: number): Bins {
  reserve(end - start);
  const size = readBins(bytes, start, end, readKeys, readCounts, expectedCount);
  return { keys: readKeys.slice(0, size), counts: readCounts.slice(0, size) };
}

/** Makes the same checks and returns a copy of the bytes, still encoded. */
export function checkBinBytes(bytes: Uint8Array, start: number, end: number, expectedCount?: number): EncodedBins {
  checkBins(bytes, start, end, expectedCount);
  // Not slice(): on a Buffer it returns a view, not a copy.
  return new EncodedBins(Uint8Array.prototype.slice.call(bytes, start, end));
}
