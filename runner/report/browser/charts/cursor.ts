// The time that the reader points at, shared by all charts.

type Listener = (atMs: number | undefined) => void;

class Cursor {
  #atMs: number | undefined;
  #frame = 0;
  readonly #listeners = new Set<Listener>();

  /** Milliseconds since the start of the load; undefined without a pointer. */
  get atMs(): number | undefined {
    return this.#atMs;
  }

  /** Listeners are called before the next frame, with the last value if there were several. */
  set(atMs: number | undefined): void {
    if (atMs === this.#atMs) return;
    this.#atMs = atMs;
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const listener of this.#listeners) listener(this.#atMs);
    });
  }

  /** Calls `listener` after each change. */
  onChange(listener: Listener): void {
    this.#listeners.add(listener);
  }
}

/** The one cursor of the page. */
export const cursor = new Cursor();
