// An estimate of a text's width without its font, for legends and for labels that must not overlap.

/** Widths relative to the font size, as in common sans-serif fonts. */
const WIDTHS: ReadonlyArray<readonly [RegExp, number]> = [
  [/[ijl.,:;'|!]/u, 0.28],
  [/[\sfrtI()[\]/\\-]/u, 0.34],
  [/[mwMW%@]/u, 0.87],
  [/[A-Z&<>=+~#]/u, 0.67],
  // Wide characters: CJK, full-width forms, emoji.
  [/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{3fffd}]/u, 1],
  [/\p{Mark}/u, 0],
];
const USUAL = 0.58;

/** The estimated width of a text on one line, in the unit of `fontSize`. */
export function textWidth(text: string, fontSize: number): number {
  let sum = 0;
  for (const character of text) sum += WIDTHS.find(([kind]) => kind.test(character))?.[1] ?? USUAL;
  return sum * fontSize;
}
