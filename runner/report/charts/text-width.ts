// How wide a text is, about, without a font to ask: for the places of legends and of labels that must not cover one another.

/** Parts of the font's size, of common sans-serif fonts. */
const WIDTHS: ReadonlyArray<readonly [RegExp, number]> = [
  [/[ijl.,:;'|!]/u, 0.28],
  [/[\sfrtI()[\]/\\-]/u, 0.34],
  [/[mwMW%@]/u, 0.87],
  [/[A-Z&<>=+~#]/u, 0.67],
  // What a terminal shows in two columns: CJK, full-width forms, pictures.
  [/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{3fffd}]/u, 1],
  [/\p{Mark}/u, 0],
];
const USUAL = 0.58;

/** In pixels, of a text in one line. */
export function textWidth(text: string, fontSize: number): number {
  let sum = 0;
  for (const character of text) sum += WIDTHS.find(([kind]) => kind.test(character))?.[1] ?? USUAL;
  return sum * fontSize;
}
