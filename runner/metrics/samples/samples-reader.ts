// Reads k6's JSON output from bytes, cut anywhere: series and windows go to a sink, faults are returned at the end.

import { undeclaredMetric } from '../../model/builtin-metrics.ts';
import type { Metric, StreamFaults, TimeRange } from '../../model/metrics.ts';
import { LONGEST_LINE_BYTES } from '../bytes/byte-lines.ts';
import { ClockFilter } from '../sinks/clock-filter.ts';
import { optionalFaults } from '../sinks/faults.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { FastPath } from './samples-fast-path.ts';
import { parseSamplesLine } from './samples-line.ts';
import { Windower, type WindowerOptions } from './windower.ts';

const NEWLINE = 10;
const BYTE_ORDER_MARK = '\ufeff';
const SHOWN_CHARACTERS = 200;
const OPENING_BRACE = '{';

/**
 * Reads a samples stream: the output of `k6 run --out json=…` of any k6 version.
 *
 * Counts every sample that k6 can write, wherever the chunks are cut. A line that is not JSON or not k6's is never
 * fatal: it is counted, with its number and first 200 characters. Blank lines, CRLF, a byte order mark and a missing
 * last newline are not faults. If the last line is cut off, the stream is incomplete. A metric without a declaration
 * gets its type from the table of k6's built-in metrics, or else is a trend.
 */
export class SamplesReader {
  readonly #clock: ClockFilter;
  readonly #windower: Windower;
  readonly #fastPath: FastPath;
  /** The pieces of an unfinished line; of a line that is too long, its start. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  /** Number of declarations of each metric: every run of k6 makes one. */
  readonly #declared = new Map<string, number>();
  #runs = 1;
  readonly #thresholds = new Map<string, readonly string[]>();
  #slowLines = 0;
  #badLines = 0;
  #firstBadLine: { line: number; text: string } | undefined;
  #badValues = 0;
  #wasCut = false;

  /** `startedAtMs`: when k6 was started, epoch milliseconds, for a live stream. */
  constructor(sink: StreamSink, { startedAtMs, ...options }: WindowerOptions & { readonly startedAtMs?: number } = {}) {
    this.#clock = new ClockFilter(sink);
    if (startedAtMs !== undefined) this.#clock.acceptNear(startedAtMs);
    this.#windower = new Windower(this.#clock, options);
    this.#fastPath = new FastPath(this.#windower);
  }

  /** The thresholds in k6's output, by metric. k6 writes only those on whole metrics, not those with a tag filter. */
  get thresholds(): ReadonlyMap<string, readonly string[]> {
    return this.#thresholds;
  }

  /** Number of samples so far. */
  get samples(): number {
    return this.#windower.samples;
  }

  /** Number of lines so far, of every kind. */
  get lines(): number {
    return this.#fastPath.lines + this.#slowLines;
  }

  /** Time of the newest sample, whole epoch milliseconds; undefined before the first. */
  get lastSampleMs(): number | undefined {
    return this.samples === 0 ? undefined : this.#windower.newestSampleMs;
  }

  /** Start of the first measurement and end of the last, epoch milliseconds; undefined before the first sample. */
  get span(): TimeRange | undefined {
    if (this.samples === 0) return undefined;
    return this.#clock.within({ fromMs: this.#windower.beganMs, toMs: this.#windower.newestSampleMs });
  }

  /** The same for samples of scenarios only, without setup() and teardown(); undefined before the first. */
  get load(): TimeRange | undefined {
    const { loadBeganMs, loadEndedMs } = this.#windower;
    return loadEndedMs === -Infinity ? undefined : this.#clock.within({ fromMs: loadBeganMs, toMs: loadEndedMs });
  }

