// `npm ci` fails on every platform if the lock lacks the optional package of one.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({ dependencies: names, devDependencies: names, optionalDependencies: names }),
  ),
});

/** Where Node's resolution finds `name` from `folder` among the locked packages. */
function isLocked(locked: ReadonlySet<string>, folder: string, name: string): boolean {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (locked.has(at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`)) return true;
    if (at === '') return false;
  }
}

describe('package-lock.json', () => {
  it('locks every dependency, those of other platforms too, so that npm ci accepts it', async () => {
    const { packages } = lockFile.parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
    const locked = new Set(Object.keys(packages));
    const missing = Object.entries(packages).flatMap(([folder, of]) =>
      Object.keys({ ...of.dependencies, ...of.devDependencies, ...of.optionalDependencies })
        .filter((name) => !isLocked(locked, folder, name))
        .map((name) => `${folder || 'novaperf'} needs ${name}`),
    );
    expect(missing).to.deep.equal([]);
  });
});
