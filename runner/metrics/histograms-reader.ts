// Bytes of a histograms stream go in, cut anywhere; metrics, series, windows and health come out into a sink, and at the end
// what was wrong with the stream.

import type {
  GeneratorHealth,
  Metric,
  MetricType,
  Series,
  SeriesOverflow,
  StreamFaults,
  Tags,
  TimeRange,
} from '../model/metrics.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { ClockFilter } from './clock-filter.ts';
import { rare, withOverflow } from './faults.ts';
import { FIGURES_OF, HEALTH_FIGURES, WIRE_VERSION } from './histograms-format.ts';
import { type DataLine, emptyDataLine, type GivenBins, looksLikeData, parseDataLine } from './histograms-line.ts';
import { SequenceCheck } from './histograms-sequence.ts';
import type { StreamSink } from './sink.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Longer lines are no lines of a stream: they are dropped as they come, so that they take no memory. */
const LONGEST_LINE = 8 * 1024 * 1024;
/** k6 caps its series at 20,000 a process: more than those of some pods are no stream of ours. */
const MOST_SERIES = 200_000;
const SHOWN_OF_BAD_LINE = 200;
/** Greatest distance of a Date from 1970, milliseconds. */
const FARTHEST_MS = 8.64e15;

export interface HistogramsReaderOptions {
  /**
   * How windows carry their bins (histograms-bins.ts). Encoded: for a sink that keeps most of them as they are. Borrowed, which also
   * the window is: for one that keeps neither. Only of an archive, since the windows of a live stream may wait. Default: decoded.
   */
  readonly bins?: GivenBins;
  /** The stream is our own archive, whose times were looked at when it was written. Default false. */
  readonly isArchive?: boolean;
}

/**
 * Reads one histograms stream, live or from an archive. Text between the lines, such as what a script prints, is counted and
 * skipped. `notes` gets the payload of every control line that the reader does not use up itself: "novaperf" (the header),
 * "end" (the totals), "run", "outcome" and any kind to come.
 *
 * push() throws a UserError where the stream is of another version of the format.
 */
