// A run's stream goes in as it comes; archive.ndjson.gz comes out, a histograms stream that every report can be made from again.
//
// Windows are merged up to an interval that keeps the archive small before they are written. It grows while the run goes on,
// so memory is one interval and the file some tens of megabytes whatever the run's length is. What is not written yet lies in
// a tail (archive-tail.ts), and both are saved several times a second: a run that is killed loses less than two seconds.

import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow, TimeRange } from '../model/metrics.ts';
import { messageOf } from '../system/errors.ts';
import type { Archive, ArchiveContent } from './archive-content.ts';
import { GzipFile } from './archive-files.ts';
import { ArchiveTail, COMMIT_KIND, type TailNumber, tailPath, windowOf } from './archive-tail.ts';
import { NOT_ENDED, withOverflow } from './faults.ts';
import { mergeHealth } from './health.ts';
import { HistogramsWriter } from './histograms-writer.ts';
import { IntervalGrid } from './interval-grid.ts';
import { intervalFor } from './interval-length.ts';
import { EncodedBins, encodeBinBytes } from './kept-bins.ts';
import { LineBytes } from './line-bytes.ts';
import { SeriesIndex } from './series-index.ts';
import { SeriesIntervals } from './series-intervals.ts';
import type { StreamSink } from './sink.ts';

/** What stands behind the name of an archive that is not whole yet, or never became so. */
export const PART_SUFFIX = '.part';

/** k6's output hands a second over within 0.4 s of its end: with this, less than 2 s are lost. */
const SAVE_EVERY_MS = 300;
/** gzip's levels: while a run goes on there is time, and a stream that is only read through waits for it. */
const SMALL_LEVEL = 6;
const FAST_LEVEL = 1;
/** Lines are handed to gzip in pieces of about this many bytes. */
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
  /** false: the stream can be read again, so nothing is saved before close(). Default true. */
  readonly isLive?: boolean;
  /** Gets what is written, in the order in which it is written: what a reader of the archive would find. See read(). */
  readonly content?: ArchiveContent;
}

interface Entry {
  readonly series: Series;
  /** Made when it is first needed: in short runs nothing waits. */
  pending: SeriesIntervals | undefined;
}

/**
 * Writes `path`.part and gives it its name when close() finds it whole. Never throws and never stops a run because the disk is full:
 * `problem` then says what happened, and the rest is dropped.
 */
export class ArchiveWriter implements StreamSink {
  /** Why the archive is incomplete; undefined while all is well. */
  problem: string | undefined;
  readonly #path: string;
  readonly #options: ArchiveOptions;
  readonly #file: GzipFile;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #index = new SeriesIndex<Entry>((series) => ({ series, pending: undefined }));
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
  /** Lines for the file that wait until there are enough of them, or until the tail that they refer to is saved. */
  readonly #out = new LineBytes(() => this.#tookLine());
  #isHeld = false;
  #tail: ArchiveTail | undefined;
  #nextTail: TailNumber = 0;
  /** Lines in all, and how many of them the last commit covers. */
  #linesInAll = 0;
  #linesCommitted = 0;
  /** Numbers were written that the tail holds too. */
  #isTailOutdated = false;
  #saving = Promise.resolve();
  /** Those asked for that have not ended. */
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

  /** When the first thing that the stream measured began and the last ended, as its reader knows; before close(). */
  span({ fromMs, toMs }: TimeRange): void {
    this.#span = { fromMs, toMs };
    this.#begin(fromMs);
    this.note('span', { first_ms: fromMs, last_ms: toMs });
  }

  /** The same of the samples that scenarios made; as often as more is known. */
  load({ fromMs, toMs }: TimeRange): void {
    this.#load = { fromMs, toMs };
    this.note('load', { first_ms: fromMs, last_ms: toMs });
  }

  /** The facts once more, when more of them are known. */
  facts(facts: unknown): void {
    this.note('run', facts);
  }

  /** Any JSON under a kind of its own, as often as there is something to say; before close(). */
  note(kind: string, payload: unknown): void {
    if (this.problem !== undefined) return;
    this.#begin(Date.now()).note(kind, payload);
    this.#tail?.note(kind, payload);
    this.#options.content?.note(kind, payload);
  }

  /** Any JSON about a request that failed, which a run that dies leaves behind; the caller bounds how many. */
  sample(payload: unknown): void {
    // The first window, not what comes before it, sets where the intervals begin.
    if (this.#wire === undefined) this.#early.push(payload);
    else this.note('sample', payload);
  }

  /** Any JSON about how the run ended, as often as more is known; before close(). */
  outcome(payload: unknown): void {
    this.note('outcome', payload);
  }

  /** Resolves when gzip has taken what was poured in: for those who pour faster than a disk writes. */
  async drained(): Promise<void> {
    this.#handOver();
    await this.#file.drained();
  }

  /** Resolves when what has come so far survives the death of this process. */
  save(): Promise<void> {
    // After the one that may be under way, which does not know what came since it began.
    this.#saves++;
    this.#saving = this.#saving
      .then(() => this.#save())
      .catch((error) => this.#fail(error))
      .finally(() => this.#saves--);
    return this.#saving;
  }

  /** Writes what is left and the closing line, and names the archive. Where that fails, `problem` says why and `.part` stays. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /**
   * What readArchive() would give of this archive, without reading it; of one that has `content`, after close(). Where a `problem` has
   * kept the archive from being whole, what came up to there.
   */
  read(): Archive {
    const { content } = this.#options;
    if (content === undefined) throw new Error('Expected an archive whose content is kept');
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

  /** The header can tell the origin only once it is known: with the first window, or at the first flush. */
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
        this.#options.content?.sink.window(kept(window));
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

  /** Makes what is written so far count, with a new tail that holds what is not. */
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
    // The tail first: the line that names it must not come to the disk before it.
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

/** With bins that stay: those of a closed interval are overwritten by the next. */
function kept(window: SeriesWindow): SeriesWindow {
  if (window.bins === undefined) return window;
  return { ...window, bins: new EncodedBins(new Uint8Array(encodeBinBytes(window.bins))) };
}
