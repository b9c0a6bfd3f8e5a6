// What the bench prints: Markdown with even columns, and this run next to the recorded one.

import { expect } from 'chai';
import type { Figure } from '../../bench/figures.ts';
import { besideRecorded, cell, markdownTable, withSpread } from '../../bench/tables.ts';

function figure(fields: Partial<Figure>): Figure {
  return { id: 'x', title: 'CPU', unit: '×', median: 1.5, min: 1.4, max: 1.62, ...fields };
}

describe('bench tables', () => {
  it('aligns the cells of a column', () => {
    const rows = [
      ['case', 'rate'],
      ['bare | alone', '1'],
    ];
    expect(markdownTable(rows).split('\n')).to.deep.equal([
      '| case          | rate |',
      '|---------------|------|',
      '| bare \\| alone | 1    |',
    ]);
  });

  const SPREADS: ReadonlyArray<readonly [figure: Partial<Figure>, text: string]> = [
    [{}, '1.50 (1.40–1.62)'],
    [{ unit: '/s', median: 12_910.9, min: 9000, max: 13_000 }, '12,911 (9,000–13,000)'],
    [{ unit: 'MB', median: 128.7, min: 128.7, max: 128.7 }, '129'],
  ];
  for (const [fields, text] of SPREADS) {
    it(`writes ${text}`, () => {
      expect(withSpread(figure(fields))).to.equal(text);
    });
  }

  it('shows missed goals as clearly as met ones', () => {
    expect(cell(figure({ goal: { comparison: '<=', value: 1.05 } }))).to.equal(
      '**1.50 (1.40–1.62)×**, goal ≤ 1.05: missed',
    );
    expect(cell(figure({ goal: { comparison: '>=', value: 1.05 } }))).to.match(/: met$/);
  });

  it('shows each figure next to the recorded one with its id, and a new figure without one', () => {
    const now = [figure({ id: 'a', median: 1.2 }), figure({ id: 'new', median: 3 })];
    const [, , a, fresh] = besideRecorded(now, [figure({ id: 'a', median: 1.5 })]).split('\n');
    expect(a).to.include('1.20').and.include('1.50 (1.40–1.62)').and.include('−20 %');
    expect(fresh?.split('|').map((text) => text.trim())).to.deep.equal([
      '',
      'CPU',
      '×',
      '3.00 (1.40–1.62)',
      '',
      '',
      '',
      '',
    ]);
  });
});
