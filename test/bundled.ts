// A TypeScript file becomes one plain module: a process that a test starts many times need not compile this project each time.

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { packageRoot } from '../runner/system/package-root.ts';

/** Of the bundle: written out in one word it would become that of this file (test/bundle-tests.mjs). */
const OWN_URL = ['import', 'meta', 'url'].join('.');

export interface Bundled {
  /** Absolute path of the module. */
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles `entry` (absolute path) with its npm packages, in a folder of this project, which its modules look for. */
export async function bundled(entry: string): Promise<Bundled> {
  const folder = await mkdtemp(join(packageRoot, 'node_modules', '.bundled-'));
  const path = join(folder, 'module.mjs');
  await build({
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    banner: {
      js: `import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(${OWN_URL});`,
    },
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
  });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
