// Known values are found within longer texts: a recording has thousands of both, so every place is looked up by its first characters.

/** Shorter values stand in others by chance; a variable in double braces, `{{a}}`, does not. */
const SHORTEST = 8;
const START = 5;

export class ValuesWithin<Found> {
  /** Values by their first characters, longest first. */
  readonly #byStart = new Map<string, (readonly [value: string, found: Found])[]>();

  /** Values of less than 8 characters are left out, other than variables in double braces. */
  constructor(values: Iterable<readonly [value: string, found: Found]>) {
    for (const entry of values) {
      const [value] = entry;
      if (value.length < SHORTEST && !/^\{\{.+\}\}$/.test(value)) continue;
      const start = value.slice(0, START);
      const others = this.#byStart.get(start);
      if (others === undefined) this.#byStart.set(start, [entry]);
      else others.push(entry);
    }
    for (const values of this.#byStart.values()) values.sort(([a], [b]) => b.length - a.length);
  }

  /** The first known value at or after `from`, and where it begins; at one place the longest. */
  next(text: string, from = 0): { readonly at: number; readonly value: string; readonly found: Found } | undefined {
    if (this.#byStart.size === 0) return undefined;
    for (let at = from; at + START <= text.length; at++) {
      const here = this.#byStart.get(text.slice(at, at + START))?.find(([value]) => text.startsWith(value, at));
      if (here !== undefined) return { at, value: here[0], found: here[1] };
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
