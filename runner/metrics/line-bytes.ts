// Numbers, text and bytes go in, one after the other; lines as bytes come out. Strings for half a million lines of an archive cost more
// than the lines themselves: most numbers of k6 have at most six decimals, and their digits come from integers.

const NEWLINE = 10;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const CLOSING_BRACKET = 93;
const FIRST_BYTES = 1 << 12;
/** More than any number takes. */
const LONGEST_NUMBER = 32;
const MICRO = 1_000_000;
const BILLION = 1_000_000_000;
/** Every decimal of 15 digits is the shortest of the double that it stands for. */
const MOST_EXACT = 1e15;

export class LineBytes {
  /** Written up to `length`. */
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** `onLine` is called at the end of every line. */
  constructor(private readonly onLine: (lines: LineBytes) => void = () => {}) {}

  /** Bytes that were written and not taken. */
  get length(): number {
    return this.#length;
  }

  /** What was written since the last call; a copy. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  /** Drops what was written since the last take(). */
  clear(): void {
    this.#length = 0;
  }

  /** Of a JSON array. */
  endLine(): void {
    this.#reserve(2);
    this.#bytes[this.#length++] = CLOSING_BRACKET;
    this.#bytes[this.#length++] = NEWLINE;
    this.onLine(this);
  }

  /** Any text, as UTF-8. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** ASCII only. */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** One ASCII character. */
  character(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = code;
  }

  /** The bytes from `start` to `end`. */
  raw(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) bytes[at++] = from[i] ?? 0;
    this.#length = at;
  }

  /** The same characters as numberText(). */
  number(value: number): void {
    this.#reserve(LONGEST_NUMBER);
    const size = Math.abs(value);
    if (size < BILLION) {
      const micros = Math.round(size * MICRO);
      // Smaller ones have an exponent.
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

  /** `micros` / 10^6, without zeros at its end. */
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

  /** From 0 to below 10^15. */
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

  /** The last `digits` digits of an integer below 10^9. */
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

/** A number as JSON; a sum beyond the largest double becomes that, as in Go. Throws an Error for NaN. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) throw new Error('Expected a number to write, found NaN');
  return String(Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)));
}
