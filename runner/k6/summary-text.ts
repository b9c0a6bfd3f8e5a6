// Separates k6's stdout into the lines of the stream and the text that handleSummary() returned for stdout.

import type { StreamKind } from './launch.ts';

/** How every line of a stream begins, and no line of readable text. */
const LINE: Readonly<Record<StreamKind, RegExp>> = {
  histograms: /^\[\d+,/,
  samples: /^\{"(?:metric":"|type":"Metric")/,
};
const NEWLINE = 0x0a;
/** Number of bytes of a line that LINE needs. */
const HEAD_BYTES = 32;

/** Takes stdout chunk by chunk; k6 prints the text after the stream. */
export class SummaryText {
  readonly #line: RegExp;
  #text: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: StreamKind) {
    this.#line = LINE[stream];
  }

  /** Returns the complete lines of the stream in this chunk. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: Buffer[] = [];
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      const line = bytes.subarray(from, to + 1);
      (this.#line.test(line.toString('latin1', 0, HEAD_BYTES)) ? lines : this.#text).push(line);
      from = to + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(from));
    return lines.length === 1 ? (lines[0] ?? Buffer.alloc(0)) : Buffer.concat(lines);
  }

  /** Returns the text, once stdout has ended. A last line without a line end is included. */
  end(): string {
    return Buffer.concat([...this.#text, this.#rest]).toString('utf8');
  }
}
