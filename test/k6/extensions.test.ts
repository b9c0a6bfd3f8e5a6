import { expect } from 'chai';
import { extensionsKey, readExtensions, requireArguments } from '../../runner/k6/extensions.ts';
import { missingExtension } from '../../runner/k6/inspect.ts';
import { PINNED_K6 } from '../../runner/k6/version.ts';
import { UserError } from '../../runner/system/errors.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

const LOCAL = './test/fixtures/xk6-greeting';

describe('extensions of the configuration', () => {
  it('are Go modules with a version, or folders', async () => {
    const read = await readExtensions(['github.com/grafana/xk6-faker@v0.4.4', LOCAL], packageRoot);
    expect(read.map(({ kind, module }) => [kind, module])).to.deep.equal([
      ['module', 'github.com/grafana/xk6-faker'],
      ['folder', 'example.com/xk6-greeting'],
    ]);
    expect(requireArguments(read)).to.deep.equal([
      'mod',
      'edit',
      '-require=github.com/grafana/xk6-faker@v0.4.4',
      '-require=example.com/xk6-greeting@v0.0.0',
      `-replace=example.com/xk6-greeting=${packageRoot}/test/fixtures/xk6-greeting`,
    ]);
    expect(extensionsKey(read)).to.match(
      /^example\.com\/xk6-greeting [0-9a-f]{64}\ngithub\.com\/grafana\/xk6-faker@v0\.4\.4$/,
    );
  });

  const refused: readonly (readonly [texts: string[], part: string])[] = [
    [['github.com/grafana/xk6-faker'], 'Expected a version of github.com/grafana/xk6-faker'],
    [['github.com/grafana/xk6-faker@latest'], 'Expected a version of'],
    [['xk6-faker'], 'Expected a Go module with its version'],
    [['-replace=a=b@v1.0.0'], 'Expected a Go module with its version'],
    [['./nowhere'], 'Expected a folder with the go.mod of a k6 extension, found no ./nowhere'],
    [['./docs'], 'found none in ./docs'],
    [[LOCAL, LOCAL], 'Expected each extension once, found example.com/xk6-greeting twice'],
  ];
  for (const [texts, part] of refused) {
    it(`are rejected: ${texts.join(', ')}`, async () => {
      const error: unknown = await readExtensions(texts, packageRoot).catch((thrown: unknown) => thrown);
      if (!(error instanceof UserError)) throw error;
      expect(error.message).to.contain(part);
    });
  }

  const k6 = {
    path: 'k6',
    version: PINNED_K6,
    hasHistograms: true,
    origin: 'cache',
    notes: [],
    imports: ['k6/x/sql'],
  } as const;
  const scripts: readonly (readonly [code: string, missing: string | undefined])[] = [
    ['import sql from "k6/x/sql";', undefined],
    ['import http from "k6/http";\nimport faker from "k6/x/faker";', 'k6/x/faker'],
    ['import { a as b } from "k6/x/kv/two";', 'k6/x/kv/two'],
    ['var x = require("k6/x/faker");', 'k6/x/faker'],
    ['console.log(\'import a from "k6/x/faker"\');', undefined],
  ];
  for (const [code, missing] of scripts) {
    it(`${missing === undefined ? 'do not stop' : 'stop'} a script with ${code.split('\n').at(-1)}`, () => {
      const userError = missingExtension(k6, { code, cwd: '/', scriptPath: '/s.js' });
      if (missing === undefined) expect(userError).to.equal(undefined);
      else {
        expect(userError?.message).to.contain(missing);
        expect(userError?.next).to.contain("extensions: ['github.com/");
      }
      // A k6 given by the user is not checked.
      expect(missingExtension({ ...k6, origin: 'flag' }, { code, cwd: '/', scriptPath: '/s.js' })).to.equal(undefined);
    });
  }
});
