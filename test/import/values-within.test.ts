import { expect } from 'chai';
import { ValuesWithin } from '../../runner/import/values-within.ts';
import { seeded } from '../seeded.ts';

describe('known values within texts', () => {
  it('are found as by a search for each of them', () => {
    const random = seeded(7);
    const letters = (length: number) => Array.from({ length }, () => 'ab'[Math.floor(random() * 2)]).join('');
    for (let round = 0; round < 200; round++) {
      const values = Array.from({ length: 5 }, () => letters(8 + Math.floor(random() * 3)));
      const text = letters(60);
      const places = values.map((value) => text.indexOf(value)).filter((at) => at >= 0);
      const next = new ValuesWithin(values.map((value) => [value, value] as const)).next(text);
      expect(next?.at).to.equal(places.length === 0 ? undefined : Math.min(...places));
    }
  });

  it('split a text at the longest match, and not at short words, which occur by chance', () => {
    const known = new ValuesWithin([
      ['abcdefgh', 1],
      ['abcdefghij', 2],
      ['short', 3],
      ['{{a}}', 4],
    ]);
    const parts = known.split('x abcdefghijk short {{a}} abcdefgh');
    const shown = parts.map((part) => (typeof part === 'string' ? part : part.found));
    expect(shown).to.deep.equal(['x ', 2, 'k short ', 4, ' ', 1]);
    expect(known.split('')).to.deep.equal(['']);
  });
});
