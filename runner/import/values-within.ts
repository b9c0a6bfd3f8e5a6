// Known values are found within longer texts: a recording has thousands of both, so every place is looked up by its first characters.

/** Shorter values stand in others by chance; a variable in double braces, `{{a}}`, does not. */
const SHORTEST = 8;
const START = 5;

interface Group<Found> {
  /** Each once, the longest first. */
  readonly lengths: number[];
  readonly values: Map<string, Found>;
}

export class ValuesWithin<Found extends object | string | number> {
  /** Values by their first characters, then by their lengths: thousands of dates or addresses begin alike. */
  readonly #byStart = new Map<string, Group<Found>>();

  /** Values of less than 8 characters are left out, other than variables in double braces. */
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

  /** The first known value at or after `from`, and where it begins; at one place the longest. */
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

  /** The text in pieces: what stands between known values, and what each of them is. */
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
