// The fast path of the samples reader: reads samples from bytes and stops at the first line that differs from k6's
// usual format, which samples-line.ts then parses.
//
//   {"metric":"http_req_duration","type":"Point","data":{"time":"2026-11-23T14:52:34.42136912Z","value":4.463197,"tags":{…}}}
//   └─────────── start of the metric's lines ────────────────┘ └─────────── time ───────────────┘└ value ┘└ tag block ┘
//
// (or `,"metadata":{…}` after the tag block)
//
// A request makes nine lines with the same time and tag block, and its metrics come in the same order as those of the
// previous request. So each part is first compared, as bytes, with what is most likely there, and parsed only if it
// differs.

import { isAt, MetadataBlock, Reference, type TagBlock, TagBlocks } from './samples-tagblocks.ts';
import { secondMsOf } from './samples-time.ts';
import type { OpenMetric, Windower } from './windower.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const BIG_Z = 90;
const CLOSING_BRACE = 125;

const NAME_AT = '{"metric":"'.length;
const SECOND_LENGTH = '2026-11-23T14:52:34'.length;
const SECOND = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const BEFORE_VALUE = new Reference(Buffer.from('","value":'));
/**
 * Integers of 15 digits and powers of ten up to 1e22 are exact doubles, so their quotient is the double nearest to the
 * decimal number.
 */
