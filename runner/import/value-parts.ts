// A value of a recording becomes parts: texts as they were, and the known values within it (secrets, values of earlier answers).

import { type FoundValues, isPlaceholder } from './find-values.ts';
import type { Piece } from './recording.ts';
import { ValuesWithin } from './values-within.ts';

/** How a value stands in its place: as it is, or encoded for a URL. */
interface Place {
  /** The value as the recording wrote it. */
  readonly written?: string;
  readonly isUrl?: boolean;
  /** Only known values within it are replaced: the value is a text and not a value of its own. */
  readonly isText?: boolean;
}

/** A value with its known parts replaced: the whole of it, or a long known value within it. */
export function textOf(value: string, { pieces }: FoundValues, { written = value, isUrl, isText }: Place = {}): Part[] {
  const place = (known: string, piece: Exclude<Piece, string>): Part =>
    isUrl === true && !isPlaceholder(known) && encodeURIComponent(known) !== known ? { encoded: piece } : piece;
  const whole = isText === true ? undefined : pieces.get(value);
  if (whole !== undefined) return [place(value, whole)];
  const parts = withinPieces(pieces).split(value);
  // Without a known part the text stays as it was written, which may be encoded in a way of its own.
  if (parts.every((part) => typeof part === 'string')) return [written];
  return joined(
    parts.map((part): Part => {
      if (typeof part !== 'string') return place(part.value, part.found);
      return isUrl === true ? encodeURIComponent(part) : part;
    }),
  );
}

/** A piece that is to be encoded for a URL: its recorded value had to be. */
export type Part = Piece | { readonly encoded: Exclude<Piece, string> };

const searches = new WeakMap<FoundValues['pieces'], ValuesWithin<Exclude<Piece, string>>>();

/** What looks for the pieces within texts, made once. */
export function withinPieces(pieces: FoundValues['pieces']): ValuesWithin<Exclude<Piece, string>> {
  const known = searches.get(pieces) ?? new ValuesWithin(pieces);
  searches.set(pieces, known);
  return known;
}

export function joined<P>(parts: readonly (string | P)[]): (string | P)[] {
  const result: (string | P)[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else if (part !== '') result.push(part);
  }
  return result;
}
