// Figures of a page that is made again and again go in; their pictures come out, a few of them new each time, the others as they were.

import { type Draw, drawBoth, type Pictures } from '../report/charts/draw.ts';

/** What drawing may take of each time the page is made, milliseconds; one picture is always made. */
const BUDGET_MS = 25;

const NONE: Pictures = { wide: '', narrow: '' };

interface Known {
  readonly pictures: Pictures;
  readonly drawnAt: number;
  readonly tookMs: number;
}

export class LivePictures {
  readonly #known = new Map<string, Known>();
  #times = 0;
  #due = new Set<string>();
  #seen = new Set<string>();

  /** The page is made once more: those that were drawn the longest ago have their turn. */
  begin(): void {
    for (const name of this.#known.keys()) if (!this.#seen.has(name)) this.#known.delete(name);
    this.#seen = new Set();
    this.#times++;
    this.#due = new Set();
    let leftMs = BUDGET_MS;
    for (const [name, { tookMs }] of [...this.#known].sort(([, a], [, b]) => a.drawnAt - b.drawnAt)) {
      if (this.#due.size > 0 && tookMs > leftMs) break;
      leftMs -= tookMs;
      this.#due.add(name);
    }
  }

  /** Those in the folds of endpoints are left to the report: there may be dozens, and the folds are shut. */
  readonly draw: Draw = (figure) => {
    if (figure.name.startsWith('endpoint-')) return NONE;
    this.#seen.add(figure.name);
    const known = this.#known.get(figure.name);
    if (known !== undefined && !this.#due.has(figure.name)) return known.pictures;
    const startedMs = performance.now();
    const pictures = drawBoth(figure);
    this.#known.set(figure.name, { pictures, drawnAt: this.#times, tookMs: performance.now() - startedMs });
    return pictures;
  };
}