const EXACT_DIGITS = 15;
/** This many digits always fit a 32-bit integer. */
const INTEGER_DIGITS = 9;
const POWERS_OF_TEN = Float64Array.from({ length: INTEGER_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** A metric and the bytes that its lines begin with. */
class FastMetric {
  readonly start: Reference;
  /** The metric of the line that followed this metric's last line. */
  next: FastMetric | undefined;

  constructor(readonly metric: OpenMetric) {
    this.start = new Reference(
      Buffer.from(`{"metric":${JSON.stringify(metric.metric.name)},"type":"Point","data":{"time":"`),
    );
  }
}

/** Reads the lines of one stream that have k6's usual format. */
export class FastPath {
  /** Number of lines read so far. */
  lines = 0;
  readonly #windower: Windower;
  readonly #blocks: TagBlocks;
  /** By the hash of the name's bytes. If two metrics share a hash, the later one is always parsed the slow way. */
  readonly #metrics = new Map<number, FastMetric>();
  #metric: FastMetric | undefined;
  #block: TagBlock | undefined;
  readonly #metadata = new MetadataBlock();
  /** The bytes of the last time read, up to the value. */
  readonly #time = new Reference();
  #timeMs = 0;
  #timeNanos = 0;
  /** The last second read. It starts as NaNs, which equal nothing. */
  readonly #second = new Reference(Buffer.alloc(SECOND_LENGTH, 0xff));
  #secondMs = 0;
  /** End of the number that #number read. */
  #numberEnd = 0;

  constructor(windower: Windower) {
    this.#windower = windower;
    this.#blocks = new TagBlocks(windower);
  }

  /** Adds a declared metric, so that its lines are recognised. */
  learn(metric: OpenMetric): void {
    const fast = new FastMetric(metric);
    const name = Buffer.from(`${JSON.stringify(metric.metric.name).slice(1)}`);
    const hash = hashOfName(name, 0);
    if (!this.#metrics.has(hash)) this.#metrics.set(hash, fast);
  }

  /**
   * Reads usual lines from `from`. `to` is the place after a newline, and `view` shows the same bytes. Returns the
   * start of the first unusual line, or `to`.
   */
  read(view: DataView, bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const next = this.#line(view, bytes, at, to);
      if (next < 0) break;
      this.lines++;
      at = next;
    }
    return at;
  }

  /** Reads one line and returns the start of the next. For an unusual line returns -1 and counts nothing. */
  #line(view: DataView, bytes: Buffer, from: number, to: number): number {
    let metric = this.#metric?.next;
    if (metric === undefined || from + metric.start.length > to || !isAt(view, from, metric.start)) {
      metric = this.#metrics.get(hashOfName(bytes, from + NAME_AT));
      if (metric === undefined || from + metric.start.length > to || !isAt(view, from, metric.start)) return -1;
      if (this.#metric !== undefined) this.#metric.next = metric;
    }

    let at = from + metric.start.length;
    const time = this.#time;
    if (at + time.length <= to && isAt(view, at, time)) at += time.length;
    else at = this.#readTime(view, bytes, at, to);
    if (at < 0) return -1;

    const value = this.#number(bytes, at);
    at = this.#numberEnd;
    if (!Number.isFinite(value)) return -1;

    const last = this.#block;
    let block = last;
    if (block === undefined || at + block.length >= to || !isAt(view, at, block)) {
      block = last && this.#blocks.after(last);
      if (block === undefined || at + block.length >= to || !isAt(view, at, block)) {
        block = this.#blocks.find(view, bytes, at);
        if (block === undefined) return -1;
      }
      if (last !== undefined) last.nextSlot = block.slot;
    }
    at += block.length;
    if (bytes[at] === COMMA) at = this.#metadata.skip(view, bytes, at, to);
    if (at < 0 || bytes[at] !== CLOSING_BRACE || bytes[at + 1] !== CLOSING_BRACE) return -1;
    at += 2;
    if (bytes[at] === CARRIAGE_RETURN) at++;
    if (bytes[at] !== NEWLINE) return -1;

    this.#metric = metric;
    this.#block = block;
    const { index } = metric.metric;
    let series = block.series[index];
    if (series === undefined) {
      series = this.#windower.seriesOf(metric.metric, block.tagSet);
      block.series[index] = series;
    }
    this.#windower.add(series, this.#timeMs, this.#timeNanos, value);
    return at + 1;
  }

  /** Reads the time and `","value":`, stores both, and returns their end; -1 if they are not there. */
  #readTime(view: DataView, bytes: Buffer, from: number, to: number): number {
    this.#time.length = Infinity;
    let at = from + SECOND_LENGTH;
    if (at >= to) return -1;
    if (!isAt(view, from, this.#second)) {
      const second = bytes.toString('latin1', from, at);
      const secondMs = SECOND.test(second) ? secondMsOf(second) : undefined;
      if (secondMs === undefined) return -1;
      this.#secondMs = secondMs;
      this.#second.take(view, from, SECOND_LENGTH);
    }

    let nanos = 0;
    if (bytes[at] === POINT) {
      const first = ++at;
      for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) nanos = (nanos * 10 + digit) | 0;
      const digits = at - first;
      if (digits === 0 || digits > INTEGER_DIGITS) return -1;
      nanos *= POWERS_OF_TEN[INTEGER_DIGITS - digits] ?? 1;
    }

    let offsetMinutes = 0;
    const zone = bytes[at];
    if (zone === BIG_Z) {
      at++;
    } else {
      if (zone !== PLUS && zone !== MINUS) return -1;
      const hours = twoDigitsAt(bytes, at + 1);
      const minutes = twoDigitsAt(bytes, at + 4);
      if (hours < 0 || minutes < 0 || bytes[at + 3] !== COLON) return -1;
      offsetMinutes = (hours * 60 + minutes) * (zone === MINUS ? -1 : 1);
      at += 6;
    }
    if (at + BEFORE_VALUE.length > to || !isAt(view, at, BEFORE_VALUE)) return -1;
    at += BEFORE_VALUE.length;

    const ms = Math.floor(nanos / 1_000_000);
    this.#timeMs = this.#secondMs - offsetMinutes * 60_000 + ms;
    this.#timeNanos = nanos - ms * 1_000_000;
    this.#time.take(view, from, at - from);
    return at;
  }

  /** The number from `from` to the next comma, identical to that of Number(); NaN if it is not a JSON number. */
  #number(bytes: Buffer, from: number): number {
    const isNegative = bytes[from] === MINUS;
    const first = isNegative ? from + 1 : from;
    let at = first;
    let whole = 0;
    for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) whole = (whole * 10 + digit) | 0;
    const wholes = at - first;
    if (wholes === 0 || (wholes > 1 && bytes[first] === ZERO)) return Number.NaN;
    let part = 0;
    let parts = 0;
    if (bytes[at] === POINT) {
      const point = at++;
      for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) part = (part * 10 + digit) | 0;
      parts = at - point - 1;
      if (parts === 0) return Number.NaN;
    }
    this.#numberEnd = at;
    if (wholes > INTEGER_DIGITS || parts > INTEGER_DIGITS || wholes + parts > EXACT_DIGITS || bytes[at] !== COMMA) {
      return this.#longNumber(bytes, from);
    }
    const scale = POWERS_OF_TEN[parts] ?? 1;
    const value = parts === 0 ? whole : (whole * scale + part) / scale;
    return isNegative ? -value : value;
  }

  /** Reads numbers with an exponent or more than 15 digits. */
  #longNumber(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(COMMA, from);
    this.#numberEnd = end;
    const text = bytes.toString('latin1', from, Math.min(end, from + 400));
    return JSON_NUMBER.test(text) ? Number(text) : Number.NaN;
  }
}

/** The digit at a place; a number above 9 if there is none. */
function digitAt(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) - ZERO) >>> 0;
}

/** The number of two digits at a place; -1 if they are not digits. */
function twoDigitsAt(bytes: Buffer, at: number): number {
  const tens = digitAt(bytes, at);
  const ones = digitAt(bytes, at + 1);
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : -1;
}

/** A hash of the bytes up to the next quote. */
function hashOfName(bytes: Buffer, from: number): number {
  let hash = 0;
  for (let at = from; at < from + 200; at++) {
    const byte = bytes[at] ?? QUOTE;
    if (byte === QUOTE) break;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}
