// Writes a run's stream to archive.ndjson.gz, itself a histograms stream, from which every report can be made again.
//
// Windows are merged into intervals before they are written. Intervals get longer as the run goes on, so memory is one
// interval and the file some tens of megabytes, whatever the length of the run. What is not written yet is kept in a
// tail file (archive-tail.ts). Both are saved several times a second: a killed run loses less than two seconds.

import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow, TimeRange } from '../../model/metrics.ts';
import { messageOf } from '../../system/errors.ts';
import { EncodedBins, encodeBinBytes } from '../buckets/kept-bins.ts';
import { LineBytes } from '../bytes/line-bytes.ts';
import { HistogramsWriter } from '../histograms/histograms-writer.ts';
import { NOT_ENDED, withOverflow } from '../sinks/faults.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { mergeHealth } from '../store/health.ts';
import { IntervalGrid } from '../store/interval-grid.ts';
import { intervalFor } from '../store/interval-length.ts';
import { SeriesIndex } from '../store/series-index.ts';
import { SeriesIntervals } from '../store/series-intervals.ts';
import type { Archive, ArchiveContent } from './archive-content.ts';
import { GzipFile } from './archive-files.ts';
import { ArchiveTail, COMMIT_KIND, type TailNumber, tailPath, windowOf } from './archive-tail.ts';

/** Suffix of an archive that is not finished, or never was. */
export const PART_SUFFIX = '.part';

/** k6's output writes a second within 0.4 s of its end; with this interval, less than 2 s are lost. */
const SAVE_EVERY_MS = 300;
/**
 * gzip levels: a live run leaves time to compress; when an existing stream is converted, compression would be the
 * bottleneck.
 */
const SMALL_LEVEL = 6;
const FAST_LEVEL = 1;
/** Lines are passed to gzip in pieces of about this size. */
const PIECE = 1 << 16;
/** An interval is written once the stream is this far past its end. Later windows get lines of their own. */
const LATE_MS = 2000;
/** Allowance for ramp-down and graceful stop, which come on top of the planned duration. */
const OVERRUN = 1.05;
const OVERRUN_MS = 30_000;
/**
 * After this many lines of one interval length, intervals get longer, which bounds the file even with 20,000 series.
 */
const MOST_LINES_PER_LENGTH = 1_000_000;

export interface ArchiveOptions {
  /**
   * What is known of the run before it starts, any JSON. Written at once, so that a run that dies can be identified.
   */
  readonly facts: unknown;
  /** Planned length of the run, if known. Default: intervals start as long as the stream's windows and grow. */
  readonly plannedDurationMs?: number;
  /** Start of the first interval, epoch milliseconds, a whole second. Default: the start of the first window. */
  readonly originMs?: number;
  /** Version of k6, for the header. */
  readonly k6Version?: string;
  /** False if the stream can be read again: then nothing is saved before close(). Default true. */
  readonly isLive?: boolean;
  /** Receives what is written, in the same order, as a reader of the archive would. See read(). */
  readonly content?: ArchiveContent;
}

interface Entry {
  readonly series: Series;
  /** Created on first use: in short runs no window has to wait. */
  pending: SeriesIntervals | undefined;
}

/**
 * Writes `path`.part and renames it to `path` when close() finds it complete. Never throws and never stops a run, for
 * example when the disk is full: `problem` then says what happened and the rest is dropped.
 */
export class ArchiveWriter implements StreamSink {
  /** Why the archive is incomplete; undefined if it is not. */
  problem: string | undefined;
  readonly #path: string;
  readonly #options: ArchiveOptions;
  readonly #file: GzipFile;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #index = new SeriesIndex<Entry>((series) => ({ series, pending: undefined }));
  /** Entries with windows that are not written yet. */
  readonly #pending = new Set<Entry>();
  readonly #pendingHealth = new Map<number, GeneratorHealth>();
  #overflows: readonly SeriesOverflow[] = [];
  /** Error samples from before the first window. */
  #early: unknown[] = [];
  #grid: IntervalGrid;
  #wire: HistogramsWriter | undefined;
  #newestStartMs = -Infinity;
  #lines = 0;
  /** Lines that wait until there are enough of them, or until the tail that they refer to is saved. */
  readonly #out = new LineBytes(() => this.#tookLine());
  #isHeld = false;
  #tail: ArchiveTail | undefined;
  #nextTail: TailNumber = 0;
  /** Lines written in total, and how many of them the last commit covers. */
  #linesInAll = 0;
  #linesCommitted = 0;
  /** True if the archive has since written numbers that the tail holds too. */
  #isTailOutdated = false;
  #saving = Promise.resolve();
  /** Number of save() calls that have not finished. */
  #saves = 0;
  #closed: Promise<void> | undefined;
  #span: TimeRange | undefined;
  #load: TimeRange | undefined;

