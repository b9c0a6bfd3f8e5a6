// Checks the line numbers of a stream: which lines are new, how many are missing, and the time ranges of the missing
// ones.

import type { TimeRange } from '../../model/metrics.ts';

/** Missing numbers that are remembered, in case their lines arrive late. */
const MOST_REMEMBERED = 100_000;

/** A number this far ahead is accepted only if the next line continues from it: it may be forged or damaged. */
const FAR_AHEAD = 1_000_000;

/** Beyond this many gaps, a further one extends the last. */
const MOST_GAPS = 100;

interface Gap {
  readonly firstSeq: number;
  lastSeq: number;
  /** Start of the last window before the gap; undefined if no line before it had a time. */
  readonly fromMs: number | undefined;
  /** End of the first window after the gap; undefined until a line with a time comes. */
  toMs: number | undefined;
}

/** Counts lost lines, and finds lines that a log collector has sent twice. */
export class SequenceCheck {
  #next = 0;
  #missing = new Set<number>();
  #forgotten = 0;
  /** The number that must follow one that was too far ahead. */
  #afterJump: number | undefined;
  #repeated = 0;
  #gaps: Gap[] = [];
  #newest: TimeRange | undefined;

  /** Returns true if this number comes for the first time. `window`: the time range of the line, if it has one. */
  accept(seq: number, window?: TimeRange): boolean {
    const isNew = this.#accept(seq);
    if (!isNew) this.#repeated++;
    else if (window !== undefined) this.#sawTime(window);
    return isNew;
  }

  /** True if a line with this number has come. */
  has(seq: number): boolean {
    return seq < this.#next && !this.#missing.has(seq);
  }

  /** Number of lines missing before the highest number seen. */
  get lost(): number {
    return this.#missing.size + this.#forgotten;
  }

  /** Number of lines that came again. */
  get repeated(): number {
    return this.#repeated;
  }

  /**
   * The time ranges with missing lines, each from the window before a gap to the one after it. Gaps filled by late
   * lines are left out.
   */
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
