// Reads a data line, [n,series,window,count,…], from bytes. Not by JSON.parse: an archive of eight hours has half a
// million of them.

import type { Bins } from '../../model/metrics.ts';
import { checkBins } from '../buckets/histograms-bins.ts';
import { BorrowedBins, checkBinBytes, decodeBinBytes } from '../buckets/kept-bins.ts';

/** The content of a data line; parseDataLine overwrites it. */
export interface DataLine {
  seq: number;
  series: number;
  window: number;
  count: number;
  /** The figures after the count; only the first `size` are valid. */
  readonly figures: Float64Array;
  size: number;
  bins: Bins | undefined;
  readonly borrowed: BorrowedBins;
}

/**
 * How a line's bins are returned: decoded; encoded (checked and copied); or borrowed (only checked, valid during the
 * call of the sink).
 */
export type GivenBins = 'decoded' | 'encoded' | 'borrowed';

const MOST_FIGURES = 4;

/** An empty line to pass to parseDataLine. */
export function emptyDataLine(): DataLine {
  return {
    seq: 0,
    series: 0,
    window: 0,
    count: 0,
    figures: new Float64Array(MOST_FIGURES),
    size: 0,
    bins: undefined,
    borrowed: new BorrowedBins(),
  };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** True if the second element may be a number, as in every data line. */
export function looksLikeData(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== OPEN) return false;
  let comma = start + 1;
  while (comma < end && bytes[comma] !== COMMA) comma++;
  const next = comma + 1 < end ? (bytes[comma + 1] ?? 0) : 0;
  return next >= ZERO && next <= ZERO + 9;
}

/**
 * Reads the line in the bytes from start to end, without its line end, into `line`. Returns false if the line is not
 * exactly as the writers write it: no spaces, whole numbers where required, finite ones elsewhere, bins that add up to
 * the count.
 */
export function parseDataLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  line: DataLine,
  given: GivenBins = 'decoded',
): boolean {
  if (bytes[start] !== OPEN || bytes[end - 1] !== CLOSE) return false;
  const last = end - 1;
  let element = 0;
  let at = start + 1;
  line.size = 0;
  line.bins = undefined;
  while (at < last) {
    if (bytes[at] === QUOTE) {
      if (element < 4 || bytes[last - 1] !== QUOTE || last - 1 === at) return false;
      try {
        line.bins = binsOf(bytes, at + 1, last - 1, line, given);
      } catch {
        return false;
      }
      return true;
    }
    let comma = at;
    let value = 0;
    // Fast path for numbers of up to 15 digits, read while searching for the comma.
    for (; comma < last; comma++) {
      const digit = (bytes[comma] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (comma === at || comma - at > 15 || (comma < last && bytes[comma] !== COMMA)) {
      while (comma < last && bytes[comma] !== COMMA) comma++;
      value = parseNumber(bytes, at, comma);
    }
    if (!Number.isFinite(value)) return false;
    if (element < 4) {
      if (!Number.isSafeInteger(value) || (value < 0 && element !== 2)) return false;
      if (element === 0) line.seq = value;
      else if (element === 1) line.series = value;
      else if (element === 2) line.window = value;
      else line.count = value;
    } else {
      if (line.size === MOST_FIGURES) return false;
      line.figures[line.size++] = value;
    }
    element++;
    at = comma + 1;
    if (at === last && comma < last) return false; // a comma before the bracket
  }
  return element > 4;
}

function binsOf(bytes: Uint8Array, start: number, end: number, { count, borrowed }: DataLine, given: GivenBins): Bins {
  if (given === 'decoded') return decodeBinBytes(bytes, start, end, count);
  if (given === 'encoded') return checkBinBytes(bytes, start, end, count);
  checkBins(bytes, start, end, count);
  borrowed.bytes = bytes;
  borrowed.start = start;
  borrowed.end = end;
  return borrowed;
}

/** The JSON number in the bytes; NaN if it is not one. */
function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const firstDigit = at;
  let mantissa = 0;
  let scale = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
    else if (bytes[at] === POINT && point < 0) point = at;
    else break;
  }
  if (point >= 0) scale = at - point - 1;
  // Both numbers are exact, so their quotient is the double nearest to the decimal number.
  const isPlain = at === end && at > firstDigit && point !== firstDigit && !(point >= 0 && scale === 0);
  if (isPlain && mantissa <= Number.MAX_SAFE_INTEGER && scale < POWERS.length) {
    const magnitude = scale === 0 ? mantissa : mantissa / (POWERS[scale] ?? 1);
    return bytes[start] === MINUS ? -magnitude : magnitude;
  }
  const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 400)));
  return JSON_NUMBER.test(text) ? Number(text) : Number.NaN;
}
