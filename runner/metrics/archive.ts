// A run's stream goes in as it comes; archive.ndjson.gz comes out, a histograms stream that every report can be made from again.
//
// Windows are merged up to an interval that keeps the archive small before they are written. It grows while the run goes on,
// so memory is one interval and the file some tens of megabytes whatever the run's length is. Every few seconds the gzip data
// are flushed: a run that is killed leaves an archive that can be read up to then, under the name it has while it grows.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { finished } from 'node:stream/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow, TimeRange } from '../model/metrics.ts';
import { messageOf } from '../system/errors.ts';
import { withOverflow } from './faults.ts';
import { mergeHealth } from './health.ts';
import { HistogramsWriter } from './histograms-writer.ts';
import { IntervalGrid } from './interval-grid.ts';
import { intervalFor } from './interval-length.ts';
import { SeriesIndex } from './series-index.ts';
import { SeriesIntervals } from './series-intervals.ts';
import type { StreamSink } from './sink.ts';

/** What stands behind the name of an archive that is not whole yet, or never became so. */
export const PART_SUFFIX = '.part';

const FLUSH_EVERY_MS = 3000;
/** Text is handed to gzip in pieces of about this many characters. */
const PIECE = 1 << 16;
/** An interval is written when the stream is this far past its end; windows that come even later make lines of their own. */
const LATE_MS = 2000;
/** Ramp-down and graceful stop come on top of what was planned. */
const OVERRUN = 1.05;
const OVERRUN_MS = 30_000;
/** So many lines of one interval length, and the next length is taken: 20,000 series then cost no more than some hundred. */
const MOST_LINES_PER_LENGTH = 1_000_000;

export interface ArchiveOptions {
  /** What is known of the run before it starts: any JSON. Written at once, so that a run that dies can be named. */
  readonly facts: unknown;
  /** Length of the run, if it is known. Default: intervals start as the stream's windows and grow. */
  readonly plannedDurationMs?: number;
  /** Start of the first interval, epoch milliseconds, a whole second. Default: the start of the first window. */
  readonly originMs?: number;
  /** Version of the k6 that ran, for the header. */
  readonly k6Version?: string;
}

interface Entry {
  readonly series: Series;
  readonly pending: SeriesIntervals;
}

/**
 * Writes `path`.part and gives it its name when close() finds it whole. Never throws and never stops a run for want of disk:
 * `problem` then says what happened, and the rest is dropped.
 */
export class ArchiveWriter implements StreamSink {
  /** Why the archive is incomplete; undefined while all is well. */
  problem: string | undefined;
  readonly #path: string;
  readonly #options: ArchiveOptions;
  readonly #file: WriteStream;
  readonly #gzip: Gzip;
  readonly #timer: NodeJS.Timeout;
  readonly #index = new SeriesIndex<Entry>((series) => ({ series, pending: new SeriesIntervals(series.metric.type) }));
  /** Entries that hold windows not yet written. */
  readonly #pending = new Set<Entry>();
  readonly #pendingHealth = new Map<number, GeneratorHealth>();
  #overflows: readonly SeriesOverflow[] = [];
  /** Samples from before the first window. */
  #early: unknown[] = [];
  #grid: IntervalGrid;
  #wire: HistogramsWriter | undefined;
  #newestStartMs = -Infinity;
  #lines = 0;
  #text = '';
  #unflushed = false;
  #closed: Promise<void> | undefined;

  constructor(path: string, options: ArchiveOptions) {
    this.#path = path;
    this.#options = options;
    this.#grid = new IntervalGrid(options.originMs);
    this.#file = createWriteStream(`${path}${PART_SUFFIX}`, { flush: true });
    this.#gzip = createGzip({ level: 6 });
    this.#file.on('error', (error) => this.#fail(error));
    this.#gzip.on('error', (error) => this.#fail(error));
    this.#gzip.pipe(this.#file);
    this.#timer = setInterval(() => this.#flush(), FLUSH_EVERY_MS).unref();
  }

  metric(metric: Metric): void {
    this.#index.declare(metric);
    this.#wire?.metric(metric);
  }

  series(series: Series): void {
    const entry = this.#index.entryOf(series);
    this.#wire?.series(entry.series);
  }

