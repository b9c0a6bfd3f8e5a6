// Processes the data of many streams in time slices: between two slices, timers, signals and other responses are
// handled.

const SLICE_MS = 50;

/** Runs queued work, 50 ms at a time. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isPlanned = false;

  /** Queues `work`, first come first served. Resolves when it is done; rejects with what it throws. */
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
