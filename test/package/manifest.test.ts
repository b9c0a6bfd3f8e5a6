// package.json: what every install includes.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROFILES } from '../../runner/model/plan.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

describe('package.json', () => {
  it('has only packages as dependencies that cannot be bundled', async () => {
    const { dependencies } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    // esbuild has a binary, the types of novaperf/result and *.schema.ts need zod, those of novaperf need @types/k6.
    expect(Object.keys(dependencies)).to.have.members(['@types/k6', 'esbuild', 'zod']);
  });

  it('has a script perf:<profile> for every profile, and no other', async () => {
    const { scripts } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    const named = Object.keys(scripts).filter((name) => name.startsWith('perf:'));
    expect(named).to.have.members(PROFILES.map((profile) => `perf:${profile}`));
  });
});
