// The charts of the live page → their pictures. Each update draws a few of them again, so that it stays fast.

import { type Draw, drawBoth, type Pictures } from '../report/charts/draw.ts';

/** The time for drawing in one update. At least one picture is drawn, even if it takes longer. */
const BUDGET_MS = 25;

const NONE: Pictures = { wide: '', narrow: '' };

interface Drawn {
  readonly pictures: Pictures;
  /** Number of the update that drew it. */
  readonly update: number;
  readonly tookMs: number;
}

/** The pictures of one run: begin() starts an update, then `draw` is called for each chart of the page. */
export class LivePictures {
  readonly #drawn = new Map<string, Drawn>();
  #updates = 0;
  /** Charts that this update draws again. */
  #due = new Set<string>();
  /** Charts of the page in this update. */
  #used = new Set<string>();

  /** Starts an update: selects the oldest pictures to draw again, and removes those that the last update did not use. */
  begin(): void {
    for (const name of this.#drawn.keys()) if (!this.#used.has(name)) this.#drawn.delete(name);
    this.#used = new Set();
    this.#updates++;
    this.#due = new Set();
    let leftMs = BUDGET_MS;
    for (const [name, { tookMs }] of [...this.#drawn].sort(([, a], [, b]) => a.update - b.update)) {
      if (this.#due.size > 0 && tookMs > leftMs) break;
      leftMs -= tookMs;
      this.#due.add(name);
    }
  }

  /** Pictures of a figure, new or from an earlier update; none for endpoints, of which there may be dozens, in closed folds. */
  readonly draw: Draw = (figure) => {
    if (figure.name.startsWith('endpoint-')) return NONE;
    this.#used.add(figure.name);
    const drawn = this.#drawn.get(figure.name);
    if (drawn !== undefined && !this.#due.has(figure.name)) return drawn.pictures;
    const startedMs = performance.now();
    const pictures = drawBoth(figure);
    this.#drawn.set(figure.name, { pictures, update: this.#updates, tookMs: performance.now() - startedMs });
    return pictures;
  };
}
