// What an archive still adds up goes in as it comes; a plain file holds it, so that a run that dies loses none of it.
//
// The archive's own lines say which tail they go on in: `[n,"archive.commit",{"tail":0}]`. The lines of that tail follow line n
// in place of all that the archive has after it. Two files take turns, so that one is whole at any time.

import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow } from '../model/metrics.ts';
import { TailFile } from './archive-files.ts';
import type { ClosedInterval } from './closed-rows.ts';
import { LAST_AT } from './figures.ts';
import type { HistogramsWriter } from './histograms-writer.ts';
import { LineBytes } from './line-bytes.ts';
import type { SeriesIntervals } from './series-intervals.ts';
import type { StreamSink } from './sink.ts';

/** The kind of line that says where the archive goes on. No metric of k6's can have a dot in its name. */
export const COMMIT_KIND = 'archive.commit';

/** No window of a stream is usually shorter. */
const SHORT_MS = 1000;

export type TailNumber = 0 | 1;

/** The file of a tail, by the path of its archive. */
export function tailPath(archivePath: string, number: TailNumber): string {
  return `${archivePath}.tail-${number}`;
}

/** What was added up of one interval of a series, as a window. */
export function windowOf(
  series: Series,
  { figures, bins }: ClosedInterval,
  startMs: number,
  lengthMs: number,
): SeriesWindow {
  const [count = 0, sum = 0, min = 0, max = 0, last = 0] = figures;
  return { series, startMs, lengthMs, count, sum, min, max, last, bins };
}

export class ArchiveTail implements StreamSink {
  readonly #file: TailFile;
  readonly #writer: HistogramsWriter;
  readonly #lines = new LineBytes();

  /** Goes on where `main` stands now. */
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

  /** Adds what a series has pending; `startOf` gives the start of an interval. */
  pending(series: Series, intervals: SeriesIntervals, startOf: (interval: number) => number, lengthMs: number): void {
    intervals.each((part) => {
      const lastAtMs = part.figures[LAST_AT];
      // The latest value of a gauge is that of its time, not of the end of the interval: later ones follow.
      if (lastAtMs === undefined) this.window(windowOf(series, part, startOf(part.interval), lengthMs));
      else this.window(windowOf(series, part, lastAtMs - SHORT_MS, SHORT_MS));
    });
  }

  /** Resolves when all that came so far can be read back from the disk. */
  async save(): Promise<void> {
    if (this.#lines.length > 0) await this.#file.append(this.#lines.take());
  }

  remove(): Promise<void> {
    return this.#file.remove();
  }
}
