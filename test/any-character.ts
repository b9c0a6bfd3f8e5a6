// fc.string({ unit: 'binary' }) first builds a table of all code points, 1.6 s of CPU in each process that uses it.

import fc from 'fast-check';

const SURROGATES_FROM = 0xd800;
const SURROGATES = 0x800;
const CODE_POINTS = 0x110000;

/** Any code point except surrogates, all equally likely. */
export const anyCharacter = fc
  .nat(CODE_POINTS - SURROGATES - 1)
  .map((n) => String.fromCodePoint(n < SURROGATES_FROM ? n : n + SURROGATES));
