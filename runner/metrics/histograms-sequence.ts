// Sequence numbers of a stream's lines go in; out comes whether a line is new, how many never came, and of which time those were.

import type { TimeRange } from '../model/metrics.ts';

/** Numbers that are remembered as missing, in case their lines come late. */
const MOST_REMEMBERED = 100_000;

/** A number this far ahead is believed only when the next line goes on from it: it may be forged, or broken. */
const FAR_AHEAD = 1_000_000;

/** Beyond this, a further gap is added to the last one. */
const MOST_GAPS = 100;

interface Gap {
  readonly firstSeq: number;
  lastSeq: number;
  /** Of the line before the gap; undefined where no line before it had a time. */
  readonly fromMs: number | undefined;
  /** Of the line after it; undefined until one with a time comes. */
  toMs: number | undefined;
}

/** Counts the lines that were lost, and turns away those that come twice, as collectors of logs may send them. */
export class SequenceCheck {
  #next = 0;
  #missing = new Set<number>();
  #forgotten = 0;
  /** What follows a number that was too far ahead. */
  #afterJump: number | undefined;
  #repeated = 0;
  #gaps: Gap[] = [];
  #newest: TimeRange | undefined;

  /** True where this number comes for the first time. `window`: the time that the line is about, where it is about any. */
  accept(seq: number, window?: TimeRange): boolean {
    const isNew = this.#accept(seq);
    if (!isNew) this.#repeated++;
    else if (window !== undefined) this.#sawTime(window);
    return isNew;
  }

  /** Whether a line of this number has come. */
  has(seq: number): boolean {
    return seq < this.#next && !this.#missing.has(seq);
  }

  /** How many numbers before the greatest one seen have not come. */
  get lost(): number {
    return this.#missing.size + this.#forgotten;
  }

  /** How many lines came again. */
  get repeated(): number {
    return this.#repeated;
  }

  /** The times that lines are missing of, from the window before a gap to the one after it; without what came late after all. */
  get gaps(): readonly TimeRange[] {
    const open = this.#gaps.filter(({ firstSeq, lastSeq }) => {
      for (const seq of this.#missing) if (seq >= firstSeq && seq <= lastSeq) return true;
      return this.#forgotten > 0;
    });
    return open.flatMap(({ fromMs, toMs }) => {
      const [from, to] = [fromMs ?? toMs, toMs ?? fromMs];
      return from === undefined || to === undefined ? [] : [{ fromMs: Math.min(from, to), toMs: Math.max(from, to) }];
    });
  }

  #accept(seq: number): boolean {
    if (seq === this.#next) {
      this.#next++;
      return true;
    }
    if (seq < this.#next) return this.#missing.delete(seq);
    const gap = seq - this.#next;
    if (gap > FAR_AHEAD && seq !== this.#afterJump) {
      this.#afterJump = seq + 1;
      return true;
    }
    this.#noteGap(this.#next, seq - 1);
    const remembered = Math.min(gap, MOST_REMEMBERED - this.#missing.size);
    for (let n = 0; n < remembered; n++) this.#missing.add(this.#next + n);
    this.#forgotten += gap - remembered;
    this.#next = seq + 1;
    return true;
  }

  #noteGap(firstSeq: number, lastSeq: number): void {
    const last = this.#gaps.at(-1);
    if (this.#gaps.length < MOST_GAPS || last === undefined) {
      this.#gaps.push({ firstSeq, lastSeq, fromMs: this.#newest?.fromMs, toMs: undefined });
    } else {
      last.lastSeq = lastSeq;
      last.toMs = undefined;
    }
  }

  #sawTime(window: TimeRange): void {
    const gap = this.#gaps.at(-1);
    if (gap !== undefined) gap.toMs ??= window.toMs;
    if (this.#newest === undefined || window.fromMs >= this.#newest.fromMs) this.#newest = window;
  }
}
