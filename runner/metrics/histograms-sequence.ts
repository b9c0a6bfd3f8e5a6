// Sequence numbers of a stream's lines go in; out comes whether a line is new, and how many never came.

/** Numbers that are remembered as missing, in case their lines come late. */
const MOST_REMEMBERED = 100_000;

/** A number this far ahead is believed only when the next line goes on from it: it may be forged, or broken. */
const FAR_AHEAD = 1_000_000;

/** Counts the lines that were lost, and turns away those that come twice, as collectors of logs may send them. */
export class SequenceCheck {
  #next = 0;
  #missing = new Set<number>();
  #forgotten = 0;
  /** What follows a number that was too far ahead. */
  #afterJump: number | undefined;

  /** True where this number comes for the first time. */
  accept(seq: number): boolean {
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
    const remembered = Math.min(gap, MOST_REMEMBERED - this.#missing.size);
    for (let n = 0; n < remembered; n++) this.#missing.add(this.#next + n);
    this.#forgotten += gap - remembered;
    this.#next = seq + 1;
    return true;
  }

  /** How many numbers before the greatest one seen have not come. */
  get lost(): number {
    return this.#missing.size + this.#forgotten;
  }
}
