// k6's JSON output goes in as bytes, cut anywhere; series and windows come out through the sink, faults at the end.

import { undeclaredMetric } from '../model/builtin-metrics.ts';
import type { Metric, StreamFaults, TimeRange } from '../model/metrics.ts';
import { ClockFilter } from './clock-filter.ts';
import { rare } from './faults.ts';
import { parseSamplesLine } from './samples-line.ts';
import { UsualLines } from './samples-usual.ts';
import type { StreamSink } from './sink.ts';
import { Windower, type WindowerOptions } from './windower.ts';

const NEWLINE = 10;
const BYTE_ORDER_MARK = '\ufeff';
const SHOWN_CHARACTERS = 200;
/** Longer lines are none of k6's: they are dropped as they come, so that they take no memory. */
const LONGEST_LINE = 8 * 1024 * 1024;
const OPENING_BRACE = '{';

/**
 * Reads a samples stream: `k6 run --out json=…` of any k6 version.
 *
 * Promises: every sample of every line that k6 can write is counted, wherever the chunks are cut; a line that is no JSON
 * or none of k6's is counted with its number and its first 200 characters, never fatal; blank lines, CRLF, a byte order
 * mark and a missing last newline are no faults. A last line that is cut off makes the stream incomplete. A metric whose
 * declaration was cut off is taken for what k6's own table says, else for a trend.
 */
export class SamplesReader {
  readonly #clock: ClockFilter;
  readonly #windower: Windower;
  readonly #usual: UsualLines;
  /** The pieces of a line that has not ended yet; of one that is too long, its beginning. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  /** How often each metric was declared: each run of k6 does so once. */
  readonly #declared = new Map<string, number>();
  #runs = 1;
  readonly #thresholds = new Map<string, readonly string[]>();
  #slowLines = 0;
  #badLines = 0;
  #firstBadLine: { line: number; text: string } | undefined;
  #badValues = 0;
  #wasCut = false;

  /** `startedAtMs`: when k6 was started, for a stream that is read as it comes. */
  constructor(sink: StreamSink, { startedAtMs, ...options }: WindowerOptions & { readonly startedAtMs?: number } = {}) {
    this.#clock = new ClockFilter(sink);
    if (startedAtMs !== undefined) this.#clock.believe(startedAtMs);
    this.#windower = new Windower(this.#clock, options);
    this.#usual = new UsualLines(this.#windower);
  }

  /** The thresholds that k6 wrote with its metrics, by metric: those of whole metrics, filtered ones are not in its output. */
  get thresholds(): ReadonlyMap<string, readonly string[]> {
    return this.#thresholds;
  }

  /** Samples counted so far. */
  get samples(): number {
    return this.#windower.samples;
  }

  /** Lines read so far, of every kind. */
  get lines(): number {
    return this.#usual.lines + this.#slowLines;
  }

  /** Time of the newest sample, whole epoch milliseconds; undefined before the first. */
  get lastSampleMs(): number | undefined {
    return this.samples === 0 ? undefined : this.#windower.newestSampleMs;
  }

  /** When the first thing that was measured began and the last ended, epoch milliseconds; undefined before the first sample. */
  get span(): TimeRange | undefined {
    if (this.samples === 0) return undefined;
    return this.#clock.within({ fromMs: this.#windower.beganMs, toMs: this.#windower.newestSampleMs });
  }

  /** The same of the samples that scenarios made, without setup() and teardown(); undefined before the first. */
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
    if (this.#pieceBytes <= LONGEST_LINE) this.#pieces.push(Buffer.from(piece));
  }

  #readKept(): void {
    const whole = Buffer.concat(this.#pieces);
    const isTooLong = this.#pieceBytes > LONGEST_LINE;
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (!isTooLong) {
      this.#readLines(whole, 0);
      return;
    }
    this.#slowLines++;
    this.#countBad(whole.toString('utf8', 0, 4 * SHOWN_CHARACTERS));
  }

  /** Sends what has come so far to the sink, windows that are not over included: for live numbers. What follows adds up. */
  flush(): void {
    this.#windower.flush();
  }

  /** Ends the stream: the rest of the windows goes to the sink. */
  end(): StreamFaults {
    if (this.#pieceBytes > LONGEST_LINE) this.#readKept();
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
      ...rare({ outsideClock: this.#clock.outside, runs: this.#runs }),
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
      at = this.#usual.read(view, bytes, at, bytes.length);
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

  /** A stream may hold several runs, each with thresholds of its own: none takes the place of another. */
  #learnThresholds(metric: string, thresholds: readonly string[]): void {
    if (thresholds.length === 0) return;
    this.#thresholds.set(metric, [...new Set([...(this.#thresholds.get(metric) ?? []), ...thresholds])]);
  }

  /** Whether the line is one of k6's, or blank. */
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

  /** Two runs in one file declare everything twice; a declaration that contradicts the first is a bad line. */
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
    this.#usual.learn(open);
    return open;
  }

  #countBad(text: string): void {
    this.#badLines++;
    this.#firstBadLine ??= { line: this.lines, text: text.trim().slice(0, SHOWN_CHARACTERS) };
  }
}
