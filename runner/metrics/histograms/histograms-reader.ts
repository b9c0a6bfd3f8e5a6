// Reads a histograms stream from bytes, cut anywhere: metrics, series, windows and health go to a sink, the faults are
// returned at the end.

import type { Metric, Series, SeriesOverflow, StreamFaults, TimeRange } from '../../model/metrics.ts';
import { unionOf } from '../../model/time-range.ts';
import { isRecord, parseJson } from '../../system/json.ts';
import { ByteLines, LONGEST_LINE_BYTES } from '../bytes/byte-lines.ts';
import { ClockFilter } from '../sinks/clock-filter.ts';
import { withOverflow } from '../sinks/faults.ts';
import type { StreamSink } from '../sinks/sink.ts';
import {
  isCount,
  isTags,
  readClosing,
  readHeader,
  readHealth,
  readMetric,
  readOverflow,
  readRange,
} from './histograms-control.ts';
import { HistogramsFaults } from './histograms-faults.ts';
import { FIGURES_OF } from './histograms-format.ts';
import { type DataLine, emptyDataLine, type GivenBins, looksLikeData, parseDataLine } from './histograms-line.ts';

/** k6 caps its series at 20,000 a process; a stream with more than ten times as many is not ours. */
const MOST_SERIES = 200_000;
const SHOWN_OF_BAD_LINE = 200;
/** The limit of a JavaScript Date, milliseconds before or after 1970. */
const FARTHEST_MS = 8.64e15;

export interface HistogramsReaderOptions {
  /**
   * How windows carry their bins (histograms-bins.ts). 'encoded' suits a sink that stores most of them. With
   * 'borrowed', bins are valid during the call only; allowed for an archive only, because windows of a live stream may
   * have to wait. Default: decoded.
   */
  readonly bins?: GivenBins;
  /** The stream is our own archive; its times were checked when it was written. Default false. */
  readonly isArchive?: boolean;
}

/**
 * Reads our output's lines into a sink.
 *
 * push() throws a UserError if the stream has another version of the format.
 */
export class HistogramsReader {
  readonly #sink: StreamSink;
  readonly #clock: ClockFilter | undefined;
  readonly #notes: (kind: string, payload: unknown) => void;
  readonly #bins: GivenBins;
  readonly #metrics = new Map<string, Metric>();
  readonly #series = new Map<number, { readonly series: Series; readonly counted: { samples: number } }>();
  readonly #data: DataLine = emptyDataLine();
  readonly #faults = new HistogramsFaults();
  #overflow: readonly SeriesOverflow[] = [];
  readonly #lines: ByteLines;
  #originMs: number | undefined;
  #windowMs = 0;
  #line = 0;
  #id: unknown;
  /** Number of samples by metric, compared with the totals in the closing line. */
  readonly #counted = new Map<string, { samples: number }>();
  #span: TimeRange | undefined;
  #load: TimeRange | undefined;