  window(window: SeriesWindow): void {
    if (window.count <= 0 || this.problem !== undefined) return;
    const entry = this.#index.entryOf(window.series);
    const wire = this.#begin(window.startMs, window.lengthMs);
    this.#lengthen(this.#grid.fit(window));
    if (this.#lines > MOST_LINES_PER_LENGTH) this.#lengthen(this.#grid.lengthen());
    if (window.startMs > this.#newestStartMs) {
      this.#newestStartMs = window.startMs;
      this.#writeBefore(this.#grid.numberOf(window.startMs - LATE_MS));
    }
    const interval = this.#grid.numberOf(window.startMs);
    if (window.lengthMs === this.#grid.lengthMs && window.startMs === this.#grid.startOf(interval)) {
      wire.window({ ...window, series: entry.series });
    } else {
      entry.pending.add(interval, window);
      this.#pending.add(entry);
    }
  }

  health(health: GeneratorHealth): void {
    this.#begin(health.startMs, health.lengthMs);
    const interval = this.#grid.numberOf(health.startMs);
    const known = this.#pendingHealth.get(interval);
    this.#pendingHealth.set(interval, known === undefined ? health : mergeHealth(known, health));
  }

  overflow(overflow: SeriesOverflow): void {
    this.#overflows = withOverflow(this.#overflows, overflow);
    this.#begin(Date.now()).overflow(overflow);
  }

  /** When the first thing that the stream measured began and the last ended, as its reader tells; before close(). */
  span({ fromMs, toMs }: TimeRange): void {
    this.#begin(fromMs).note('span', { first_ms: fromMs, last_ms: toMs });
  }

  /** Any JSON under a kind of its own, as often as there is something to say; before close(). */
  note(kind: string, payload: unknown): void {
    if (this.problem === undefined) this.#begin(Date.now()).note(kind, payload);
  }

  /** Any JSON about a request that failed, which a run that dies leaves behind; the caller bounds how many. */
  sample(payload: unknown): void {
    // The first window, not what comes before it, tells where the intervals begin.
    if (this.#wire === undefined) this.#early.push(payload);
    else this.#wire.note('sample', payload);
  }

  /** Any JSON about how the run ended; before close(). */
  outcome(payload: unknown): void {
    this.#begin(Date.now()).note('outcome', payload);
  }

  /** Resolves when gzip has taken what was poured in: for those who pour faster than a disk writes. */
  async drained(): Promise<void> {
    this.#handOver();
    if (this.problem !== undefined || !this.#gzip.writableNeedDrain) return;
    const done = new AbortController();
    const end = { signal: done.signal };
    await Promise.race([once(this.#gzip, 'drain', end), once(this.#gzip, 'close', end)]).finally(() => done.abort());
  }

  /** Writes what is left and the closing line, and names the archive. Where that fails, `problem` says why and `.part` stays. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    const wire = this.#begin(Date.now());
    this.#writeBefore(Infinity);
    for (const overflow of this.#overflows) wire.overflow(overflow);
    wire.end();
    this.#handOver();
    if (this.problem !== undefined) return;
    this.#gzip.end();
    await finished(this.#file).catch((error) => this.#fail(error));
    if (this.problem !== undefined) return;
    await rename(`${this.#path}${PART_SUFFIX}`, this.#path).catch((error) => this.#fail(error));
  }

  /** The header can tell the origin only once it is known: with the first window, or at the first flush. */
  #begin(firstStartMs: number, windowMs = 1000): HistogramsWriter {
    if (this.#wire !== undefined) return this.#wire;
    const { facts, plannedDurationMs, k6Version = 'unknown' } = this.#options;
    const originMs = this.#options.originMs ?? Math.floor(firstStartMs / windowMs) * windowMs;
    this.#grid = new IntervalGrid(originMs);
    const wire = new HistogramsWriter(
      (line) => {
        this.#lines++;
        if (this.problem === undefined) this.#text += line;
        if (this.#text.length > PIECE) this.#handOver();
      },
      { id: randomUUID(), k6: k6Version, originMs, windowMs },
    );
    this.#wire = wire;
    wire.note('run', facts);
    for (const sample of this.#early.splice(0)) wire.note('sample', sample);
    for (const metric of this.#index.metrics.values()) wire.metric(metric);
    for (const series of this.#index.series) wire.series(series);
    this.#grid.lengthMs = windowMs;
    if (plannedDurationMs !== undefined) {
      this.#grid.lengthMs = intervalFor(plannedDurationMs * OVERRUN + OVERRUN_MS, windowMs);
      wire.setWindowMs(this.#grid.lengthMs);
    }
    return wire;
  }

  #lengthen(factor: number): void {
    if (factor === 1) return;
    for (const { pending } of this.#pending) pending.coarsen(factor);
    const health = [...this.#pendingHealth.values()];
    this.#pendingHealth.clear();
    for (const each of health) this.health(each);
    this.#lines = 0;
    this.#wire?.setWindowMs(this.#grid.lengthMs);
  }

  #writeBefore(interval: number): void {
    const wire = this.#wire;
    if (wire === undefined) return;
    const { lengthMs } = this.#grid;
    for (const entry of this.#pending) {
      const { series, pending } = entry;
      pending.drain(interval, (closed) => {
        const [count = 0, sum = 0, min = 0, max = 0, last = 0] = closed.figures;
        const startMs = this.#grid.startOf(closed.interval);
        wire.window({ series, startMs, lengthMs, count, sum, min, max, last, bins: closed.bins });
      });
      if (pending.isEmpty) this.#pending.delete(entry);
    }
    for (const [number, health] of this.#pendingHealth) {
      if (number >= interval) continue;
      wire.health({ ...health, startMs: this.#grid.startOf(number), lengthMs });
      this.#pendingHealth.delete(number);
    }
  }

  #handOver(): void {
    if (this.#text === '' || this.problem !== undefined) return;
    this.#gzip.write(this.#text);
    this.#text = '';
    this.#unflushed = true;
  }

  #flush(): void {
    this.#begin(Date.now());
    this.#handOver();
    if (!this.#unflushed || this.problem !== undefined) return;
    this.#unflushed = false;
    this.#gzip.flush(constants.Z_SYNC_FLUSH);
  }

  #fail(error: unknown): void {
    if (this.problem !== undefined) return;
    this.problem = `${basename(this.#path)} is incomplete, what could be written is in ${basename(this.#path)}${PART_SUFFIX}: ${messageOf(error)}`;
    this.#text = '';
    this.#gzip.unpipe(this.#file);
    this.#gzip.destroy();
    this.#file.destroy();
  }
}
