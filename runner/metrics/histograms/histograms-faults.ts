// Collects what is wrong with the histograms streams of one file: bad, lost and repeated lines.

import type { StreamFaults, TimeRange } from '../../model/metrics.ts';
import { optionalFaults } from '../sinks/faults.ts';
import { SequenceCheck } from './histograms-sequence.ts';

/** The faults of one file, which may hold several streams, one after another. */
export class HistogramsFaults {
  /** Checks the line numbers of the current stream. */
  sequence = new SequenceCheck();
  #badLines = 0;
  #firstBadLine: StreamFaults['firstBadLine'];
  #badValues = 0;
  #missingSamples = 0;
  #isComplete = false;
  #wereComplete = true;
  #runsBefore = 0;
  #lostBefore = 0;
  #repeatedBefore = 0;
  readonly #gapsBefore: TimeRange[] = [];

  /** True if another stream came before the current one. */
  get isFurther(): boolean {
    return this.#runsBefore > 0;
  }

  /** Counts a line that belongs to no stream. `text` is called for the first such line only. */
  bad(line: number, text: () => string): void {
    this.#badLines++;
    this.#firstBadLine ??= { line, text: text() };
  }

  /** Takes the closing line of the current stream. `missingSamples`: samples in its totals that no line held. */
  close(badValues: number, missingSamples: number): void {
    this.#badValues += badValues;
    this.#missingSamples += missingSamples;
    this.#isComplete = true;
  }

  /** Starts another stream. */
  nextStream(): void {
    this.#runsBefore++;
    this.#lostBefore += this.sequence.lost;
    this.#repeatedBefore += this.sequence.repeated;
    this.#gapsBefore.push(...this.sequence.gaps);
    this.#wereComplete &&= this.#isComplete;
    this.#isComplete = false;
    this.sequence = new SequenceCheck();
  }

  /** Returns all faults at the end of the file. */
  end(outsideClock: number, overflow: StreamFaults['overflow']): StreamFaults {
    return {
      badLines: this.#badLines,
      ...(this.#firstBadLine === undefined ? {} : { firstBadLine: this.#firstBadLine }),
      badValues: this.#badValues,
      ...optionalFaults({
        outsideClock,
        runs: this.#runsBefore + 1,
        repeatedLines: this.#repeatedBefore + this.sequence.repeated,
        missingSamples: this.#missingSamples,
        gaps: [...this.#gapsBefore, ...this.sequence.gaps],
      }),
      lostLines: this.#lostBefore + this.sequence.lost,
      complete: this.#wereComplete && this.#isComplete,
      overflow,
    };
  }
}