  constructor(
    sink: StreamSink,
    notes: (kind: string, payload: unknown) => void = () => {},
    options: HistogramsReaderOptions = {},
  ) {
    this.#clock = options.isArchive === true ? undefined : new ClockFilter(sink);
    this.#sink = this.#clock ?? sink;
    this.#notes = notes;
    this.#bins = options.bins ?? 'decoded';
    this.#lines = new ByteLines(LONGEST_LINE_BYTES, {
      line: (bytes, start, end) => this.#takeLine(bytes, start, end),
      tooLong: (piece) => {
        this.#line++;
        this.#countBad(piece, 0, piece.length);
      },
    });
  }

  /** Reads the next bytes of the stream. They may be reused after the call. */
  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** Start of the first measurement and end of the last, epoch milliseconds; undefined until the stream has said it. */
  get span(): TimeRange | undefined {
    return this.#span && (this.#clock?.within(this.#span) ?? this.#span);
  }

  /** The same for samples of scenarios only, without setup() and teardown(), up to the current position. */
  get load(): TimeRange | undefined {
    return this.#load && (this.#clock?.within(this.#load) ?? this.#load);
  }

  /** Ends the stream and returns its faults. A complete last line without a line end counts. */
  end(): StreamFaults {
    this.#lines.end();
    this.#clock?.end();
    return this.#faults.end(this.#clock?.droppedSamples ?? 0, this.#overflow);
  }

  #takeLine(bytes: Uint8Array, start: number, end: number): void {
    this.#line++;
    if (end === start) return;
    const isGood = looksLikeData(bytes, start, end)
      ? this.#takeData(bytes, start, end)
      : this.#takeText(bytes, start, end);
    if (!isGood) this.#countBad(bytes, start, end);
  }

  #countBad(bytes: Uint8Array, start: number, end: number): void {
    // At most four bytes per character.
    this.#faults.bad(this.#line, () =>
      textOf(bytes, start, Math.min(end, start + 4 * SHOWN_OF_BAD_LINE)).slice(0, SHOWN_OF_BAD_LINE),
    );
  }

  #takeData(bytes: Uint8Array, start: number, end: number): boolean {
    const line = this.#data;
    if (!parseDataLine(bytes, start, end, line, this.#bins)) return false;
    const known = this.#series.get(line.series);
    if (known === undefined || this.#originMs === undefined) return false;
    const { series } = known;
    const { type } = series.metric;
    const { count, figures } = line;
    const startMs = this.#originMs + line.window * this.#windowMs;
    if (line.size !== FIGURES_OF[type] || count < 1 || Math.abs(startMs) > FARTHEST_MS) return false;
    if ((type === 'trend') !== (line.bins !== undefined)) return false;
    const sum = figures[0] ?? 0;
    if (type === 'rate' && (sum < 0 || sum > count || !Number.isInteger(sum))) return false;
    const hasRange = type === 'trend' || type === 'gauge';
    const min = hasRange ? (figures[1] ?? 0) : 0;
    const max = hasRange ? (figures[2] ?? 0) : 0;
    if (min > max) return false;
    // A repeated line is not a bad one: log collectors send lines again when they reconnect.
    if (!this.#faults.sequence.accept(line.seq, { fromMs: startMs, toMs: startMs + this.#windowMs })) return true;
    known.counted.samples += count;
    const lengthMs = this.#windowMs;
    // The stream has minimum, maximum and last value only for metric types that need them; elsewhere they are never
    // read.
    const last = type === 'gauge' ? (figures[3] ?? 0) : 0;
    const { bins } = line;
    // Not a spread: this runs for half a million lines of an archive.
    this.#sink.window(
      bins === undefined
        ? { series, startMs, lengthMs, count, sum, min, max, last }
        : { series, startMs, lengthMs, count, sum, min, max, last, bins },
    );
    return true;
  }

  #takeText(bytes: Uint8Array, start: number, end: number): boolean {
    const elements = arrayOf(textOf(bytes, start, end));
    if (elements === undefined) return false;
    const [seq, kind] = elements;
    if (!isCount(seq)) return false;
    if (typeof kind === 'number') {
      // A data line that is formatted differently, for example with spaces: read again as the writers format it.
      const canonical = Buffer.from(JSON.stringify(elements));
      return this.#takeData(canonical, 0, canonical.length);
    }
    if (typeof kind !== 'string') return false;
    // The header comes first. A second header starts another stream in the same file.
    if (kind !== 'novaperf' && this.#originMs === undefined) return false;
    if (kind === 'novaperf' && this.#originMs !== undefined) {
      const header = elements[2];
      if (isRecord(header) && header.id === this.#id) return seq === 0 && !this.#faults.sequence.accept(seq);
      if (!this.#nextStream(header)) return false;
    }
    if (this.#faults.sequence.has(seq)) return !this.#faults.sequence.accept(seq);
    // A line is validated completely before anything of it is used.
    const take = this.#control(kind, elements);
    if (take === undefined || !this.#faults.sequence.accept(seq)) return false;
    take();
    return true;
  }

  /** Prepares for another stream in the same file; false if the line is not a header. */
  #nextStream(payload: unknown): boolean {
    if (readHeader(payload) === undefined) return false;
    this.#faults.nextStream();
    this.#counted.clear();
    this.#metrics.clear();
    this.#series.clear();
    return true;
  }

  /** Returns what the control line changes; undefined if the line is not valid. */
  #control(kind: string, elements: readonly unknown[]): (() => void) | undefined {
    const payload = elements[2];
    switch (kind) {
      case 'novaperf':
        return this.#header(payload);
      case 'metric':
        return this.#metric(payload);
      case 'series':
        return this.#declaration(payload, elements[3], elements[4]);
      case 'health':
        return this.#health(payload, elements[3]);
      case 'overflow':
        return this.#overflowed(payload);
      case 'window_ms':
        if (!isCount(payload) || payload < 1) return undefined;
        return () => {
          this.#windowMs = payload;
        };
      case 'span':
      case 'load': {
        const range = readRange(payload);
        if (range === undefined) return undefined;
        return () => {
          if (kind === 'span') this.#span = this.#faults.isFurther ? unionOf([this.#span, range]) : range;
          else this.#load = this.#faults.isFurther ? unionOf([this.#load, range]) : range;
          this.#notes(kind, payload);
        };
      }
      case 'end': {
        const closing = readClosing(payload);
        if (closing === undefined) return undefined;
        return () => {
          this.#faults.close(closing.badValues, this.#missingOf(closing.totals));
          this.#notes(kind, payload);
        };
      }
      default:
        return () => this.#notes(kind, payload);
    }
  }

  /** Number of samples that the closing totals have and the lines did not, over all metrics. */
  #missingOf(totals: ReadonlyMap<string, number>): number {
    let missing = 0;
    for (const [metric, count] of totals) missing += Math.max(0, count - (this.#counted.get(metric)?.samples ?? 0));
    return missing;
  }

  #header(payload: unknown): (() => void) | undefined {
    const header = readHeader(payload);
    if (header === undefined) return undefined;
    return () => {
      this.#originMs = header.originMs;
      this.#windowMs = header.windowMs;
      this.#id = header.id;
      this.#clock?.acceptNear(header.originMs);
      this.#notes('novaperf', payload);
    };
  }

  #metric(payload: unknown): (() => void) | undefined {
    const metric = readMetric(payload);
    if (metric === undefined || this.#metrics.has(metric.name)) return undefined;
    return () => {
      this.#metrics.set(metric.name, metric);
      this.#sink.metric(metric);
    };
  }

  #declaration(id: unknown, name: unknown, tags: unknown): (() => void) | undefined {
    const metric = typeof name === 'string' ? this.#metrics.get(name) : undefined;
    if (this.#series.size >= MOST_SERIES) return undefined;
    if (!isCount(id) || this.#series.has(id) || metric === undefined || !isTags(tags)) return undefined;
    return () => {
      // Not the stream's own id: if a line was lost, those have gaps.
      const series: Series = { id: this.#series.size, metric, tags };
      const counted = this.#counted.get(metric.name) ?? { samples: 0 };
      this.#counted.set(metric.name, counted);
      this.#series.set(id, { series, counted });
      this.#sink.series(series);
    };
  }

  #health(window: unknown, payload: unknown): (() => void) | undefined {
    if (typeof window !== 'number' || !Number.isSafeInteger(window)) return undefined;
    const startMs = (this.#originMs ?? 0) + window * this.#windowMs;
    const health = Math.abs(startMs) > FARTHEST_MS ? undefined : readHealth(payload, startMs, this.#windowMs);
    return health && (() => this.#sink.health(health));
  }

  #overflowed(payload: unknown): (() => void) | undefined {
    const overflow = readOverflow(payload);
    if (overflow === undefined) return undefined;
    return () => {
      this.#overflow = withOverflow(this.#overflow, overflow);
      this.#sink.overflow(overflow);
    };
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** The JSON array in a text; undefined if there is none. */
function arrayOf(text: string): readonly unknown[] | undefined {
  const value = parseJson(text);
  return Array.isArray(value) ? value : undefined;
}
