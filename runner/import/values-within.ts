// Finds known values within longer texts by their first characters, because a recording has thousands of both.

/** Shorter values occur in other texts by chance, except variables in double braces, `{{a}}`. */
const SHORTEST = 8;
const START = 5;

interface Group<Found> {
  /** Unique lengths, the longest first. */
  readonly lengths: number[];
  readonly values: Map<string, Found>;
}

/** Known values to find in texts. */
export class ValuesWithin<Found extends object | string | number> {
  /** Values by first characters and length, because thousands of dates or URLs begin alike. */
  readonly #byStart = new Map<string, Group<Found>>();

  /** Leaves out values of less than 8 characters, except variables in double braces. */
  constructor(values: Iterable<readonly [value: string, found: Found]>) {
    for (const [value, found] of values) {
      if (value.length < SHORTEST && !/^\{\{.+\}\}$/.test(value)) continue;
      const start = value.slice(0, START);
      const group = this.#byStart.get(start) ?? { lengths: [], values: new Map<string, Found>() };
      this.#byStart.set(start, group);
      if (!group.values.has(value)) group.values.set(value, found);
      if (!group.lengths.includes(value.length)) group.lengths.push(value.length);
    }
    for (const { lengths } of this.#byStart.values()) lengths.sort((a, b) => b - a);
  }

  /** The first known value at or after `from` with its position; the longest at one position. */
  next(text: string, from = 0): { readonly at: number; readonly value: string; readonly found: Found } | undefined {
    if (this.#byStart.size === 0) return undefined;
    for (let at = from; at + START <= text.length; at++) {
      const group = this.#byStart.get(text.slice(at, at + START));
      if (group === undefined) continue;
      for (const length of group.lengths) {
        const value = text.slice(at, at + length);
        const found = group.values.get(value);
        if (found !== undefined) return { at, value, found };
      }
    }
    return undefined;
  }

  /** The text in pieces: known values and the text between them. */
  split(text: string): (string | { readonly value: string; readonly found: Found })[] {
    const parts: (string | { readonly value: string; readonly found: Found })[] = [];
    let from = 0;
    for (let known = this.next(text); known !== undefined; known = this.next(text, from)) {
      if (known.at > from) parts.push(text.slice(from, known.at));
      parts.push(known);
      from = known.at + known.value.length;
    }
    if (from < text.length || parts.length === 0) parts.push(text.slice(from));
    return parts;
  }
}
