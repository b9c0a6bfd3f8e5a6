// CSV from other programs: separators, encodings, and invalid headers.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCsv, separatorOf } from '../../runner/scenario/csv.ts';
import { readRows } from '../../runner/scenario/data-files.ts';
import { errorOf } from './error-of.ts';

describe('the text of a CSV file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-csv-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const written = async (bytes: string | Uint8Array, name = 'rows.csv') => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const recordsOf = async (bytes: string | Uint8Array) =>
    (await readCsv(await written(bytes))).map(({ record }) => record);

  const separators: [header: string, separator: string][] = [
    ['a,b,c', ','],
    ['a;b;c', ';'],
    ['a\tb', '\t'],
    ['a|b', '|'],
    ['"a,b";c', ';'],
    ['one', ','],
    ['"a;""x"" ;b",c', ','],
    ['\n\n a;b\nc,d,e,f', ';'],
  ];
  for (const [header, separator] of separators) {
    it(`is separated by ${JSON.stringify(separator)} after ${JSON.stringify(header)}`, () => {
      expect(separatorOf(header)).to.equal(separator);
    });
  }

  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const bytes: [what: string, content: string | Uint8Array][] = [
    ['UTF-8', 'name;city\nAda;Köln\n'],
    ['UTF-8 with its mark and CRLF', '\uFEFFname;city\r\nAda;Köln\r\n'],
    ['Windows-1252', Buffer.from('name;city\nAda;Köln\n', 'latin1')],
    ['UTF-16 with its mark', utf16('\uFEFFname;city\nAda;Köln\n')],
    ['UTF-16 without it', utf16('name;city\nAda;Köln\n')],
    ['UTF-16, big-endian', Buffer.from(utf16('\uFEFFname;city\nAda;Köln\n')).swap16()],
  ];
  for (const [what, content] of bytes) {
    it(`is read from ${what}`, async () => {
      expect(await recordsOf(content)).to.deep.equal([{ name: 'Ada', city: 'Köln' }]);
    });
  }

  it('remains unchanged', async () => {
    expect(await recordsOf('zip,phone,note\n00501, +49 30 ,"x ""y"""\n')).to.deep.equal([
      { zip: '00501', phone: '+49 30', note: 'x "y"' },
    ]);
  });

  const refused: [what: string, text: string, message: RegExp, line: number][] = [
    ['a column that comes twice', 'id,name,id\n1,a,9\n', /found "id" as columns 1 and 3/, 1],
    ['an empty name', 'a,,c\n1,2,3\n', /a name for column 2/, 1],
    ['a name of blanks', '\n\na; ;c\n1;2;3\n', /a name for column 2/, 3],
    ['no header but numbers', 'Anna,41\nBob,22\n', /names of the columns, found "41"/, 1],
    ['no header but addresses', 'ada@example.com,x\n', /found "ada@example.com"/, 1],
    ['no header but dates', 'x,2024-05-01T10:00:00Z\n', /found "2024-05-01T10:00:00Z"/, 1],
  ];
  for (const [what, text, message, line] of refused) {
    it(`is rejected with ${what}, with the line`, async () => {
      const userError = await errorOf(recordsOf(text));
      expect(userError.message).to.match(message);
      expect(userError.where).to.match(new RegExp(`rows\\.csv:${line}$`));
    });
  }

  it('of YAML and JSON is checked by the schema, with the place of an invalid value', async () => {
    const schema = await written(
      "import { z } from 'zod';\nexport default z.object({ age: z.number() });",
      'people.schema.ts',
    );
    const yaml = await written('- age: 1\n- age: two\n', 'people.yaml');
    const json = await written('[{ "age": 1 }, {}]', 'people.json');
    expect((await errorOf(readRows(yaml, schema))).message).to.match(
      /people\.yaml, 1\.age: expected number.*found "two"$/,
    );
    expect((await errorOf(readRows(json, schema))).message).to.match(
      /people\.json, 1\.age: expected number.*found nothing$/,
    );
    expect(await readRows(await written('a: 1', 'one.yml'), undefined)).to.deep.equal({ a: 1 });
    expect((await errorOf(readRows(await written('a: [1', 'broken.yml'), undefined))).where).to.match(/broken\.yml:1$/);
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g'].map((key, index) => `${key}: &${key} [${`*${'abcdef'[index]},`.repeat(9)}]`).join('\n')}\n`;
    expect((await errorOf(readRows(await written(bomb, 'bomb.yml'), undefined))).message).to.match(/^Expected YAML/);
  });
});
