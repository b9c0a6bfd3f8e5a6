// Splits chunks of bytes into lines. Lines within one chunk are not copied.

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Longer lines are no lines of a stream. Readers drop them while they arrive, so they take no memory. */
export const LONGEST_LINE_BYTES = 8 * 1024 * 1024;

/** Receives the lines. */
export interface LineTaker {
  /** One line without its line end. The bytes are valid during the call only. */
  readonly line: (bytes: Uint8Array, start: number, end: number) => void;
  /** The first piece of a line that is too long. The rest was dropped. */
  readonly tooLong: (piece: Uint8Array) => void;
}

/** Splits chunks, cut anywhere, into lines ending with LF or CRLF. */
export class ByteLines {
  #unfinished: Uint8Array[] = [];
  #unfinishedBytes = 0;

  /** `longest`: maximum length of a line, bytes. A longer one is dropped while it arrives, so it takes no memory. */
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
    // Not slice(): on a Buffer it does not copy, and the caller may reuse the chunk.
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  /** Takes a last line that has no line end. */
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
