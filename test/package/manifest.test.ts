// package.json: what every install brings along.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROFILES } from '../../runner/model/plan.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

describe('package.json', () => {
  it('lets users install only what cannot be bundled: all other packages are devDependencies', async () => {
    const { dependencies } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    // esbuild has a binary, zod is in the types of novaperf/result and in *.schema.ts, @types/k6 in the types of novaperf.
    expect(Object.keys(dependencies)).to.have.members(['@types/k6', 'esbuild', 'zod']);
  });

  it('has a script for every profile, as novaperf init writes them', async () => {
    const { scripts } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    const named = Object.keys(scripts).filter((name) => name.startsWith('perf:'));
    expect(named).to.have.members(PROFILES.map((profile) => `perf:${profile}`));
  });
});
