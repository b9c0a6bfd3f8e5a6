// A TypeScript file becomes one plain module, so that a process that a test starts many times does not compile this project each time.

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { packageRoot } from '../runner/system/package-root.ts';

/** The bundle's import.meta.url: in one piece, test/bundle-tests.mjs would replace it with that of this file. */
const OWN_URL = ['import', 'meta', 'url'].join('.');

export interface Bundled {
  /** Absolute path of the module. */
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles `entry` (absolute path) with its npm packages, into a folder of this project, because its modules look for the project's files. */
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
