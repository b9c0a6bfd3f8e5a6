// Extracts the lines of histograms streams from the output of docker logs and kubectl logs or from a container's log
// file, without the prefixes that the log adds.

import { isRecord, parseJson } from '../../system/json.ts';
import { LONGEST_LINE_BYTES } from './byte-lines.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const OPEN = 0x5b;
const ZERO = 0x30;
/** Prefixes are searched within this many bytes of a line. */
const LONGEST_PREFIX = 600;
const SHOWN_OF_OTHER_LINE = 200;

/** `[12,"metric",` or `[12,3,`: the start of every line of a stream. */
const STREAM_LINE = /\[\d+,(?:"[a-z_.]+"|\d+),/;
const TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/g;
/** Log files of containerd and CRI-O: time, stream, partial or full line. */
const CRI = /^\S+ (stdout|stderr) ([PF]) /;
/** Log files of Docker's json-file driver. */
const DOCKER_FILE = /^\{\s*"log"\s*:/;

/** Splits a log, cut anywhere, into the lines of its streams. */
export class LogLines {
  /** Number of lines that belong to no stream, such as k6's log on stderr. */
  otherLines = 0;
  firstOtherLine: { readonly line: number; readonly text: string } | undefined;
  readonly #take: (source: string, line: Buffer) => void;
  #unfinished: Buffer[] = [];
  #unfinishedBytes = 0;
  /** Pieces of a line that the log has split, by writer. */
  readonly #partial = new Map<string, string>();
  #line = 0;

  /**
   * `take` gets every line of a stream with its line end. `source` is the prefix without times; '' if there is none.
   */
  constructor(take: (source: string, line: Buffer) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0) break;
      const piece = chunk.subarray(start, newline + 1);
      this.#takeLine(this.#unfinishedBytes > 0 ? this.#joined(piece) : piece);
      start = newline + 1;
    }
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  end(): void {
    if (this.#unfinishedBytes > 0) this.#takeLine(this.#joined(Buffer.from('\n')));
  }

  #keep(piece: Buffer): void {
    if (this.#unfinishedBytes <= LONGEST_LINE_BYTES) this.#unfinished.push(piece);
    this.#unfinishedBytes += piece.length;
  }

  #joined(piece: Buffer): Buffer {
    const whole = Buffer.concat([...this.#unfinished, piece]);
    this.#unfinished = [];
    this.#unfinishedBytes = 0;
    return whole;
  }

  #takeLine(line: Buffer): void {
    this.#line++;
    // The usual case: a line of a stream without a prefix.
    if (line[0] === OPEN && isDigit(line[1])) {
      this.#take('', line);
      return;
    }
    const head = line.toString('latin1', 0, LONGEST_PREFIX);
    if (DOCKER_FILE.test(head)) this.#dockerEntry(line);
    else if (CRI.test(head)) this.#criLine(line.toString('utf8'));
    else this.#prefixed(line, head);
  }

  #dockerEntry(line: Buffer): void {
    const entry = parseJson(line.toString('utf8'));
    const log = isRecord(entry) ? entry.log : undefined;
    if (typeof log !== 'string') this.#other(line);
    else this.#pieceOf('docker', log.replace(/\n$/, ''), log.endsWith('\n'));
  }

  #criLine(text: string): void {
    const [prefix = '', stream = '', flag] = CRI.exec(text) ?? [];
    this.#pieceOf(stream, text.slice(prefix.length).replace(/\r?\n$/, ''), flag === 'F');
  }

  #pieceOf(writer: string, piece: string, isLast: boolean): void {
    const whole = (this.#partial.get(writer) ?? '') + piece;
    if (!isLast && whole.length <= LONGEST_LINE_BYTES) {
      this.#partial.set(writer, whole);
      return;
    }
    this.#partial.delete(writer);
    const line = Buffer.from(`${whole}\n`);
    this.#prefixed(line, line.toString('latin1', 0, LONGEST_PREFIX));
  }

  #prefixed(line: Buffer, head: string): void {
    const at = head.search(STREAM_LINE);
    if (at < 0) this.#other(line);
    else this.#take(sourceOf(line.toString('utf8', 0, at)), line.subarray(at));
  }

  #other(line: Buffer): void {
    const end = line.at(-2) === CARRIAGE_RETURN ? line.length - 2 : line.length - 1;
    if (end <= 0) return;
    this.otherLines++;
    this.firstOtherLine ??= { line: this.#line, text: line.toString('utf8', 0, end).slice(0, SHOWN_OF_OTHER_LINE) };
  }
}

/**
 * The source in a prefix: `pod/checkout-1-x7k2p/k6` of `[pod/checkout-1-x7k2p/k6] 2026-11-29T21:00:00Z `, `k6-1` of
 * `k6-1  | `.
 */
function sourceOf(prefix: string): string {
  const text = prefix
    .replace(TIME, ' ')
    .trim()
    .replace(/\s*[|:]$/, '')
    .trim();
  return text.replace(/^\[([^[\]]*)\]$/, '$1').replace(/\s+/g, ' ');
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

/** True if the start of a file may be a log with lines of a stream; false for k6's JSON output. */
export function looksLikeLog(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
    .toString('utf8')
    .replace(/^\ufeff?\s*/, '');
  return !text.startsWith('{') || DOCKER_FILE.test(text);
}
