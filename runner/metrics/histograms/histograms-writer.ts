// Writes metrics, series, windows and health as lines of a histograms stream, in the same format as the Go output.

import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow } from '../../model/metrics.ts';
import { BorrowedBins, encodeBinBytes } from '../buckets/kept-bins.ts';
import { type LineBytes, numberText } from '../bytes/line-bytes.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { HEALTH_FIGURES, type HistogramsHeader, RESERVED_KINDS, WIRE_VERSION } from './histograms-format.ts';

const QUOTE = 34;
const COMMA = 44;
const OPENING_BRACKET = 91;

/**
 * Writes one histograms stream, line by line, starting with the header. Series get new ids in order of appearance. A
 * window declares its series and metric if they are not declared yet. Nothing may be written after end().
 */
export class HistogramsWriter implements StreamSink {
  readonly #lines: LineBytes;
  readonly #originMs: number;
  /** For a branch: the ids of the stream that it branches from, of which those below #firstOwnId are valid. */
  #inherited: ReadonlyMap<Series, number> | undefined;
  #firstOwnId = 0;
  readonly #ids = new Map<Series, number>();
  /** Series by id, except in a branch: most series keep the id of their source. */
  readonly #written: Series[] = [];
  readonly #totals = new Map<string, { count: number; sum: number }>();
  #windowMs: number;
  #seq = 0;
  #ended = false;

