// Encodes a sparse histogram as printable characters, usually one per bin, and decodes it. This is the format in the
// histograms stream and in memory: an interval of 600 samples has some 450 bins, which take half a KB instead of six.
//
// The alphabet has 92 characters worth 0 to 91: '#' to '~' in ASCII order, with '!' in place of '\', so that JSON
// escapes none. A number is written in base 46, low digits first, with 46 added to each digit but the last. The
// encoding starts with the number zigzag(first key): 2k for k >= 0 and -2k-1 for k < 0. Then each bin, keys ascending,
// is one character 7*gap + more, with gap = key - previous key - 1 (0 for the first bin) and more = count - 1. A gap of
// 12 or more is written as 12, a `more` of 6 or more as 6; the excess follows as numbers, the gap's first.

const FIRST_SYMBOL = 0x23;
const BACKSLASH = 0x5c;
const BACKSLASH_SIGN = 0x21;
const NUMBER_BASE = 46;
const MOST_GAP = 12;
const MOST_MORE = 6;
const GREATEST_KEY = 0x7fffffff;

/** A bin takes at most one character and two numbers of ten digits each: 46^10 > 2^53. */
const LONGEST_BIN = 21;
const NO_SYMBOL = 'Expected bins, found a character that is not of their alphabet, or their end';

const SYMBOLS = Uint8Array.from({ length: 2 * NUMBER_BASE }, (_, worth) => {
  const character = FIRST_SYMBOL + worth;
  return character === BACKSLASH ? BACKSLASH_SIGN : character;
});
/** Worth of each byte; -1 for bytes outside the alphabet. */
const WORTHS = new Int8Array(256).fill(-1);
for (const [worth, character] of SYMBOLS.entries()) WORTHS[character] = worth;

/** For bins of one character, by byte: distance to the previous key and count. 0 for all other bytes. */
const STEPS = new Uint8Array(256);
const COUNTS = new Uint8Array(256);
for (const [worth, character] of SYMBOLS.entries()) {
  const gap = Math.floor(worth / (MOST_MORE + 1));
  const more = worth % (MOST_MORE + 1);
  if (gap >= MOST_GAP || more >= MOST_MORE) continue;
  STEPS[character] = gap + 1;
  COUNTS[character] = more + 1;
}

/** An output buffer for encoded bins, enlarged on demand. */
export class BinBytes {
  bytes = new Uint8Array(4096);

  /**
   * Encodes the first `size` bins at the start of `bytes` and returns their end. Throws an Error unless keys ascend and
   * counts are positive integers.
   */
  encode(keys: Int32Array, counts: Float64Array, size: number): number {
    const first = keys[0];
    if (size === 0 || first === undefined) return 0;
    if (this.bytes.length < (size + 1) * LONGEST_BIN) this.bytes = new Uint8Array(2 * (size + 1) * LONGEST_BIN);
    const { bytes } = this;
    let at = writeNumber(bytes, 0, first < 0 ? -2 * first - 1 : 2 * first);
    let previous = first - 1;
    for (let i = 0; i < size; i++) {
      const key = keys[i] ?? 0;
      const gap = key - previous - 1;
      const more = (counts[i] ?? 0) - 1;
      if (gap < 0 || more < 0 || !Number.isSafeInteger(more)) {
        throw new Error(`Expected bins with ascending keys and positive whole counts, found ${key}: ${more + 1}`);
      }
      const worth = Math.min(gap, MOST_GAP) * (MOST_MORE + 1) + Math.min(more, MOST_MORE);
      bytes[at++] = SYMBOLS[worth] ?? 0;
      if (gap >= MOST_GAP) at = writeNumber(bytes, at, gap - MOST_GAP);
      if (more >= MOST_MORE) at = writeNumber(bytes, at, more - MOST_MORE);
      previous = key;
    }
    return at;
  }
}

function writeNumber(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= NUMBER_BASE) {
    bytes[at++] = SYMBOLS[NUMBER_BASE + (rest % NUMBER_BASE)] ?? 0;
    rest = Math.floor(rest / NUMBER_BASE);
  }
  bytes[at++] = SYMBOLS[rest] ?? 0;
  return at;
}

