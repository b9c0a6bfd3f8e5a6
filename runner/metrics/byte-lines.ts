// Chunks of bytes, cut anywhere, become lines. A line within a chunk is handed over where it lies; only one that goes on is copied.

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface LineTaker {
  /** A line without its end, in bytes that are valid during the call only. */
  readonly line: (bytes: Uint8Array, start: number, end: number) => void;
  /** A line longer than allowed: its first piece. The rest was dropped. */
  readonly tooLong: (piece: Uint8Array) => void;
}

export class ByteLines {
  #unfinished: Uint8Array[] = [];
  #unfinishedBytes = 0;

  /** `longest`: bytes of a line; a longer one is dropped as it comes, so that it takes no memory. */
  constructor(
    private readonly longest: number,
    private readonly taker: LineTaker,
  ) {}

  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0) break;
      if (this.#unfinishedBytes > 0) {
        this.#keep(chunk.subarray(start, newline));
        this.#takeUnfinished();
      } else {
        this.#take(chunk, start, newline);
      }
      start = newline + 1;
    }
    // Not slice(): that of a Buffer does not copy, and the caller may use the chunk again.
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  /** A last line without a line end counts. */
  end(): void {
    if (this.#unfinishedBytes > 0) this.#takeUnfinished();
  }

  #keep(piece: Uint8Array): void {
    if (this.#unfinishedBytes <= this.longest) this.#unfinished.push(piece);
    this.#unfinishedBytes += piece.length;
  }

  #takeUnfinished(): void {
    const isTooLong = this.#unfinishedBytes > this.longest;
    const whole = isTooLong ? (this.#unfinished[0] ?? new Uint8Array()) : Buffer.concat(this.#unfinished);
    this.#unfinished = [];
    this.#unfinishedBytes = 0;
    if (isTooLong) this.taker.tooLong(whole);
    else this.#take(whole, 0, whole.length);
  }

  #take(bytes: Uint8Array, start: number, lineEnd: number): void {
    const end = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
    this.taker.line(bytes, start, end);
  }
}