  constructor(lines: LineBytes, header: HistogramsHeader, begins = true) {
    this.#lines = lines;
    this.#originMs = header.originMs;
    this.#windowMs = header.windowMs;
    if (!begins) return;
    this.#control('novaperf', {
      v: WIRE_VERSION,
      id: header.id,
      k6: header.k6,
      go: header.go,
      origin_ms: header.originMs,
      window_ms: header.windowMs,
      series_cap: header.seriesCap,
      drop_tags: header.dropTags,
    });
  }

  /**
   * Returns a writer for an alternative ending: its lines may replace those that this writer adds from now on. A branch
   * cannot branch again.
   */
  branch(lines: LineBytes): HistogramsWriter {
    const branch = new HistogramsWriter(
      lines,
      { id: '', k6: '', originMs: this.#originMs, windowMs: this.#windowMs },
      false,
    );
    branch.#seq = this.#seq;
    branch.#inherited = this.#ids;
    branch.#firstOwnId = this.#ids.size;
    for (const metric of this.#totals.keys()) branch.#totals.set(metric, { count: 0, sum: 0 });
    return branch;
  }

  /** Declares a metric, once. */
  metric(metric: Metric): void {
    if (this.#totals.has(metric.name)) return;
    this.#totals.set(metric.name, { count: 0, sum: 0 });
    this.#control('metric', { name: metric.name, type: metric.type, contains: metric.contains });
  }

  /** Declares a series, once. */
  series(series: Series): void {
    this.#idOf(series);
  }

  /**
   * Writes a window, as `series` if given. Throws an Error if the window is not one of this stream's windows; see
   * setWindowMs.
   */
  window(window: SeriesWindow, series: Series = window.series): void {
    const { count, sum, bins } = window;
    const { name, type } = series.metric;
    const id = this.#idOf(series);
    const number = this.#numberOf(window);
    if (type === 'trend' && bins === undefined) throw new Error(`Expected bins in every window of the trend ${name}`);
    const encoded = bins === undefined || bins instanceof BorrowedBins ? undefined : encodeBinBytes(bins);
    const lines = this.#lines;
    if (count === 1 && type === 'trend' && window.min === sum && window.max === sum) {
      // A reading of the system under test: a few hundred a second, so the code below would stay interpreted and slow.
      const text = numberText(sum);
      lines.ascii(`[${this.#nextSeq()},${id},${number},1,${text},${text},${text}`);
    } else {
      this.#beginLine();
      lines.number(id);
      this.#figure(number);
      this.#figure(count);
      this.#figure(sum);
      if (type === 'trend' || type === 'gauge') {
        this.#figure(window.min);
        this.#figure(window.max);
      }
      if (type === 'gauge') this.#figure(window.last);
    }
    if (type === 'trend') {
      lines.character(COMMA);
      lines.character(QUOTE);
      if (bins instanceof BorrowedBins) lines.raw(bins.bytes, bins.start, bins.end);
      else if (encoded !== undefined) lines.raw(encoded, 0, encoded.length);
      lines.character(QUOTE);
    }
    lines.endLine();
    const total = this.#totals.get(name);
    if (total !== undefined) {
      total.count += count;
      total.sum += sum;
    }
  }

  /** Writes the load generator's health in one window. */
  health(health: GeneratorHealth): void {
    const figures: Record<string, number | undefined> = {};
    for (const [name, figure] of HEALTH_FIGURES) figures[name] = health[figure];
    // The reader uses the window length of the stream, even if that of `health` differs.
    const window = Math.floor((health.startMs - this.#originMs) / this.#windowMs);
    this.#line(`"health",${window},${JSON.stringify(figures)}`);
  }

  /** Writes what samples of a metric lost beyond the cap of series. */
  overflow({ metric, tag, values, known }: SeriesOverflow): void {
    this.#control('overflow', { metric, tag, values, known });
  }

  /**
   * Writes a control line of any other kind, with any JSON. Readers pass it to their caller. Throws an Error for a
   * reserved kind.
   */
  note(kind: string, payload: unknown): void {
    if (RESERVED_KINDS.has(kind))
      throw new Error(`Expected a kind of note that the format does not reserve, found "${kind}"`);
    this.#control(kind, payload ?? null);
  }

  /** True if the window starts at a multiple of its own length after the header's origin. */
  fits({ startMs, lengthMs }: Pick<SeriesWindow, 'startMs' | 'lengthMs'>): boolean {
    return (startMs - this.#originMs) % lengthMs === 0;
  }

  /** Sets the length of the windows that follow, milliseconds. They still count from the header's origin. */
  setWindowMs(windowMs: number): void {
    if (windowMs === this.#windowMs) return;
    this.#windowMs = windowMs;
    this.#control('window_ms', windowMs);
  }

  /** Writes the closing line. `badValues`: number of samples in the whole stream that were not finite. */
  end(badValues = 0): void {
    const totals = [...this.#totals].map(
      ([name, { count, sum }]) => `${JSON.stringify(name)}:[${count},${numberText(sum)}]`,
    );
    this.#line(`"end",{"totals":{${totals.join(',')}}${badValues > 0 ? `,"bad_values":${badValues}` : ''}}`);
    this.#ended = true;
  }

  #idOf(series: Series): number {
    if (this.#written[series.id] === series) return series.id;
    const inherited = this.#inherited?.get(series);
    if (inherited !== undefined && inherited < this.#firstOwnId) return inherited;
    const known = this.#ids.get(series);
    if (known !== undefined) return known;
    this.metric(series.metric);
    const id = this.#firstOwnId + this.#ids.size;
    this.#ids.set(series, id);
    if (this.#firstOwnId === 0) this.#written.push(series);
    this.#line(`"series",${id},${JSON.stringify(series.metric.name)},${JSON.stringify(series.tags)}`);
    return id;
  }

  #numberOf(window: SeriesWindow): number {
    const number = (window.startMs - this.#originMs) / this.#windowMs;
    if (window.lengthMs !== this.#windowMs || !Number.isSafeInteger(number)) {
      throw new Error(
        `Expected windows of ${this.#windowMs} ms from ${this.#originMs} on, found ${window.lengthMs} ms at ${window.startMs}`,
      );
    }
    return number === 0 ? 0 : number;
  }

  #control(kind: string, payload: unknown): void {
    this.#line(`${JSON.stringify(kind)},${JSON.stringify(payload)}`);
  }

  #line(rest: string): void {
    const lines = this.#beginLine();
    lines.text(rest);
    lines.endLine();
  }

  #beginLine(): LineBytes {
    const seq = this.#nextSeq();
    const lines = this.#lines;
    lines.character(OPENING_BRACKET);
    lines.number(seq);
    lines.character(COMMA);
    return lines;
  }

  #nextSeq(): number {
    if (this.#ended) throw new Error('Expected nothing more after the end of the stream');
    return this.#seq++;
  }

  #figure(value: number): void {
    this.#lines.character(COMMA);
    this.#lines.number(value);
  }
}
