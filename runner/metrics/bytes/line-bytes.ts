// Builds lines as bytes. Not as strings, which would cost more than the lines themselves in an archive of half a
// million lines: most numbers of k6 have at most six decimals, so their digits come from integer arithmetic.

const NEWLINE = 10;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const CLOSING_BRACKET = 93;
const FIRST_BYTES = 1 << 12;
/** Longer than any number's text. */
const LONGEST_NUMBER = 32;
const MICRO = 1_000_000;
const BILLION = 1_000_000_000;
/** Below this, the shortest text of an integer is its digits. */
const MOST_EXACT = 1e15;

/** A growing buffer of lines; take() empties it. */
export class LineBytes {
  /** Valid up to `#length`. */
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** `onLine` is called after every line. */
  constructor(private readonly onLine: (lines: LineBytes) => void = () => {}) {}

  /** Number of bytes written since the last take(). */
  get length(): number {
    return this.#length;
  }

  /** Returns a copy of what was written since the last call. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  /** Drops what was written since the last take(). */
  clear(): void {
    this.#length = 0;
  }

  /** Ends a line that is a JSON array. */
  endLine(): void {
    this.#reserve(2);
    this.#bytes[this.#length++] = CLOSING_BRACKET;
    this.#bytes[this.#length++] = NEWLINE;
    this.onLine(this);
  }

  /** Adds text as UTF-8. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Adds ASCII text. */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** Adds one ASCII character. */
  character(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = code;
  }

  /** Adds the bytes from `start` to `end`. */
  raw(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) bytes[at++] = from[i] ?? 0;
    this.#length = at;
  }

  /** Adds a number, with the same characters as numberText(). */
  number(value: number): void {
    this.#reserve(LONGEST_NUMBER);
    const size = Math.abs(value);
    if (size < BILLION) {
      const micros = Math.round(size * MICRO);
      // Smaller numbers are written with an exponent, so they do not match here.
      if (micros / MICRO === size) {
        this.#decimal(value < 0, micros);
        return;
      }
    } else if (size < MOST_EXACT && Number.isInteger(size)) {
      if (value < 0) this.#bytes[this.#length++] = MINUS;
      this.#integer(size);
      return;
    }
    this.ascii(numberText(value));
  }

  /** Writes `micros` / 10^6 without trailing zeros. */
  #decimal(isNegative: boolean, micros: number): void {
    const whole = Math.floor(micros / MICRO);
    let part = micros - whole * MICRO;
    if (isNegative) this.#bytes[this.#length++] = MINUS;
    this.#integer(whole);
    if (part === 0) return;
    let digits = 6;
    for (; part % 10 === 0; digits--) part /= 10;
    this.#bytes[this.#length++] = POINT;
    this.#digits(part, digits);
  }

  /** Writes an integer from 0 to below 10^15. */
  #integer(value: number): void {
    if (value >= BILLION) {
      const high = Math.floor(value / BILLION);
      this.#integer(high);
      this.#digits(value - high * BILLION, 9);
      return;
    }
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    this.#digits(value, digits);
  }

  /** Writes the last `digits` digits of an integer below 10^9. */
  #digits(value: number, digits: number): void {
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const tens = (rest / 10) | 0;
      bytes[at] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.#length += digits;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#bytes = bytes;
  }
}

/** A number as JSON, capped at the largest finite double as in the Go output. Throws an Error for NaN. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) throw new Error('Expected a number to write, found NaN');
  return String(Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)));
}
