// Errors for scripts that do not bundle; the content of a bundle and the facts about it.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { errorOf } from './error-of.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

const scripts = join(import.meta.dirname, '../fixtures/scripts');

describe('the bundler', () => {
  after(removeTemporaryProjects);

  const broken: [
    what: string,
    files: Record<string, string>,
    place: string,
    message: string,
    next: string | undefined,
  ][] = [
    [
      'a syntax error',
      { 'a.js': "import http from 'k6/http';\nexport default function () {\n\tconst x = 1 foo;\n}\n" },
      'a.js:3:14',
      'Expected ";" but found "foo".\n    \tconst x = 1 foo;\n    \t            ^^^',
      undefined,
    ],
    [
      'a syntax error after letters of several bytes',
      { 'a.js': "export default () => { const grüße = 'ü' 3; };" },
      'a.js:1:42',
      'Expected ";" but found "3".\n    export default () => { const grüße = \'ü\' 3; };\n                                             ^',
      undefined,
    ],
    [
      'a local module that is not there',
      { 'a.js': "import './lib/cart.js';\nexport default () => {};" },
      'a.js:1:8',
      `Could not resolve "./lib/cart.js".\n    import './lib/cart.js';\n           ^^^^^^^^^^^^^^^`,
      'paths of imports are relative to the importing file',
    ],
    [
      'an npm package that is not installed',
      { 'a.js': "import { x } from '@acme/no-such-package/deep';\nexport default () => x;" },
      'a.js:1:19',
      `Could not resolve "@acme/no-such-package/deep".\n    import { x } from '@acme/no-such-package/deep';\n                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
      'npm install @acme/no-such-package',
    ],
    [
      'a module of Node',
      { 'a.js': "import fs from 'node:fs';\nexport default () => fs;" },
      'a.js:1:16',
      `Could not resolve "node:fs".\n    import fs from 'node:fs';\n                   ^^^^^^^^^`,
      'k6 is not Node.js and has no "node:fs"; for the modules of k6 see https://grafana.com/docs/k6/latest/javascript-api/',
    ],
    [
      'an export that is not there, in a module of another folder',
      {
        'a.js': "export { default } from './lib/b.js';",
        'lib/b.js': "import { y } from './c.js';\nexport default () => y;",
        'lib/c.js': 'export const z = 1;',
      },
      'lib/b.js:1:10',
      `No matching export in "lib/c.js" for import "y".\n    import { y } from './c.js';\n             ^`,
      undefined,
    ],
  ];
  for (const [what, files, place, message, next] of broken) {
    it(`gives an error with the line and a caret for ${what}`, async () => {
      const root = temporaryProject(files);
      const userError = await errorOf(bundleScript(join(root, 'a.js')));
      expect(userError).to.include({ message, where: join(root, place), exitCode: 2 });
      expect(userError.next).to.equal(next);
    });
  }

  it('gives the exports, the format and whether there is a handleSummary()', async () => {
    const facts = async (script: string) => {
      const { exports, format, hasHandleSummary } = await bundleScript(join(scripts, script));
      return { exports, format, hasHandleSummary };
    };
    expect(await facts('export-list.js')).to.deep.equal({
      exports: ['default', 'handleSummary', 'options'],
      format: 'esm',
      hasHandleSummary: true,
    });
    expect(await facts('scenarios-and-exec.js')).to.deep.include({
      exports: ['contacts', 'news', 'options'],
      hasHandleSummary: false,
    });
    expect(await facts('commonjs.js')).to.deep.include({ exports: [], format: 'cjs', hasHandleSummary: false });
    expect((await bundleScript(join(scripts, 'commonjs.js'))).warnings, 'no warnings').to.deep.equal([]);
  });

  it('names every file the bundle was made of, and its folder as working directory', async () => {
    const { inputs, cwd, name, scriptPath } = await bundleScript(join(scripts, 'json-and-extensionless.ts'));
    expect({ cwd, name, scriptPath }).to.deep.equal({
      cwd: scripts,
      name: 'json-and-extensionless',
      scriptPath: join(scripts, 'json-and-extensionless.ts'),
    });
    expect([...inputs].sort()).to.deep.equal(
      ['data/users.json', 'json-and-extensionless.ts', 'lib/greet.ts'].map((path) => join(scripts, path)),
    );
  });

  it('adds nothing of novaperf to a plain script', async () => {
    const { code, inputs } = await bundleScript(join(scripts, 'open-files.js'));
    expect(code).not.to.match(/novaperf/i);
    expect(inputs).to.have.length(1);
  });

  it('keeps modules that are imported for their side effects, despite sideEffects in package.json', async () => {
    const root = temporaryProject({
      'package.json': '{ "sideEffects": false }',
      'a.js': "import './lib/effect.js';\nexport default () => {};",
      'lib/effect.js': "console.log('seen');",
    });
    const { code, warnings } = await bundleScript(join(root, 'a.js'));
    expect(code).to.include('console.log("seen")');
    expect(warnings).to.deep.equal([]);
  });

  it("passes on esbuild's warnings with their place", async () => {
    const root = temporaryProject({ 'a.js': 'const a = { b: 1, b: 2 };\nexport default () => a;' });
    const { warnings } = await bundleScript(join(root, 'a.js'));
    expect(warnings.join()).to.match(/a\.js:1:19: Duplicate key "b" in object literal\./);
  });

  it('puts absolute paths of sources into the map, and their text only into the kept one', async () => {
    const { code, map } = await bundleScript(join(scripts, 'throws.ts'));
    const inline = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(code)?.[1] ?? '';
    const parsed = JSON.parse(Buffer.from(inline, 'base64').toString('utf8'));
    expect(parsed.sources).to.deep.equal(JSON.parse(map).sources);
    for (const source of parsed.sources) expect(source).to.match(/^file:\/\/\/.*\/test\/fixtures\/scripts\//);
    expect(parsed).not.to.have.property('sourcesContent');
    expect(JSON.parse(map).sourcesContent.join('')).to.include('an empty cart has no price');
  });

  for (const name of ['prüfung.ts', 'lasttest bestellung.ts', '100%.ts', 'a%41b.ts', 'a#b.ts', '負荷.js']) {
    it(`names ${name} in the map so that its place is a file`, async () => {
      const path = join(await temporaryProject({ [name]: 'export default function () {}\n' }), name);
      const { map } = await bundleScript(path);
      expect(JSON.parse(map).sources.map((source: string) => fileURLToPath(source))).to.deep.equal([path]);
    });
  }
});
