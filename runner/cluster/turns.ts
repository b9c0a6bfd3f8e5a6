// Work of many streams is done in turns, a slice of time at once: between two slices timers, signals and other answers are
// handled, however much is waiting.

const SLICE_MS = 50;

export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isPlanned = false;

  /** Does `work` when its turn comes, first come first served. Rejects with what it throws. */
  do(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          work();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      const untilMs = performance.now() + SLICE_MS;
      do this.#waiting.shift()?.();
      while (this.#waiting.length > 0 && performance.now() < untilMs);
      if (this.#waiting.length > 0) this.#plan();
    });
  }
}
