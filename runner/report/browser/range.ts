// The selected range of the run. Charts set it, numbers follow it, and the URL's fragment keeps it.

import { showFragment, valueIn, withValue } from './fragment.ts';

/** A part of the run in milliseconds since the start of the load, `fromMs` before `toMs`. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

type Listener = (span: TimeSpan | undefined) => void;

/** Its name in the fragment: `t=120.5-300`, in seconds. */
const NAME = 't';
/** A shorter range is a slip of the mouse. */
const SHORTEST_MS = 100;

class Range {
  #current: TimeSpan | undefined;
  #axisMs: number | undefined;
  readonly #listeners = new Set<Listener>();

  /** The range; undefined for the whole run. */
  get current(): TimeSpan | undefined {
    return this.#current;
  }

  /** Length of the run's time axis in milliseconds; undefined before begin(). */
  get axisMs(): number | undefined {
    return this.#axisMs;
  }

  /** Sets the time axis and follows the URL's fragment from now on. */
  begin(axisMs: number): void {
    const isFirst = this.#axisMs === undefined;
    this.#axisMs = axisMs;
    if (isFirst) addEventListener('hashchange', () => this.#take(spanIn(location.hash)));
    this.#take(spanIn(location.hash));
  }

  /** Selects a range, cut to the run; undefined or a range that is too short selects the whole run. */
  set(span: TimeSpan | undefined): void {
    this.#take(span);
    const shown = this.#current;
    const text = shown === undefined ? undefined : `${seconds(shown.fromMs)}-${seconds(shown.toMs)}`;
    showFragment(withValue(location.hash, NAME, text));
  }

  /** Calls `listener` after each change. Returns a function that ends this. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(span: TimeSpan | undefined): void {
    const next = span === undefined || this.#axisMs === undefined ? undefined : cut(span, this.#axisMs);
    if (next?.fromMs === this.#current?.fromMs && next?.toMs === this.#current?.toMs) return;
    this.#current = next;
    for (const listener of this.#listeners) listener(next);
  }
}

/** The one range of the page. */
export const range = new Range();

function cut(span: TimeSpan, axisMs: number): TimeSpan | undefined {
  const fromMs = Math.round(Math.max(span.fromMs, 0));
  const toMs = Math.round(Math.min(span.toMs, axisMs));
  if (!(toMs - fromMs >= SHORTEST_MS)) return undefined;
  return fromMs === 0 && toMs >= Math.floor(axisMs) ? undefined : { fromMs, toMs };
}

function spanIn(hash: string): TimeSpan | undefined {
  const match = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(valueIn(hash, NAME) ?? '');
  return match === null ? undefined : { fromMs: Number(match[1]) * 1000, toMs: Number(match[2]) * 1000 };
}

function seconds(ms: number): string {
  return String(Math.round(ms) / 1000);
}
