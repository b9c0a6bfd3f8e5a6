// What goes wrong while histograms streams are read, one after the other in the same file: lines that are bad, lost or come again.

import type { StreamFaults, TimeRange } from '../model/metrics.ts';
import { rare } from './faults.ts';
import { SequenceCheck } from './histograms-sequence.ts';

export class HistogramsFaults {
  /** The numbers of the lines of the present stream. */
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

  /** Whether a stream came before the present one. */
  get isFurther(): boolean {
    return this.#runsBefore > 0;
  }

  /** A line that is none of a stream; its text is asked for once. */
  bad(line: number, text: () => string): void {
    this.#badLines++;
    this.#firstBadLine ??= { line, text: text() };
  }

  /** The stream's closing line has come. */
  close(badValues: number, missingSamples: number): void {
    this.#badValues += badValues;
    this.#missingSamples += missingSamples;
    this.#isComplete = true;
  }

  /** Another stream begins. */
  nextStream(): void {
    this.#runsBefore++;
    this.#lostBefore += this.sequence.lost;
    this.#repeatedBefore += this.sequence.repeated;
    this.#gapsBefore.push(...this.sequence.gaps);
    this.#wereComplete &&= this.#isComplete;
    this.#isComplete = false;
    this.sequence = new SequenceCheck();
  }

  /** All of it, at the end of the file. */
  end(outsideClock: number, overflow: StreamFaults['overflow']): StreamFaults {
    return {
      badLines: this.#badLines,
      ...(this.#firstBadLine === undefined ? {} : { firstBadLine: this.#firstBadLine }),
      badValues: this.#badValues,
      ...rare({
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
