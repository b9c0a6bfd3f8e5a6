// Numbers of a track ↔ printable characters. Used in Node and in the browser.
//
// 92 characters stand for 0 to 91: '#' to '~' in ASCII order, with '!' instead of '\', so that JSON escapes none. A whole number is
// written in base 46, lowest digit first, with 46 added to each digit but the last; a signed number n as 2n for n >= 0 and -2n-1 for
// n < 0. The page's data is deflated, which works best if small numbers are frequent. So each number is written as its difference
// from an expected value: the previous number, or its share of a total.

import type { PackedColumn } from './model.ts';

const BASE = 46;
const FIRST = 0x23;
const BACKSLASH = 0x5c;
const BACKSLASH_SIGN = 0x21;
/** The greatest number that stays exact as a double when writeSigned() doubles it. */
const GREATEST = 2 ** 51;

const SYMBOLS = Array.from({ length: 2 * BASE }, (_, worth) =>
  String.fromCharCode(FIRST + worth === BACKSLASH ? BACKSLASH_SIGN : FIRST + worth),
);

/** Writes numbers as text. */
export class ColumnWriter {
  text = '';

  /** Writes a whole number of at least 0. */
  write(value: number): void {
    let rest = value;
    while (rest >= BASE) {
      this.text += SYMBOLS[BASE + (rest % BASE)] ?? '';
      rest = Math.floor(rest / BASE);
    }
    this.text += SYMBOLS[rest] ?? '';
  }

  /** Writes a whole number of any sign. */
  writeSigned(value: number): void {
    this.write(value < 0 ? -2 * value - 1 : 2 * value);
  }
}

/** Reads the numbers that a ColumnWriter wrote; 0 after the end of the text. The text is the page's own and trusted. */
export class ColumnReader {
  #at = 0;

  constructor(private readonly text: string) {}

  /** The next number that write() wrote. */
  read(): number {
    let value = 0;
    for (let factor = 1; this.#at < this.text.length; factor *= BASE) {
      const code = this.text.charCodeAt(this.#at++);
      const worth = (code === BACKSLASH_SIGN ? BACKSLASH : code) - FIRST;
      value += (worth % BASE) * factor;
      if (worth < BASE) break;
    }
    return value;
  }

  /** The next number that writeSigned() wrote. */
  readSigned(): number {
    const value = this.read();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}

/** Writes whole numbers, each as the difference from the previous one. */
export function writeSteps(writer: ColumnWriter, values: ArrayLike<number>): void {
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    writer.writeSigned(value - before);
    before = value;
  }
}

/** Reads `size` numbers that writeSteps() wrote. */
export function readSteps(reader: ColumnReader, size: number): Float64Array {
  const values = new Float64Array(size);
  let value = 0;
  for (let i = 0; i < size; i++) {
    value += reader.readSigned();
    values[i] = value;
  }
  return values;
}

/** Writes whole numbers, each as the difference from its expected value: its weight's share of the total. */
export function writeShares(writer: ColumnWriter, values: ArrayLike<number>, weights: ArrayLike<number>): void {
  const total = sumOf(values);
  const all = sumOf(weights);
  writer.writeSigned(total);
  for (let i = 0; i < values.length; i++) writer.writeSigned((values[i] ?? 0) - expected(total, all, weights[i] ?? 0));
}

/** Reads the numbers that writeShares() wrote with the same weights. */
export function readShares(reader: ColumnReader, weights: ArrayLike<number>): Float64Array {
  const total = reader.readSigned();
  const all = sumOf(weights);
  const values = new Float64Array(weights.length);
  for (let i = 0; i < values.length; i++) values[i] = reader.readSigned() + expected(total, all, weights[i] ?? 0);
  return values;
}

function expected(total: number, all: number, weight: number): number {
  return all === 0 ? 0 : Math.round((total * weight) / all);
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}

/** Numbers that are not whole are precise to a millionth; the page shows three digits. */
const DIGITS = 6;

/**
 * Packs finite numbers: whole ones exactly, others within a millionth. With `weights` they are written as shares of their total, which
 * suits the sums of slots with these numbers of samples; otherwise as differences from the previous one.
 */
export function packColumn(values: readonly number[], weights?: ArrayLike<number>): PackedColumn {
  const exponent = exponentOf(values);
  if (exponent === undefined) return values.map((value) => Number(value.toPrecision(9)));
  const whole = values.map((value) => scaled(value, -exponent));
  const writer = new ColumnWriter();
  writer.writeSigned(exponent);
  if (weights === undefined) writeSteps(writer, whole);
  else writeShares(writer, whole, weights);
  return writer.text;
}

/** The `size` numbers that packColumn() packed with the same weights. */
export function unpackColumn(packed: PackedColumn, size: number, weights?: ArrayLike<number>): Float64Array {
  if (typeof packed !== 'string') return Float64Array.from(packed);
  const reader = new ColumnReader(packed);
  const exponent = reader.readSigned();
  const whole = weights === undefined ? readSteps(reader, size) : readShares(reader, weights);
  return exponent === 0 ? whole : whole.map((value) => unscaled(value, -exponent));
}

/** The power of ten of which the numbers are written as whole multiples; undefined if the multiples would be too large. */
function exponentOf(values: readonly number[]): number | undefined {
  let least = Infinity;
  let total = 0;
  let areWhole = true;
  for (const value of values) {
    const size = Math.abs(value);
    total += size;
    if (size !== 0 && size < least) least = size;
    if (!Number.isInteger(value)) areWhole = false;
  }
  if (areWhole && total <= GREATEST) return 0;
  const exponent = Math.floor(Math.log10(least)) - DIGITS;
  return exponent > -300 && exponent < 300 && scaled(total, -exponent) <= GREATEST ? exponent : undefined;
}

/** value * 10^places, rounded. Negative powers of ten are not exact as doubles, so they become divisions. */
function scaled(value: number, places: number): number {
  return Math.round(places >= 0 ? value * 10 ** places : value / 10 ** -places);
}

function unscaled(value: number, places: number): number {
  return places >= 0 ? value / 10 ** places : value * 10 ** -places;
}
