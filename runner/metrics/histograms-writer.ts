// Metrics, series, windows and health of any stream go in; the lines of a histograms stream come out, as Go writes them.

import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow } from '../model/metrics.ts';
import { HEALTH_FIGURES, type HistogramsHeader, RESERVED_KINDS, WIRE_VERSION } from './histograms-format.ts';
import { BorrowedBins, encodeBinBytes } from './kept-bins.ts';
import { type LineBytes, numberText } from './line-bytes.ts';
import type { StreamSink } from './sink.ts';

const QUOTE = 34;
const COMMA = 44;
const OPENING_BRACKET = 91;

/**
 * Writes one histograms stream, line by line, beginning with the header.
 * Series get ids of their own in the order in which they come; a window whose series or metric was not declared declares it.
 * After end() nothing may be written.
 */
export class HistogramsWriter implements StreamSink {
  readonly #lines: LineBytes;
  readonly #originMs: number;
  /** Of the stream that this one branches from: its ids below #firstOwnId, which go on here. */
  #inherited: ReadonlyMap<Series, number> | undefined;
  #firstOwnId = 0;
  readonly #ids = new Map<Series, number>();
  /** By id, where ids are not inherited: most series have the same number here as where they come from. */
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
   * A writer of another end of this stream: its lines may follow those written so far in place of the ones that this writer
   * goes on with. Only of a writer that is no branch itself.
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

  metric(metric: Metric): void {
    if (this.#totals.has(metric.name)) return;
    this.#totals.set(metric.name, { count: 0, sum: 0 });
    this.#control('metric', { name: metric.name, type: metric.type, contains: metric.contains });
  }

  series(series: Series): void {
    this.#idOf(series);
  }

  /** Throws an Error where the window does not lie on the windows of this stream; see setWindowMs. `series`: under which it is written. */
  window(window: SeriesWindow, series: Series = window.series): void {
    const { count, sum, bins } = window;
    const { name, type } = series.metric;
    const id = this.#idOf(series);
    const number = this.#numberOf(window);
    if (type === 'trend' && bins === undefined) throw new Error(`Expected bins in every window of the trend ${name}`);
    const encoded = bins === undefined || bins instanceof BorrowedBins ? undefined : encodeBinBytes(bins);
    const lines = this.#lines;
    if (count === 1 && type === 'trend' && window.min === sum && window.max === sum) {
      // A reading of the system under test: hundreds a second, in code that is too seldom run to be compiled well.
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

  health(health: GeneratorHealth): void {
    const figures: Record<string, number | undefined> = {};
    for (const [name, figure] of HEALTH_FIGURES) figures[name] = health[figure];
    // Its own length may be another one: the reader gives it that of the stream.
    const window = Math.floor((health.startMs - this.#originMs) / this.#windowMs);
    this.#line(`"health",${window},${JSON.stringify(figures)}`);
  }

  overflow({ metric, tag, values, known }: SeriesOverflow): void {
    this.#control('overflow', { metric, tag, values, known });
  }

  /** Writes a control line of a kind of its own with any JSON, which readers hand to their caller. */
  note(kind: string, payload: unknown): void {
    if (RESERVED_KINDS.has(kind)) throw new Error(`Expected a note of a kind of its own, found "${kind}"`);
    this.#control(kind, payload ?? null);
  }

  /** Whether the window lies on windows of its own length, counted from the header's origin. */
  fits({ startMs, lengthMs }: Pick<SeriesWindow, 'startMs' | 'lengthMs'>): boolean {
    return (startMs - this.#originMs) % lengthMs === 0;
  }

  /** From here on, windows have this length, still counted from the header's origin. */
  setWindowMs(windowMs: number): void {
    if (windowMs === this.#windowMs) return;
    this.#windowMs = windowMs;
    this.#control('window_ms', windowMs);
  }

  /** Writes the closing line. `badValues`: samples of the whole stream that were no finite number. */
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
