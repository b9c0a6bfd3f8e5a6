// package.json: what every install brings along.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../runner/system/package-root.ts';

describe('package.json', () => {
  it('lets users install only what cannot be bundled: all other packages are devDependencies', async () => {
    const { dependencies } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    // esbuild has a binary, zod is in the types of novaperf/result and in *.schema.ts, @types/k6 in the types of novaperf.
    expect(Object.keys(dependencies)).to.have.members(['@types/k6', 'esbuild', 'zod']);
  });
});