/**
 * Makes the checks of decodeBinBytes without storing anything: an archive of hours has a hundred million bins. Throws
 * an Error for invalid bins.
 */
export function checkBins(bytes: Uint8Array, start: number, end: number, expectedCount?: number): void {
  let total = 0;
  if (start < end) {
    const cursor = { bytes, at: start, end };
    let key = firstKeyOf(cursor) - 1;
    if (key < -GREATEST_KEY) throw new Error('Expected bins, found a key out of range');
    let { at } = cursor;
    do {
      const byte = bytes[at] ?? 0;
      const step = STEPS[byte] ?? 0;
      if (step !== 0) {
        key += step;
        total += COUNTS[byte] ?? 0;
        at++;
      } else {
        at = readLongBin(bytes, at, end);
        key += longStep;
        total += longCount;
      }
      if (key > GREATEST_KEY) throw new Error('Expected bins, found a key out of range');
    } while (at < end);
  }
  if (expectedCount !== undefined && total !== expectedCount) {
    throw new Error(`Expected bins of ${expectedCount} values, found ${total}`);
  }
}

function firstKeyOf(cursor: Cursor): number {
  const zigzag = readNumber(cursor);
  return zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
}

/** Decodes bins into arrays with room for `end - start` bins; returns their number. Throws as decodeBinBytes. */
export function readBins(
  bytes: Uint8Array,
  start: number,
  end: number,
  keys: Int32Array,
  counts: Float64Array,
  expectedCount?: number,
): number {
  const cursor = { bytes, at: start, end };
  let size = 0;
  let total = 0;
  if (start < end) {
    let key = firstKeyOf(cursor) - 1;
    if (key < -GREATEST_KEY) throw new Error('Expected bins, found a key out of range');
    let { at } = cursor;
    do {
      const byte = bytes[at] ?? 0;
      let step = STEPS[byte] ?? 0;
      let count = COUNTS[byte] ?? 0;
      at++;
      if (step === 0) {
        at = readLongBin(bytes, at - 1, end);
        step = longStep;
        count = longCount;
      }
      key += step;
      if (key > GREATEST_KEY) throw new Error('Expected bins, found a key out of range');
      keys[size] = key;
      counts[size] = count;
      total += count;
      size++;
    } while (at < end);
  }
  if (expectedCount !== undefined && total !== expectedCount) {
    throw new Error(`Expected bins of ${expectedCount} values, found ${total}`);
  }
  return size;
}

/** Keys range from -2^20 to 2^20 - 1: 11 bits of exponent and 9 of mantissa, for either sign. */
export const FIRST_KEY = -(1 << 20);
export const PAGE_BITS = 7;
export const PAGE_KEYS = 1 << PAGE_BITS;

/**
 * Returns the page of counts for the keys from FIRST_KEY + number * PAGE_KEYS; undefined if that is beyond all keys.
 */
export type PageOf = (number: number) => Float64Array | undefined;

/** Adds encoded bins to pages of counts. The bytes from start to end must have been checked before. */
export function addBinBytes(bytes: Uint8Array, start: number, end: number, pageOf: PageOf): void {
  if (start >= end) return;
  const cursor = { bytes, at: start, end };
  let place = firstKeyOf(cursor) - 1 - FIRST_KEY;
  let { at } = cursor;
  let number = -1;
  let page: Float64Array | undefined;
  do {
    const byte = bytes[at] ?? 0;
    let step = STEPS[byte] ?? 0;
    let count = COUNTS[byte] ?? 0;
    at++;
    if (step === 0) {
      at = readLongBin(bytes, at - 1, end);
      step = longStep;
      count = longCount;
    }
    place += step;
    if (place >> PAGE_BITS !== number) {
      number = place >> PAGE_BITS;
      page = pageOf(number);
    }
    if (page === undefined) continue;
    const slot = place & (PAGE_KEYS - 1);
    page[slot] = (page[slot] ?? 0) + count;
  } while (at < end);
}

