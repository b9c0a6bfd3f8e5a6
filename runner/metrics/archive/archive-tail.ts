// Keeps what an archive has not written yet in a plain file, so that a killed run does not lose it.
//
// A commit line in the archive names its tail file: `[n,"archive.commit",{"tail":0}]`. After a crash the lines of that
// tail replace everything in the archive after line n. Two files alternate, so one of them is always whole.

import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow } from '../../model/metrics.ts';
import { LAST_AT } from '../buckets/figures.ts';
import { LineBytes } from '../bytes/line-bytes.ts';
import type { HistogramsWriter } from '../histograms/histograms-writer.ts';
import type { StreamSink } from '../sinks/sink.ts';
import type { ClosedInterval } from '../store/closed-rows.ts';
import type { SeriesIntervals } from '../store/series-intervals.ts';
import { TailFile } from './archive-files.ts';

/** The kind of the commit line. k6 allows no dot in metric names, so it cannot clash with one. */
export const COMMIT_KIND = 'archive.commit';

/** The usual length of a stream's windows. */
const SHORT_MS = 1000;

export type TailNumber = 0 | 1;

/** The path of a tail file, given the path of its archive. */
export function tailPath(archivePath: string, number: TailNumber): string {
  return `${archivePath}.tail-${number}`;
}

/** Turns one interval of a series into a window. Times are epoch milliseconds. */
export function windowOf(
  series: Series,
  { figures, bins }: ClosedInterval,
  startMs: number,
  lengthMs: number,
): SeriesWindow {
  const [count = 0, sum = 0, min = 0, max = 0, last = 0] = figures;
  return { series, startMs, lengthMs, count, sum, min, max, last, bins };
}

/** One tail file. It takes the windows that the archive still holds back; save() puts them on disk. */
export class ArchiveTail implements StreamSink {
  readonly #file: TailFile;
  readonly #writer: HistogramsWriter;
  readonly #lines = new LineBytes();

  /** Continues from the current line of `main`. */
  constructor(path: string, main: HistogramsWriter) {
    this.#file = new TailFile(path);
    this.#writer = main.branch(this.#lines);
  }

  metric(metric: Metric): void {
    this.#writer.metric(metric);
  }

  series(series: Series): void {
    this.#writer.series(series);
  }

  window(window: SeriesWindow): void {
    const lengthMs = this.#writer.fits(window) ? window.lengthMs : 1;
    this.#writer.setWindowMs(lengthMs);
    this.#writer.window(lengthMs === window.lengthMs ? window : { ...window, lengthMs });
  }

  health(health: GeneratorHealth): void {
    this.#writer.setWindowMs(health.lengthMs);
    this.#writer.health(health);
  }

  overflow(overflow: SeriesOverflow): void {
    this.#writer.overflow(overflow);
  }

  note(kind: string, payload: unknown): void {
    this.#writer.note(kind, payload);
  }

  /** Adds all pending intervals of a series; `startOf` returns the start of an interval, epoch milliseconds. */
  pending(series: Series, intervals: SeriesIntervals, startOf: (interval: number) => number, lengthMs: number): void {
    intervals.each((part) => {
      const lastAtMs = part.figures[LAST_AT];
      // A gauge's last value keeps the time at which it was measured, because later values may follow.
      if (lastAtMs === undefined) this.window(windowOf(series, part, startOf(part.interval), lengthMs));
      else this.window(windowOf(series, part, lastAtMs - SHORT_MS, SHORT_MS));
    });
  }

  /** Resolves when everything added so far can be read back from the disk. */
  async save(): Promise<void> {
    if (this.#lines.length > 0) await this.#file.append(this.#lines.take());
  }

  remove(): Promise<void> {
    return this.#file.remove();
  }
}
