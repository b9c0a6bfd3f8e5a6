import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseYaml, renderYaml, rewriteYaml } from '../../runner/config/yaml-text.ts';
import { UserError } from '../../runner/system/errors.ts';
import { recordValue } from '../../runner/text/record-text.ts';
import { propertyRuns } from '../property-runs.ts';

const read = (text: string) => parseYaml(text, 'f.yaml', 'a record').value;

/** Any text that a tag, a URL or a message can hold: all of Unicode, lone surrogates, and YAML's syntax. */
const hostileText = fc.oneof(
  // Any code point; fast-check's own unit 'binary' takes seconds to index them.
  fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 }).map((points) => String.fromCodePoint(...points)),
  fc.string({
    unit: fc.constantFrom(
      '\u0000',
      '\u0007',
      '\u0085',
      '\u00a0',
      '\u2028',
      '\ufeff',
      '\uffff',
      '\x7f',
      '\x9b',
      '\r',
      'a',
    ),
  }),
  fc.string({ unit: fc.constantFrom(...'#:-?"\'\\|>%@&*!{}[],a1', '\ud800', '🚀') }),
  fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r', 'a', '#', ':', '-', '|') }),
  fc.constantFrom(
    'no',
    'yes',
    'null',
    '~',
    '0x1f',
    '1e3',
    '012',
    '.inf',
    '2026-11-23',
    '=',
    '<<',
    '--- a',
    '... b',
    '',
    ' ',
    '%YAML',
  ),
);

const hostileValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    hostileText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(hostileText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** What a file may contain: printable characters of YAML 1.2, tab and newline. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

describe('YAML text', () => {
  it('reads back as the value that was written, and has no unprintable character', () => {
    fc.assert(
      fc.property(hostileValue, (value) => {
        const safe = recordValue(value);
        const text = renderYaml(safe);
        expect(UNPRINTABLE.test(text), JSON.stringify(text)).to.equal(false);
        expect(isDeepStrictEqual(read(text), safe), text).to.equal(true);
      }),
      { numRuns: propertyRuns(1500) },
    );
  });

  // yaml 2.9.1 alone reads the first of these back as "\n".
  for (const text of [' \n', '\n', '\n\n ', ' a\nb', 'a\n \nb', 'a\n ', '\t\n']) {
    it(`reads back as ${JSON.stringify(text)}`, () => {
      expect(read(renderYaml({ a: { b: text } }))).to.deep.equal({ a: { b: text } });
    });
  }

  it('that is rewritten has the new value, whatever it had before', () => {
    fc.assert(
      fc.property(hostileValue, hostileValue, (before, after) => {
        const safe = recordValue(after);
        const text = rewriteYaml(renderYaml(recordValue(before)), safe);
        expect(isDeepStrictEqual(read(text), safe), text).to.equal(true);
      }),
      { numRuns: propertyRuns(800) },
    );
  });

  it('keeps comments, order and notation of unchanged values', () => {
    const before = [
      '# targets of the shop',
      'b: 0x10 # sixteen',
      '',
      "a: 'quoted'   # theirs",
      'list:',
      '  # first',
      '  - one',
      '  - two # second',
      'ours: 1 # counted',
      'gone: true',
      '',
    ].join('\n');
    const after = rewriteYaml(before, { b: 16, a: 'quoted', list: ['two', 'three'], ours: 2, new: { x: 1 } });
    expect(after).to.equal(
      [
        '# targets of the shop',
        'b: 0x10 # sixteen',
        '',
        "a: 'quoted' # theirs",
        'list:',
        '  # first',
        '  - two # second',
        '  - three',
        'ours: 2 # counted',
        'new:',
        '  x: 1',
        '',
      ].join('\n'),
    );
  });

  it('of 20,000 keys is read in seconds, and a duplicate key is still found @slow', function () {
    this.timeout(60_000);
    const rows = Array.from({ length: 20_000 }, (_, index) => `key${index}: ${index}`);
    expect(Object.keys(read(rows.join('\n')) ?? {})).to.have.length(20_000);
    expect(() => read([...rows, 'key3: 4'].join('\n'))).to.throw(UserError, 'unique');
    const aliases = Array.from({ length: 2000 }, (_, index) => `a${index}: &x${index} 1\nb${index}: *x${index}`);
    expect(() => read(aliases.join('\n'))).to.throw(UserError, 'aliases');
  });

  it('of 190 levels is read, and so are brackets and dashes that do not nest', () => {
    expect(() => read(`${'['.repeat(190)}1${']'.repeat(190)}`)).not.to.throw();
    expect(read(`a: "${'['.repeat(2000)}"`)).to.deep.equal({ a: '['.repeat(2000) });
    expect(read(`a: |\n${' '.repeat(2000)}x`)).to.deep.equal({ a: 'x\n' });
  });

  it('may have merge keys, which stay if their value is unchanged', () => {
    const text = 'base: &b\n  x: 1\none:\n  <<: *b\nc: 1\n';
    expect(read(text)).to.deep.equal({ base: { x: 1 }, one: { x: 1 }, c: 1 });
    expect(rewriteYaml(text, { base: { x: 1 }, one: { x: 1 }, c: 2 })).to.equal(text.replace('c: 1', 'c: 2'));
  });

  it('with an alias of a removed anchor gets the value instead', () => {
    expect(read(rewriteYaml('a: &x {n: 1}\nb: *x\n', { b: { n: 1 } }))).to.deep.equal({ b: { n: 1 } });
    expect(rewriteYaml('a: &x {n: 1}\nb: *x\nc: 1\n', { a: { n: 1 }, b: { n: 1 }, c: 2 })).to.contain('*x');
  });

  const broken: ReadonlyArray<[what: string, text: string, where: string | RegExp]> = [
    ['a tab', 'a:\n\tb: 1\n', 'f.yaml:2:1'],
    ['an open quote', 'a: "x\nb: 1\n', /^f\.yaml:\d+:\d+$/],
    ['a wrong indentation', 'a:\n  b: 1\n c: 2\n', /^f\.yaml:3:/],
    ['the same key twice', 'a: 1\nb: 2\na: 3\n', 'f.yaml:3:1'],
    ['two documents', 'a: 1\n---\nb: 2\n', /^f\.yaml:2:/],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`)}]\n`)}`,
      'f.yaml',
    ],
    ['20,000 brackets without an end', '['.repeat(20_000), 'f.yaml'],
    ['220 lists in each other', '- '.repeat(220), 'f.yaml'],
  ];
  for (const [what, text, where] of broken) {
    it(`with ${what} is an error that names the place`, () => {
      let userError: unknown;
      try {
        read(text);
      } catch (error) {
        userError = error;
      }
      if (!(userError instanceof UserError)) throw new Error(`expected an error, found ${String(userError)}`);
      expect(userError.message).to.match(/^Expected a record in YAML, found: ./);
      expect(userError.where).to.match(
        typeof where === 'string' ? new RegExp(`^${where.replaceAll('.', '\\.')}$`) : where,
      );
    });
  }
});