  constructor(path: string, options: ArchiveOptions) {
    this.#path = path;
    this.#options = options;
    this.#grid = new IntervalGrid(options.originMs);
    const level = options.isLive === false ? FAST_LEVEL : SMALL_LEVEL;
    this.#file = new GzipFile(`${path}${PART_SUFFIX}`, level, (error) => this.#fail(error));
    if (options.isLive === false) return;
    this.#begin(Date.now());
    void this.save();
    this.#timer = setInterval(() => {
      if (this.#saves === 0) void this.save();
    }, SAVE_EVERY_MS).unref();
  }

  metric(metric: Metric): void {
    this.#index.declare(metric);
    this.#wire?.metric(metric);
    this.#tail?.metric(metric);
    this.#options.content?.sink.metric(metric);
  }

  series(series: Series): void {
    const entry = this.#index.entryOf(series);
    this.#wire?.series(entry.series);
    this.#tail?.series(entry.series);
    this.#options.content?.sink.series(entry.series);
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
      wire.window(window, entry.series);
      this.#options.content?.sink.window(window);
      this.#isTailOutdated = true;
    } else {
      entry.pending ??= new SeriesIntervals(entry.series.metric.type);
      entry.pending.add(interval, window);
      this.#pending.add(entry);
      this.#tail?.window({ ...window, series: entry.series });
    }
  }

  health(health: GeneratorHealth): void {
    const wire = this.#begin(health.startMs, health.lengthMs);
    const interval = this.#grid.numberOf(health.startMs);
    if (health.lengthMs === this.#grid.lengthMs && health.startMs === this.#grid.startOf(interval)) {
      this.#writeHealth(wire, health);
      return;
    }
    this.#tail?.health(health);
    const known = this.#pendingHealth.get(interval);
    this.#pendingHealth.set(interval, known === undefined ? health : mergeHealth(known, health));
  }

  overflow(overflow: SeriesOverflow): void {
    this.#overflows = withOverflow(this.#overflows, overflow);
    this.#begin(Date.now()).overflow(overflow);
    this.#tail?.overflow(overflow);
    this.#options.content?.sink.overflow(overflow);
  }

  /** Sets when the first measurement began and the last one ended, epoch milliseconds. Call it before close(). */
  span({ fromMs, toMs }: TimeRange): void {
    this.#span = { fromMs, toMs };
    this.#begin(fromMs);
    this.note('span', { first_ms: fromMs, last_ms: toMs });
  }

  /** Sets the same for the samples of scenarios only, without setup() and teardown(). May be called again. */
  load({ fromMs, toMs }: TimeRange): void {
    this.#load = { fromMs, toMs };
    this.note('load', { first_ms: fromMs, last_ms: toMs });
  }

  /** Replaces the facts when more is known. */
  facts(facts: unknown): void {
    this.note('run', facts);
  }

  /** Writes any JSON under its own kind, any number of times. Call it before close(). */
  note(kind: string, payload: unknown): void {
    if (this.problem !== undefined) return;
    this.#begin(Date.now()).note(kind, payload);
    this.#tail?.note(kind, payload);
    this.#options.content?.note(kind, payload);
  }

  /** Writes any JSON about a failed request, so that a run that dies leaves it behind. The caller limits how many. */
  sample(payload: unknown): void {
    // Held back: the first window, not a sample before it, sets where intervals start.
    if (this.#wire === undefined) this.#early.push(payload);
    else this.note('sample', payload);
  }

  /** Writes any JSON about how the run ended; a later call replaces an earlier one. Call it before close(). */
  outcome(payload: unknown): void {
    this.note('outcome', payload);
  }

  /** Resolves when gzip has taken what was written. For callers that write faster than the disk. */
  async drained(): Promise<void> {
    this.#handOver();
    await this.#file.drained();
  }

  /** Resolves when everything so far survives a crash of this process. */
  save(): Promise<void> {
    // Waits for a save that is under way, which may miss what came since it began.
    this.#saves++;
    this.#saving = this.#saving
      .then(() => this.#save())
      .catch((error) => this.#fail(error))
      .finally(() => this.#saves--);
    return this.#saving;
  }

  /** Writes the rest and the closing line, then renames the file. On failure `problem` says why, and `.part` stays. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /**
   * Returns what readArchive() would return, without reading the file. Needs the `content` option; call it after
   * close(). If there was a `problem`, returns what was written up to then.
   */
  read(): Archive {
    const { content } = this.#options;
    if (content === undefined) throw new Error('Expected an archive with content');
    const complete = this.problem === undefined;
    const faults = { ...NOT_ENDED, complete, overflow: this.#overflows };
    return content.end({ faults, truncated: !complete, span: this.#span, load: this.#load });
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    const wire = this.#begin(Date.now());
    this.#writeBefore(Infinity);
    for (const overflow of this.#overflows) wire.overflow(overflow);
    wire.end();
    this.#handOver();
    if (this.problem !== undefined) return;
    await this.#file.finish(this.#path);
    if (this.problem === undefined) await this.#tail?.remove();
  }

  /** The header needs the origin, which is known with the first window or at the first save. */
  #begin(firstStartMs: number, windowMs = 1000): HistogramsWriter {
    if (this.#wire !== undefined) return this.#wire;
    const { facts, plannedDurationMs, k6Version = 'unknown', content } = this.#options;
    const originMs = this.#options.originMs ?? Math.floor(firstStartMs / windowMs) * windowMs;
    this.#grid = new IntervalGrid(originMs);
    const wire = new HistogramsWriter(this.#out, { id: randomUUID(), k6: k6Version, originMs, windowMs });
    this.#wire = wire;
    content?.note('novaperf', { origin_ms: originMs });
    const notes: [string, unknown][] = [
      ['run', facts],
      ...this.#early.splice(0).map((each): [string, unknown] => ['sample', each]),
    ];
    for (const [kind, payload] of notes) {
      wire.note(kind, payload);
      content?.note(kind, payload);
    }
    for (const metric of this.#index.metrics.values()) wire.metric(metric);
    for (const series of this.#index.series) wire.series(series);
    this.#grid.lengthMs = windowMs;
    if (plannedDurationMs !== undefined) {
      this.#grid.lengthMs = intervalFor(plannedDurationMs * OVERRUN + OVERRUN_MS, windowMs);
      wire.setWindowMs(this.#grid.lengthMs);
    }
    return wire;
  }

  #tookLine(): void {
    this.#lines++;
    this.#linesInAll++;
    if (this.problem !== undefined) this.#out.clear();
    else if (this.#out.length > PIECE) this.#handOver();
  }

  #lengthen(factor: number): void {
    if (factor === 1) return;
    for (const { pending } of this.#pending) pending?.coarsen(factor);
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
      pending?.drain(interval, (closed) => {
        const window = windowOf(series, closed, this.#grid.startOf(closed.interval), lengthMs);
        wire.window(window);
        this.#options.content?.sink.window(withEncodedBins(window));
        this.#isTailOutdated = true;
      });
      if (pending?.isEmpty !== false) this.#pending.delete(entry);
    }
    for (const [number, health] of this.#pendingHealth) {
      if (number >= interval) continue;
      this.#writeHealth(wire, { ...health, startMs: this.#grid.startOf(number), lengthMs });
      this.#isTailOutdated = true;
      this.#pendingHealth.delete(number);
    }
  }

  #writeHealth(wire: HistogramsWriter, health: GeneratorHealth): void {
    wire.health(health);
    this.#options.content?.sink.health(health);
  }

  #handOver(): void {
    if (this.#out.length === 0 || this.#isHeld || this.problem !== undefined) return;
    this.#file.write(this.#out.take());
  }

  async #save(): Promise<void> {
    if (this.problem !== undefined) return;
    const needsTail = this.#pending.size > 0 || this.#pendingHealth.size > 0;
    const isUncommitted = this.#linesInAll > this.#linesCommitted;
    if (this.#isTailOutdated || needsTail !== (this.#tail !== undefined) || (!needsTail && isUncommitted)) {
      await this.#commit(needsTail);
    } else {
      await this.#tail?.save();
    }
  }

  /** Makes everything written so far count, and starts a new tail for what is not written yet. */
  async #commit(needsTail: boolean): Promise<void> {
    const wire = this.#begin(Date.now());
    const former = this.#tail;
    const number = this.#nextTail;
    wire.note(COMMIT_KIND, { tail: needsTail ? number : null });
    this.#linesCommitted = this.#linesInAll;
    this.#isTailOutdated = false;
    this.#tail = needsTail ? this.#newTail(wire, number) : undefined;
    if (needsTail) this.#nextTail = number === 0 ? 1 : 0;
    this.#isHeld = true;
    // The tail first: it must be on disk before the line that names it.
    try {
      await this.#tail?.save();
    } finally {
      this.#isHeld = false;
    }
    this.#handOver();
    await this.#file.flush();
    await former?.remove();
  }

  #newTail(wire: HistogramsWriter, number: TailNumber): ArchiveTail {
    const tail = new ArchiveTail(tailPath(this.#path, number), wire);
    const { lengthMs } = this.#grid;
    for (const [interval, health] of this.#pendingHealth) {
      tail.health({ ...health, startMs: this.#grid.startOf(interval), lengthMs });
    }
    for (const { series, pending } of this.#pending) {
      if (pending !== undefined) tail.pending(series, pending, (interval) => this.#grid.startOf(interval), lengthMs);
    }
    return tail;
  }

  #fail(error: unknown): void {
    if (this.problem !== undefined) return;
    this.problem = `${basename(this.#path)} is incomplete, what could be written is in ${basename(this.#path)}${PART_SUFFIX}: ${messageOf(error)}`;
    this.#out.clear();
  }
}

/** Copies the bins: those of a closed interval are overwritten by the next one. */
function withEncodedBins(window: SeriesWindow): SeriesWindow {
  if (window.bins === undefined) return window;
  return { ...window, bins: new EncodedBins(new Uint8Array(encodeBinBytes(window.bins))) };
}
