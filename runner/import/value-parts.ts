// A value of a recording in parts: literal texts, and known values within it (secrets, values of earlier responses).

import { type FoundValues, isPlaceholder } from './find-values.ts';
import type { Piece } from './recording.ts';
import { ValuesWithin } from './values-within.ts';

/** How a value is written: literally, or encoded for a URL. */
interface Place {
  /** The value as written in the recording. */
  readonly written?: string;
  readonly isUrl?: boolean;
  /** Only known values within it are replaced, because it is a text. */
  readonly isText?: boolean;
}

/** A value with known parts replaced: all of it, or a long known value within it. */
export function textOf(value: string, { pieces }: FoundValues, { written = value, isUrl, isText }: Place = {}): Part[] {
  const place = (known: string, piece: Exclude<Piece, string>): Part =>
    isUrl === true && !isPlaceholder(known) && encodeURIComponent(known) !== known ? { encoded: piece } : piece;
  const whole = isText === true ? undefined : pieces.get(value);
  if (whole !== undefined) return [place(value, whole)];
  const parts = withinPieces(pieces).split(value);
  // Without a known part the text keeps its written encoding.
  if (parts.every((part) => typeof part === 'string')) return [written];
  return joined(
    parts.map((part): Part => {
      if (typeof part !== 'string') return place(part.value, part.found);
      return isUrl === true ? encodeURIComponent(part) : part;
    }),
  );
}

/** A piece to encode for a URL, as its recorded value was. */
export type Part = Piece | { readonly encoded: Exclude<Piece, string> };

const searches = new WeakMap<FoundValues['pieces'], ValuesWithin<Exclude<Piece, string>>>();

/** The search for pieces within texts, created once. */
export function withinPieces(pieces: FoundValues['pieces']): ValuesWithin<Exclude<Piece, string>> {
  const known = searches.get(pieces) ?? new ValuesWithin(pieces);
  searches.set(pieces, known);
  return known;
}

/** Joins neighbouring texts. */
export function joined<P>(parts: readonly (string | P)[]): (string | P)[] {
  const result: (string | P)[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else if (part !== '') result.push(part);
  }
  return result;
}
