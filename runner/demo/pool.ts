// A bounded pool of "database connections": who asks gets one at once or waits in line, first come, first served.

interface Waiter {
  run: (() => void) | undefined;
}

/** Counts connections in use and waiting requests. */
export class ConnectionPool {
  readonly max: number;
  #inUse = 0;
  #waiting = 0;
  #line: Waiter[] = [];
  #head = 0;

  constructor(max: number) {
    this.max = max;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Runs `run` as soon as a connection is free, at once when one is. Each run must be answered by one `release()`.
   * Returns a function that leaves the line; it does nothing once `run` has begun.
   */
  acquire(run: () => void): () => void {
    if (this.#inUse < this.max) {
      this.#inUse++;
      run();
      return () => {};
    }
    const waiter: Waiter = { run };
    this.#line.push(waiter);
    this.#waiting++;
    return () => {
      if (waiter.run === undefined) return;
      waiter.run = undefined;
      this.#waiting--;
    };
  }

  /** Hands the connection to the next in line, or back to the pool. */
  release(): void {
    for (;;) {
      const waiter = this.#line[this.#head];
      if (waiter === undefined) break;
      this.#head++;
      // shift() would move the whole line for each request; the passed part is cut off only now and then.
      if (this.#head >= 1024) {
        this.#line = this.#line.slice(this.#head);
        this.#head = 0;
      }
      const { run } = waiter;
      if (run === undefined) continue;
      waiter.run = undefined;
      this.#waiting--;
      run();
      return;
    }
    this.#line.length = 0;
    this.#head = 0;
    this.#inUse--;
  }
}
