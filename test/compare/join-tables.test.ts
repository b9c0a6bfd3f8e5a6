import { expect } from 'chai';
import { differenceNote, joinTables } from '../../runner/compare/join-tables.ts';
import {
  numberCell,
  numberColumn,
  shareCell,
  svgCell,
  table,
  textCell,
  textColumn,
} from '../../runner/report/view/cells.ts';
import type { Cell, Table } from '../../runner/report/view/model.ts';
import { duration } from '../../runner/text/format.ts';

const ms = (value: number | null) => numberCell(value, duration);
const share = (value: number | null) => shareCell(value);

describe('the note of a cell', () => {
  for (const [what, from, to, note] of [
    ['a longer time', ms(25), ms(28), '+12 % from 25.0 ms'],
    ['a shorter time', ms(1240), ms(620), '−50 % from 1.24 s'],
    ['the same text', ms(25), ms(25.001), ''],
    ['from nothing', ms(0), ms(28), 'was 0 ms'],
    ['from no data', ms(null), ms(28), 'was no data'],
    ['to no data', ms(25), ms(null), 'was 25.0 ms'],
    ['a greater share', share(0.002), share(0.005), '+0.3 points from 0.2 %'],
    ['a smaller share', share(0.5), share(0.25), '−25 points from 50 %'],
    ['from no errors at all', share(0), share(0.0001), '+0.01 points from 0 %'],
    ['another word', textCell('met'), textCell('missed'), 'was met'],
    ['another sign', numberCell(-5, String), numberCell(5, String), 'was -5'],
  ] as ReadonlyArray<readonly [string, Cell, Cell, string]>) {
    it(`is "${note}" for ${what}`, () => {
      expect(differenceNote(from, to)).to.equal(note);
    });
  }
});

describe('two tables of one kind', () => {
  const endpoints = (rows: ReadonlyArray<readonly Cell[]>, columns = ['Requests', 'p95']): Table =>
    table('endpoints', 'Endpoints', [textColumn('Endpoint'), ...columns.map(numberColumn)], rows, 'none');
  const texts = ({ rows }: Table) =>
    rows.map((row) => row.map(({ text, note }) => (note === '' ? text : `${text} [${note}]`)));

  it('are joined by the first cell, whatever the order of the rows', () => {
    const a = endpoints([
      [textCell('GET /b'), ms(10), ms(20)],
      [textCell('GET /a'), ms(30), ms(40)],
    ]);
    const b = endpoints([
      [textCell('GET /a'), ms(30), ms(50)],
      [textCell('GET /b'), ms(11), ms(20)],
    ]);
    expect(texts(joinTables(b, a))).to.deep.equal([
      ['GET /a', '30.0 ms', '50.0 ms [+25 % from 40.0 ms]'],
      ['GET /b', '11.0 ms [+10 % from 10.0 ms]', '20.0 ms'],
    ]);
  });

  it('mark rows that only one of them has as new or gone', () => {
    const a = endpoints([[textCell('GET /old', { anchor: 'endpoint-1', tone: 'bad', icon: 'fail' }), ms(10), ms(20)]]);
    const b = endpoints([[textCell('GET /new'), ms(30), ms(50)]]);
    const joined = joinTables(b, a);
    expect(texts(joined)).to.deep.equal([
      ['GET /new [new: not in a]', '30.0 ms', '50.0 ms'],
      ['GET /old [gone: only in a]', '10.0 ms', '20.0 ms'],
    ]);
    expect(joined.rows[1]?.[0]).to.include({ anchor: null, icon: null, classes: '' });
  });

  it('are joined by column label, and show no differences in a column that only one has', () => {
    const a = endpoints([[textCell('GET /a'), ms(40), ms(30)]], ['p95', 'Requests']);
    const b = endpoints([[textCell('GET /a'), ms(30), ms(50), ms(7)]], ['Requests', 'p95', 'p99']);
    expect(texts(joinTables(b, a))).to.deep.equal([['GET /a', '30.0 ms', '50.0 ms [+25 % from 40.0 ms]', '7.00 ms']]);
  });

  it('are matched by more cells if the first is ambiguous, and by order if all are', () => {
    const errors = (rows: ReadonlyArray<readonly Cell[]>) =>
      table('errors', 'Errors', [textColumn('What'), textColumn('Where'), numberColumn('Count')], rows, 'none');
    const row = (where: string, count: number) => [
      textCell('error response'),
      textCell(where),
      numberCell(count, String),
    ];
    expect(texts(joinTables(errors([row('/b', 3), row('/a', 1)]), errors([row('/a', 1), row('/b', 2)])))).to.deep.equal(
      [
        ['error response', '/b', '3 [+50 % from 2]'],
        ['error response', '/a', '1'],
      ],
    );
    expect(texts(joinTables(errors([row('/a', 3), row('/a', 4)]), errors([row('/a', 3), row('/a', 2)])))).to.deep.equal(
      [
        ['error response', '/a', '3'],
        ['error response', '/a', '4 [+100 % from 2]'],
      ],
    );
  });

  it('keep the notes that cells have, and leave pictures alone', () => {
    const a = endpoints([[textCell('x'), numberCell(1, String), svgCell('<svg/>', 'a')]]);
    const b = endpoints([[textCell('x'), numberCell(2, String, 'bad', 'of 9'), svgCell('<svg/>', 'b')]]);
    expect(texts(joinTables(b, a))).to.deep.equal([['x', '2 [of 9; +100 % from 1]', 'b']]);
  });

  it('do not mark rows as new or gone if the other table was cut', () => {
    const many = (first: number) =>
      endpoints(Array.from({ length: 250 }, (_, index) => [textCell(`GET /${first + index}`), ms(1), ms(1)]));
    const joined = joinTables(many(100), many(0));
    expect(joined.rows).to.have.length(200);
    expect(texts(joined).flat().join()).not.to.match(/new|gone/);
  });

  it('are the other one if one is empty', () => {
    const none = endpoints([]);
    const some = endpoints([[textCell('GET /a'), ms(30), ms(50)]]);
    expect(joinTables(none, none).isEmpty).to.equal(true);
    expect(texts(joinTables(none, some))).to.deep.equal([['GET /a [gone: only in a]', '30.0 ms', '50.0 ms']]);
    expect(joinTables(none, some).isEmpty).to.equal(false);
    expect(texts(joinTables(some, none))).to.deep.equal([['GET /a [new: not in a]', '30.0 ms', '50.0 ms']]);
  });
});