export class HistogramsReader {
  readonly #sink: StreamSink;
  readonly #clock: ClockFilter | undefined;
  readonly #notes: (kind: string, payload: unknown) => void;
  readonly #bins: GivenBins;
  readonly #metrics = new Map<string, Metric>();
  readonly #series = new Map<number, { readonly series: Series; readonly counted: { samples: number } }>();
  readonly #data: DataLine = emptyDataLine();
  #sequence = new SequenceCheck();
  #overflow: readonly SeriesOverflow[] = [];
  #unfinished: Uint8Array[] = [];
  #unfinishedBytes = 0;
  #originMs: number | undefined;
  #windowMs = 0;
  #line = 0;
  #badLines = 0;
  #firstBadLine: StreamFaults['firstBadLine'];
  #badValues = 0;
  #complete = false;
  #id: unknown;
  /** Of the streams before the present one. */
  #runsBefore = 0;
  #lostBefore = 0;
  #repeatedBefore = 0;
  readonly #gapsBefore: TimeRange[] = [];
  /** Samples by metric, and how many more than those the closing lines gave. */
  readonly #counted = new Map<string, { samples: number }>();
  #missingSamples = 0;
  #wereComplete = true;
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
  }

  /** Takes the next bytes of the stream. They are not kept beyond the call, except the beginning of an unfinished line. */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0) break;
      if (this.#unfinishedBytes > 0) {
        this.#keep(chunk.subarray(start, newline));
        this.#takeUnfinished();
      } else {
        this.#takeLine(chunk, start, newline);
      }
      start = newline + 1;
    }
    // Not slice(): that of a Buffer does not copy, and the caller may use the chunk again.
    if (start < chunk.length) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  /** When the first thing that was measured began and the last ended, epoch milliseconds; undefined until the stream says so. */
  get span(): TimeRange | undefined {
    return this.#span && (this.#clock?.within(this.#span) ?? this.#span);
  }

  /** The same of the samples that scenarios made, without setup() and teardown(), as far as the stream has come. */
  get load(): TimeRange | undefined {
    return this.#load && (this.#clock?.within(this.#load) ?? this.#load);
  }

  /** What was wrong with the stream. A last line without a line end counts if it is whole. */
  end(): StreamFaults {
    if (this.#unfinishedBytes > 0) this.#takeUnfinished();
    this.#clock?.end();
    return {
      badLines: this.#badLines,
      ...(this.#firstBadLine === undefined ? {} : { firstBadLine: this.#firstBadLine }),
      badValues: this.#badValues,
      ...rare({
        outsideClock: this.#clock?.outside ?? 0,
        runs: this.#runsBefore + 1,
        repeatedLines: this.#repeatedBefore + this.#sequence.repeated,
        missingSamples: this.#missingSamples,
        gaps: [...this.#gapsBefore, ...this.#sequence.gaps],
      }),
      lostLines: this.#lostBefore + this.#sequence.lost,
      complete: this.#wereComplete && this.#complete,
      overflow: this.#overflow,
    };
  }

  #keep(piece: Uint8Array): void {
    if (this.#unfinishedBytes <= LONGEST_LINE) this.#unfinished.push(piece);
    this.#unfinishedBytes += piece.length;
  }

  #takeUnfinished(): void {
    const isTooLong = this.#unfinishedBytes > LONGEST_LINE;
    const whole = isTooLong ? (this.#unfinished[0] ?? new Uint8Array()) : Buffer.concat(this.#unfinished);
    this.#unfinished = [];
    this.#unfinishedBytes = 0;
    if (isTooLong) {
      this.#line++;
      this.#countBad(whole, 0, whole.length);
    } else {
      this.#takeLine(whole, 0, whole.length);
    }
  }

  #takeLine(bytes: Uint8Array, start: number, lineEnd: number): void {
    this.#line++;
    const end = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
    if (end === start) return;
    const isGood = looksLikeData(bytes, start, end)
      ? this.#takeData(bytes, start, end)
      : this.#takeText(bytes, start, end);
    if (!isGood) this.#countBad(bytes, start, end);
  }

  #countBad(bytes: Uint8Array, start: number, end: number): void {
    this.#badLines++;
    if (this.#firstBadLine !== undefined) return;
    // Four bytes a character at most.
    const text = textOf(bytes, start, Math.min(end, start + 4 * SHOWN_OF_BAD_LINE));
    this.#firstBadLine = { line: this.#line, text: text.slice(0, SHOWN_OF_BAD_LINE) };
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
    // A repeated line is no bad one: whoever collects logs reconnects.
    if (!this.#sequence.accept(line.seq, { fromMs: startMs, toMs: startMs + this.#windowMs })) return true;
    known.counted.samples += count;
    const lengthMs = this.#windowMs;
    // The stream holds minimum, maximum and last for trends and gauges only; elsewhere nobody asks.
    const last = type === 'gauge' ? (figures[3] ?? 0) : 0;
    const { bins } = line;
    // Not spread: half a million lines of an archive come by here.
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
      // A data line with spaces, say: once more as the writers write it.
      const canonical = Buffer.from(JSON.stringify(elements));
      return this.#takeData(canonical, 0, canonical.length);
    }
    if (typeof kind !== 'string') return false;
    // The header comes first; another one begins another stream in the same file.
    if (kind !== 'novaperf' && this.#originMs === undefined) return false;
    if (kind === 'novaperf' && this.#originMs !== undefined) {
      const header = elements[2];
      if (isRecord(header) && header.id === this.#id) return seq === 0 && !this.#sequence.accept(seq);
      if (!this.#nextStream(header)) return false;
    }
    if (this.#sequence.has(seq)) return !this.#sequence.accept(seq);
    // Nothing of a line is taken before all of it is known to be good.
    const take = this.#control(kind, elements);
    if (take === undefined || !this.#sequence.accept(seq)) return false;
    take();
    return true;
  }

  /** Makes room for a further stream; false where the line is none's header. */
  #nextStream(payload: unknown): boolean {
    if (!isRecord(payload) || this.#header(payload) === undefined) return false;
    this.#runsBefore++;
    this.#lostBefore += this.#sequence.lost;
    this.#repeatedBefore += this.#sequence.repeated;
    this.#gapsBefore.push(...this.#sequence.gaps);
    this.#counted.clear();
    this.#wereComplete = this.#wereComplete && this.#complete;
    this.#complete = false;
    this.#sequence = new SequenceCheck();
    this.#metrics.clear();
    this.#series.clear();
    return true;
  }

  /** What a control line does; undefined where it is not as it should be. */
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
        const range = rangeOf(payload);
        if (range === undefined) return undefined;
        return () => {
          if (kind === 'span') this.#span = this.#runsBefore > 0 ? unionOf(this.#span, range) : range;
          else this.#load = this.#runsBefore > 0 ? unionOf(this.#load, range) : range;
          this.#notes(kind, payload);
        };
      }
      case 'end': {
        const badValues = isRecord(payload) ? (payload.bad_values ?? 0) : undefined;
        if (!isCount(badValues)) return undefined;
        return () => {
          this.#badValues += badValues;
          this.#complete = true;
          if (isRecord(payload) && isRecord(payload.totals)) this.#missingSamples += this.#missingOf(payload.totals);
          this.#notes(kind, payload);
        };
      }
      default:
        return () => this.#notes(kind, payload);
    }
  }

  /** How many samples the closing totals have beyond those that came; all metrics together. */
  #missingOf(totals: Readonly<Record<string, unknown>>): number {
    let missing = 0;
    for (const [metric, total] of Object.entries(totals)) {
      const [count]: unknown[] = Array.isArray(total) ? total : [];
      if (isCount(count)) missing += Math.max(0, count - (this.#counted.get(metric)?.samples ?? 0));
    }
    return missing;
  }

  #header(payload: unknown): (() => void) | undefined {
    if (!isRecord(payload)) return undefined;
    const { v: version, origin_ms: originMs, window_ms: windowMs } = payload;
    if (isCount(version) && version !== WIRE_VERSION) {
      throw new UserError(`Expected a histograms stream of version ${WIRE_VERSION}, found version ${version}.`, {
        next: 'read it with the release of novaperf whose k6 wrote it, or build k6 again',
      });
    }
    if (version !== WIRE_VERSION || !Number.isSafeInteger(originMs) || typeof originMs !== 'number') return undefined;
    if (!isCount(windowMs) || windowMs < 1) return undefined;
    return () => {
      this.#originMs = originMs;
      this.#windowMs = windowMs;
      this.#id = payload.id;
      this.#clock?.believe(originMs);
      this.#notes('novaperf', payload);
    };
  }

  #metric(payload: unknown): (() => void) | undefined {
    if (!isRecord(payload)) return undefined;
    const { name, type, contains } = payload;
    if (typeof name !== 'string' || !isMetricType(type) || !isUnit(contains)) return undefined;
    if (this.#metrics.has(name)) return undefined;
    const metric: Metric = { name, type, contains };
    return () => {
      this.#metrics.set(name, metric);
      this.#sink.metric(metric);
    };
  }

  #declaration(id: unknown, name: unknown, tags: unknown): (() => void) | undefined {
    const metric = typeof name === 'string' ? this.#metrics.get(name) : undefined;
    if (this.#series.size >= MOST_SERIES) return undefined;
    if (!isCount(id) || this.#series.has(id) || metric === undefined || !isTags(tags)) return undefined;
    return () => {
      // Not the stream's id: where a line was lost, those are not dense.
      const series: Series = { id: this.#series.size, metric, tags };
      const counted = this.#counted.get(metric.name) ?? { samples: 0 };
      this.#counted.set(metric.name, counted);
      this.#series.set(id, { series, counted });
      this.#sink.series(series);
    };
  }

  #health(window: unknown, payload: unknown): (() => void) | undefined {
    if (typeof window !== 'number' || !Number.isSafeInteger(window) || !isRecord(payload)) return undefined;
    const startMs = (this.#originMs ?? 0) + window * this.#windowMs;
    if (Math.abs(startMs) > FARTHEST_MS) return undefined;
    const health: { -readonly [K in keyof GeneratorHealth]: GeneratorHealth[K] } = {
      startMs,
      lengthMs: this.#windowMs,
    };
    for (const [name, figure] of HEALTH_FIGURES) {
      const value = payload[name];
      if (value === undefined) continue;
      if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
      health[figure] = value;
    }
    return () => this.#sink.health(health);
  }

  #overflowed(payload: unknown): (() => void) | undefined {
    if (!isRecord(payload)) return undefined;
    const { metric, tag, values, known } = payload;
    if (typeof metric !== 'string' || typeof tag !== 'string' || !isCount(values)) return undefined;
    if (known !== undefined && !isTexts(known)) return undefined;
    const overflow: SeriesOverflow = { metric, tag, values, ...(known !== undefined && { known }) };
    return () => {
      this.#overflow = withOverflow(this.#overflow, overflow);
      this.#sink.overflow(overflow);
    };
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** The JSON array in a text, undefined where it holds none. */
function arrayOf(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function rangeOf(payload: unknown): TimeRange | undefined {
  if (!isRecord(payload)) return undefined;
  const { first_ms: fromMs, last_ms: toMs } = payload;
  return typeof fromMs === 'number' && typeof toMs === 'number' ? { fromMs, toMs } : undefined;
}

function unionOf(a: TimeRange | undefined, b: TimeRange): TimeRange {
  return { fromMs: Math.min(a?.fromMs ?? b.fromMs, b.fromMs), toMs: Math.max(a?.toMs ?? b.toMs, b.toMs) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isMetricType(value: unknown): value is MetricType {
  return typeof value === 'string' && Object.hasOwn(FIGURES_OF, value);
}

function isUnit(value: unknown): value is Metric['contains'] {
  return value === 'default' || value === 'time' || value === 'data';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isTags(value: unknown): value is Tags {
  return isRecord(value) && Object.values(value).every((tag) => typeof tag === 'string');
}