  /** Reads the next bytes of the stream; they may be reused after the call. */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const last = bytes.lastIndexOf(NEWLINE);
    if (last < 0) {
      if (bytes.length > 0) this.#keep(bytes);
      return;
    }
    let from = 0;
    if (this.#pieceBytes > 0) {
      from = bytes.indexOf(NEWLINE) + 1;
      this.#keep(bytes.subarray(0, from));
      this.#readKept();
    }
    if (from <= last) this.#readLines(bytes.subarray(0, last + 1), from);
    if (last + 1 < bytes.length) this.#keep(bytes.subarray(last + 1));
  }

  #keep(piece: Buffer): void {
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes <= LONGEST_LINE_BYTES) this.#pieces.push(Buffer.from(piece));
  }

  #readKept(): void {
    const whole = Buffer.concat(this.#pieces);
    const isTooLong = this.#pieceBytes > LONGEST_LINE_BYTES;
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (!isTooLong) {
      this.#readLines(whole, 0);
      return;
    }
    this.#slowLines++;
    this.#countBad(whole.toString('utf8', 0, 4 * SHOWN_CHARACTERS));
  }

  /** Sends all samples so far to the sink, for live figures. Later samples of the same windows add up. */
  flush(): void {
    this.#windower.flush();
  }

  /** Ends the stream: sends the remaining windows to the sink and returns the faults. */
  end(): StreamFaults {
    if (this.#pieceBytes > LONGEST_LINE_BYTES) this.#readKept();
    else if (this.#pieceBytes > 0) this.#readLastLine(Buffer.concat(this.#pieces).toString('utf8'));
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#windower.flush();
    this.#clock.end();
    const overflow = this.#windower.overflows();
    for (const each of overflow) this.#clock.overflow(each);
    return {
      badLines: this.#badLines,
      ...(this.#firstBadLine && { firstBadLine: this.#firstBadLine }),
      badValues: this.#badValues,
      ...optionalFaults({ outsideClock: this.#clock.droppedSamples, runs: this.#runs }),
      lostLines: 0,
      complete: !this.#wasCut,
      overflow,
    };
  }

  /** `bytes` ends with a newline. */
  #readLines(bytes: Buffer, from: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    while (at < bytes.length) {
      at = this.#fastPath.read(view, bytes, at, bytes.length);
      if (at === bytes.length) return;
      const end = bytes.indexOf(NEWLINE, at);
      const text = bytes.toString('utf8', at, end);
      this.#slowLines++;
      if (!this.#readSlowly(text)) this.#countBad(text);
      at = end + 1;
    }
  }

  #readLastLine(text: string): void {
    this.#slowLines++;
    if (this.#readSlowly(text)) return;
    if (text.startsWith(OPENING_BRACE)) this.#wasCut = true;
    else this.#countBad(text);
  }

  /** A file may hold several runs with different thresholds: all of them are kept. */
  #learnThresholds(metric: string, thresholds: readonly string[]): void {
    if (thresholds.length === 0) return;
    this.#thresholds.set(metric, [...new Set([...(this.#thresholds.get(metric) ?? []), ...thresholds])]);
  }

  /** Returns true if the line is blank or one of k6's. */
  #readSlowly(text: string): boolean {
    const whole = this.lines === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    const line = parseSamplesLine(whole);
    if (line === undefined) return whole.trim() === '';
    if (line.kind === 'metric') {
      this.#learnThresholds(line.metric.name, line.thresholds);
      return this.#declare(line.metric);
    }
    const metric = this.#windower.metric(line.metric) ?? this.#learn(undeclaredMetric(line.metric));
    if (line.value === undefined) {
      this.#badValues++;
      return true;
    }
    const series = this.#windower.seriesOf(metric, this.#windower.tagSetOf(line.tags));
    this.#windower.add(series, line.time.ms, line.time.nanos, line.value);
    return true;
  }

  /** Several runs in one file declare each metric again; a declaration with another type is a bad line. */
  #declare(metric: Metric): boolean {
    const times = (this.#declared.get(metric.name) ?? 0) + 1;
    this.#declared.set(metric.name, times);
    this.#runs = Math.max(this.#runs, times);
    const known = this.#windower.metric(metric.name);
    if (known === undefined) this.#learn(metric);
    return known === undefined || known.metric.type === metric.type;
  }

  #learn(metric: Metric) {
    const open = this.#windower.declare(metric);
    this.#fastPath.learn(open);
    return open;
  }

  #countBad(text: string): void {
    this.#badLines++;
    this.#firstBadLine ??= { line: this.lines, text: text.trim().slice(0, SHOWN_CHARACTERS) };
  }
}