/**
 * Adds encoded bins to the first `size` elements of `counts`, the first of which is for `firstKey`. Keys outside count
 * at the ends.
 */
export function addBinsTo(
  bytes: Uint8Array,
  start: number,
  end: number,
  counts: Float64Array,
  firstKey: number,
  size: number,
): void {
  if (start >= end) return;
  const cursor = { bytes, at: start, end };
  let slot = firstKeyOf(cursor) - 1 - firstKey;
  let { at } = cursor;
  do {
    const byte = bytes[at] ?? 0;
    let step = STEPS[byte] ?? 0;
    let count = COUNTS[byte] ?? 0;
    at++;
    if (step === 0) {
      at = readLongBin(bytes, at - 1, end);
      step = longStep;
      count = longCount;
    }
    slot += step;
    const inside = slot < 0 ? 0 : slot < size ? slot : size - 1;
    counts[inside] = (counts[inside] ?? 0) + count;
  } while (at < end);
}

/** The key of the bin at `rank` (0 = lowest value); undefined if the bins hold fewer values. */
export function keyAtRank(bytes: Uint8Array, start: number, end: number, rank: number): number | undefined {
  if (start >= end) return undefined;
  const cursor = { bytes, at: start, end };
  let key = firstKeyOf(cursor) - 1;
  let { at } = cursor;
  let seen = 0;
  do {
    const byte = bytes[at] ?? 0;
    let step = STEPS[byte] ?? 0;
    let count = COUNTS[byte] ?? 0;
    at++;
    if (step === 0) {
      at = readLongBin(bytes, at - 1, end);
      step = longStep;
      count = longCount;
    }
    key += step;
    seen += count;
  } while (seen <= rank && at < end);
  return seen > rank ? key : undefined;
}

/**
 * The last bin that readLongBin() read. Module variables, because an object per bin would cost more than the decoding.
 */
let longStep = 0;
let longCount = 0;
let longNumber = 0;

/** Reads a bin of several bytes into longStep and longCount; returns its end. */
function readLongBin(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const worth = at < end ? (WORTHS[bytes[at++] ?? 0] ?? -1) : -1;
  if (worth < 0) throw new Error(NO_SYMBOL);
  const gap = (worth / (MOST_MORE + 1)) | 0;
  const more = worth - gap * (MOST_MORE + 1);
  longStep = 1 + gap;
  longCount = 1 + more;
  if (gap === MOST_GAP) {
    at = readMore(bytes, at, end);
    longStep += longNumber;
  }
  if (more === MOST_MORE) {
    at = readMore(bytes, at, end);
    longCount += longNumber;
  }
  return at;
}

/** Reads a number into longNumber; returns its end. Nearly all numbers have one digit. */
function readMore(bytes: Uint8Array, start: number, end: number): number {
  const digit = start < end ? (WORTHS[bytes[start] ?? 0] ?? -1) : -1;
  if (digit >= 0 && digit < NUMBER_BASE) {
    longNumber = digit;
    return start + 1;
  }
  const cursor = { bytes, at: start, end };
  longNumber = readNumber(cursor);
  return cursor.at;
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

function readSymbol(cursor: Cursor): number {
  const worth = cursor.at < cursor.end ? (WORTHS[cursor.bytes[cursor.at] ?? 0] ?? -1) : -1;
  if (worth < 0) throw new Error(NO_SYMBOL);
  cursor.at++;
  return worth;
}

function readNumber(cursor: Cursor): number {
  let value = 0;
  for (let factor = 1; ; factor *= NUMBER_BASE) {
    const digit = readSymbol(cursor);
    value += (digit % NUMBER_BASE) * factor;
    if (!Number.isSafeInteger(value)) throw new Error('Expected bins, found a number beyond 2^53');
    if (digit < NUMBER_BASE) return value;
    if (factor > Number.MAX_SAFE_INTEGER) throw new Error('Expected bins, found a number without an end');
  }
}
