import { expect } from 'chai';
import stringWidth from 'string-width';
import { type FittedColumn, fittedTable } from '../../runner/text/fitted-table.ts';

const COLUMNS: readonly FittedColumn[] = [
  { head: 'where', align: 'left', least: 10 },
  { head: 'value', align: 'right', rank: 1 },
  { head: 'interval', align: 'right', rank: 2 },
  { head: 'verdict', align: 'left', least: 8 },
];
const ROWS = [
  ['GET /products of the catalog service', '12.4 ms', '11.9 ms to 12.9 ms', 'slower than before'],
  ['all', '1.02 s', '–', 'about the same'],
];

describe('a table that fits a window', () => {
  for (const [width, heads] of [
    [120, ['where', 'value', 'interval', 'verdict']],
    [60, ['where', 'value', 'interval', 'verdict']],
    [40, ['where', 'value', 'verdict']],
    [26, ['where', 'verdict']],
  ] as const) {
    it(`of ${width} columns has ${heads.join(', ')}`, () => {
      const lines = fittedTable(COLUMNS, ROWS, width).split('\n');
      expect(Math.max(...lines.map((line) => stringWidth(line)))).to.be.at.most(width);
      expect(lines[1]?.split('│').flatMap((cell) => cell.trim() || [])).to.deep.equal(heads);
    });
  }

  it('keeps every word of cells that wrap', () => {
    const text = fittedTable(COLUMNS, ROWS, 40);
    for (const word of 'GET /products of the catalog service slower than before'.split(' '))
      expect(text).to.include(word);
  });
});
