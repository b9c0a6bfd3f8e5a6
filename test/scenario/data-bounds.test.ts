// Hostile or accidentally huge data files: an error or the rows, within seconds.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { readRows } from '../../runner/scenario/data-files.ts';
import { errorOf } from './error-of.ts';

const row = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join('');

describe('a data file', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'novaperf-data-'));
  });
  after(() => rm(dir, { recursive: true }));

  const read = async (name: string, text: string) => {
    await writeFile(join(dir, name), text);
    return readRows(join(dir, name), undefined);
  };

  const refused: Array<[what: string, name: string, text: () => string, message: RegExp]> = [
    ['YAML of more than 4 MB', 'a.yaml', () => row(400_000, () => '- abcdefghi\n'), /at most 4 MB, found [\d.]+ MB/],
    ['a key that is there twice', 'a.yaml', () => 'a: 1\nb: 2\na: 3\n', /a\.yaml:3 .*unique/],
    ['aliases without end', 'a.yaml', () => `- &a 1\n${row(1001, () => '- *a\n')}`, /more than 1000 aliases/],
    [
      'aliases that unfold',
      'a.yaml',
      () => `a0: &a0 [x, x]\n${row(20, (at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]\n`)}`,
      /alias/i,
    ],
    [
      'YAML of 20,000 levels',
      'a.yaml',
      () => '['.repeat(20_000) + ']'.repeat(20_000),
      /Expected YAML, found: more than 200 levels/,
    ],
    ['JSON of 200,000 levels', 'a.json', () => '['.repeat(200_000) + ']'.repeat(200_000), /data that JSON can hold/],
    [
      'a CSV of 100,000 columns @slow',
      'a.csv',
      () => `${row(100_000, (at) => `c${at},`)}z\n`,
      /at most 1000 columns, found 100001/,
    ],
  ];
  for (const [what, name, text, message] of refused)
    it(`is rejected: ${what}`, async () => {
      const { message: found, where = '' } = await errorOf(read(name, text()));
      expect(`${where} ${found}`).to.match(message);
    });

  const imports = async (json: string) => {
    await writeFile(join(dir, 'plain.json'), json);
    await writeFile(join(dir, 'plain.js'), "import data from './plain.json'; export default () => console.log(data);");
    return bundleScript(join(dir, 'plain.js'));
  };
  const refusedPlain: [what: string, text: () => string, message: RegExp][] = [
    ['of 2,000,000 levels', () => '['.repeat(2_000_000), /plain\.json Expected JSON of at most 1000 levels/],
    [
      'of 1,001 levels',
      () => `${'{"a":'.repeat(1001)}1${'}'.repeat(1001)}`,
      /plain\.json Expected JSON of at most 1000/,
    ],
    ['of more than 64 MB @slow', () => `["${'x'.repeat(65 * 1024 * 1024)}"]`, /at most 64 MB, found 66 MB/],
    ['that is none', () => '{"a": 1,\n}', /plain\.json:\d:\d .*JSON/],
  ];
  for (const [what, text, message] of refusedPlain)
    it(`is rejected: JSON ${what}, without a schema`, async () => {
      const { message: found, where = '' } = await errorOf(imports(text()));
      expect(`${where} ${found}`).to.match(message);
    });

  it('of JSON without a schema may have brackets in texts and a byte order mark', async () => {
    const { code } = await imports(`\uFEFF{"a": "${'['.repeat(2000)}\\"${'['.repeat(2000)}", "b": [[1]]}`);
    expect(code).to.include('b: [[1]]');
  });

  it('of 20,000 YAML keys is read in linear time @slow', async () => {
    const keys = 20_000;
    const value = await read(
      'keys.yaml',
      row(keys, (at) => `k${at}: ${at}\n`),
    );
    expect(Object.keys(Object(value))).to.have.length(keys);
  });
});
