// Numbers of a track become printable characters and are read back; the same on both sides of a page, so no Node in here.
//
// 92 characters are worth 0 to 91: '#' to '~' in the order of ASCII, '!' in the place of '\', so that JSON escapes none. A
// whole number is written base 46, low digits first, each digit but the last plus 46; a signed one as 2n for n >= 0 and
// -2n-1 for n < 0. The page's data is deflated, so what counts is that small numbers are frequent: each is written as its
// distance from what the numbers before it, or its share of a total, let expect.

import type { PackedColumn } from './model.ts';

const BASE = 46;
const FIRST = 0x23;
const BACKSLASH = 0x5c;
const BACKSLASH_SIGN = 0x21;
/** Signed numbers double, and must stay whole. */
const GREATEST = 2 ** 51;

const SYMBOLS = Array.from({ length: 2 * BASE }, (_, worth) =>
  String.fromCharCode(FIRST + worth === BACKSLASH ? BACKSLASH_SIGN : FIRST + worth),
);

/** Collects the text of numbers. */
export class ColumnWriter {
  text = '';

  /** A whole number from 0 up. */
  write(value: number): void {
    let rest = value;
    while (rest >= BASE) {
      this.text += SYMBOLS[BASE + (rest % BASE)] ?? '';
      rest = Math.floor(rest / BASE);
    }
    this.text += SYMBOLS[rest] ?? '';
  }

  writeSigned(value: number): void {
    this.write(value < 0 ? -2 * value - 1 : 2 * value);
  }
}

/** Reads what a ColumnWriter wrote; the text is the page's own and trusted. Beyond its end: zeros. */
export class ColumnReader {
  #at = 0;

  constructor(private readonly text: string) {}

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

  readSigned(): number {
    const value = this.read();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}

/** Whole numbers, each as its distance from the one before. */
export function writeSteps(writer: ColumnWriter, values: ArrayLike<number>): void {
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    writer.writeSigned(value - before);
    before = value;
  }
}

export function readSteps(reader: ColumnReader, size: number): Float64Array {
  const values = new Float64Array(size);
  let value = 0;
  for (let i = 0; i < size; i++) {
    value += reader.readSigned();
    values[i] = value;
  }
  return values;
}

/** Whole numbers, each as its distance from the share of their total that its weight lets expect. */
export function writeShares(writer: ColumnWriter, values: ArrayLike<number>, weights: ArrayLike<number>): void {
  const total = sumOf(values);
  const all = sumOf(weights);
  writer.writeSigned(total);
  for (let i = 0; i < values.length; i++) writer.writeSigned((values[i] ?? 0) - expected(total, all, weights[i] ?? 0));
}

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

/** Relative precision of numbers that are not whole: a millionth, a thousandth of what three digits show. */
const DIGITS = 6;

/**
 * Any finite numbers: whole ones exactly, others within a millionth. With `weights` they are taken to be shares of a total (the
 * sums of slots with so many samples), else to resemble their neighbours.
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

/** Undoes packColumn(): `size` numbers, with the same weights. */
export function unpackColumn(packed: PackedColumn, size: number, weights?: ArrayLike<number>): Float64Array {
  if (typeof packed !== 'string') return Float64Array.from(packed);
  const reader = new ColumnReader(packed);
  const exponent = reader.readSigned();
  const whole = weights === undefined ? readSteps(reader, size) : readShares(reader, weights);
  return exponent === 0 ? whole : whole.map((value) => unscaled(value, -exponent));
}

/** The power of ten that the numbers become whole multiples of; undefined where those would be too large. */
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

/** value * 10^places, whole. Powers with a negative exponent are no doubles, so it is divided where it can be. */
function scaled(value: number, places: number): number {
  return Math.round(places >= 0 ? value * 10 ** places : value / 10 ** -places);
}

function unscaled(value: number, places: number): number {
  return places >= 0 ? value / 10 ** places : value * 10 ** -places;
}
