// The bytes of a sample's tags, as k6 wrote them, go in; the tag set they stand for comes out, parsed once and remembered.

import { parseTags } from './points-line.ts';
import type { OpenSeries, TagSet, Windower } from './windower.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const OPENING = ',"tags":';
const CLOSING = '}}';
/** Only where metadata follows the tags: inside a string the quotes would be escaped. */
const METADATA = '},"metadata":{';
/** Longer blocks are rare (a page of error text) and would make the memory of a full table large. */
const LONGEST_BLOCK = 4096;
/** 16 thousand blocks of 200 bytes are some 8 MB; a block that lost its slot is parsed again, nothing more. */
const SLOT_BITS = 14;

/**
 * Bytes to find again at a place in a chunk, 8 or more, compared 8 at a time as doubles: 157 bytes take 19 ns so, 43 ns
 * as 32-bit words, 71 ns by Buffer.compare, over 60 ns byte by byte. A pattern that is a NaN never compares equal, which
 * costs speed only; 0 and -0 differ in a NUL byte or 0x80 after NULs, and no JSON text holds a NUL.
 */
export class Reference {
  /** Infinity: nothing taken yet, found nowhere. */
  length = Infinity;
  /** Not a Float64Array: a million names would make a million buffers outside the heap. */
  words: number[] = [];
  tail = 0;

  constructor(bytes?: Buffer) {
    if (bytes !== undefined) this.take(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length);
  }

  /** Makes the bytes at `at` the ones to find. */
  take(view: DataView, at: number, length: number): void {
    const { words } = this;
    const count = length >> 3;
    this.length = length;
    if (words.length > count) words.length = count;
    for (let i = 0; i < count; i++) words[i] = view.getFloat64(at + i * 8, true);
    this.tail = view.getFloat64(at + length - 8, true);
  }
}

/** Whether the bytes stand at `at`; the caller has made sure that `at + reference.length` is within the view. */
export function isAt(view: DataView, at: number, reference: Reference): boolean {
  const { words } = reference;
  let i = 0;
  let place = at;
  // Four at a time: a tenth of the whole parser's time.
  for (; i + 3 < words.length; i += 4, place += 32) {
    if (
      view.getFloat64(place, true) !== words[i] ||
      view.getFloat64(place + 8, true) !== words[i + 1] ||
      view.getFloat64(place + 16, true) !== words[i + 2] ||
      view.getFloat64(place + 24, true) !== words[i + 3]
    )
      return false;
  }
  for (; i < words.length; i++, place += 8) {
    if (view.getFloat64(place, true) !== words[i]) return false;
  }
  return view.getFloat64(at + reference.length - 8, true) === reference.tail;
}

/** `,"tags":{…}}}` up to the end of a line, and what it means. */
export class TagBlock extends Reference {
  /** By the index of the metric; filled as they occur. */
  readonly series: (OpenSeries | undefined)[] = [];
  /** Slot of the block that followed the last line with this one. No reference: a chain of them would keep every block alive. */
  nextSlot = 0;

  constructor(
    bytes: Buffer,
    readonly tagSet: TagSet,
    readonly slot: number,
  ) {
    super(bytes);
  }
}

/** The tag blocks of a stream: a table of fixed size, so a million distinct names do not fill the memory. */
export class TagBlocks {
  readonly #windower: Windower;
  readonly #slots: (TagBlock | undefined)[] = new Array<undefined>(1 << SLOT_BITS).fill(undefined);

  constructor(windower: Windower) {
    this.#windower = windower;
  }

  /** The block that followed `block` the last time, if it is still known. */
  after(block: TagBlock): TagBlock | undefined {
    return this.#slots[block.nextSlot];
  }

  /** The block that begins at `at` and ends the line; undefined where there is anything but tags. */
  find(view: DataView, bytes: Buffer, at: number): TagBlock | undefined {
    let end = bytes.indexOf(NEWLINE, at);
    if (bytes[end - 1] === CARRIAGE_RETURN) end--;
    const length = end - at;
    if (length < OPENING.length + CLOSING.length + 2 || length > LONGEST_BLOCK) return undefined;
    let hash = length;
    for (let place = at + OPENING.length; place + 4 <= end; place += 4) {
      hash = Math.imul(hash ^ view.getInt32(place, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const slot = hash & ((1 << SLOT_BITS) - 1);
    const known = this.#slots[slot];
    if (known !== undefined && known.length === length && isAt(view, at, known)) return known;
    const block = this.#parse(bytes, at, end, slot);
    if (block !== undefined) this.#slots[slot] = block;
    return block;
  }

  #parse(bytes: Buffer, at: number, end: number, slot: number): TagBlock | undefined {
    const text = bytes.toString('utf8', at, end);
    if (!text.startsWith(OPENING) || !text.endsWith(CLOSING) || text.includes(METADATA)) return undefined;
    const tags = parseTags(text.slice(OPENING.length, -CLOSING.length));
    return tags && new TagBlock(bytes.subarray(at, end), this.#windower.tagSetOf(tags), slot);
  }
}
