import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { build, type Plugin } from 'esbuild';
import stringWidth from 'string-width';
import { packageRoot } from '../../runner/system/package-root.ts';

describe('the widths of texts in the bundled program', () => {
  let widthOf: (text: string) => number;
  let plain: RegExp;

  before(async () => {
    const { plainWidths, PLAIN }: { plainWidths: Plugin; PLAIN: RegExp } = await import(
      pathToFileURL(join(packageRoot, 'build/plain-widths.mjs')).href
    );
    plain = PLAIN;
    const folder = await mkdtemp(join(tmpdir(), 'widths-'));
    const file = join(folder, 'width.mjs');
    const { outputFiles } = await build({
      stdin: {
        contents: "export { default } from 'string-width';",
        resolveDir: packageRoot,
        sourcefile: join(packageRoot, 'x.js'),
      },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      plugins: [plainWidths],
    });
    await writeFile(file, outputFiles[0]?.text ?? '');
    ({ default: widthOf } = await import(pathToFileURL(file).href));
    await rm(folder, { recursive: true });
  });

  it('equal those of string-width for every character with a known width, alone and before another', () => {
    const wrong: string[] = [];
    let asked = 0;
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      // The others are measured by string-width.
      if (!plain.test(character)) continue;
      asked++;
      if (widthOf(character) !== stringWidth(character)) wrong.push(code.toString(16));
      if (widthOf(`${character}a`) !== stringWidth(`${character}a`)) wrong.push(code.toString(16));
    }
    expect(wrong).to.deep.equal([]);
    expect(asked).to.be.above(1000);
  });

  for (const text of [
    '',
    'p95 < 500 ms',
    '検索 検索',
    '👩‍👩‍👧',
    '\u001b[32mgreen\u001b[39m',
    'é',
    '↔️',
    '1️⃣',
    'soft\u00adhyphen',
    'naïve … ─│┌',
  ]) {
    it(`equal those of string-width for ${JSON.stringify(text)}`, () =>
      expect(widthOf(text)).to.equal(stringWidth(text)));
  }
});
