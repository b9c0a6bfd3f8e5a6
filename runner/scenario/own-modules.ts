// The modules of this package that run inside k6: TypeScript in a checkout, JavaScript in the npm package.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { packageRoot } from '../system/package-root.ts';

const SOURCES = join(packageRoot, 'runner');
const BUILT = join(packageRoot, 'dist', 'esm');

/** A checkout uses its sources, which are newer than the build; the npm package has only the build. */
const FROM_SOURCE = existsSync(join(SOURCES, 'scenario', 'api.ts'));

/** The folder of all modules that a bundle may contain. */
export const OWN_FOLDER: string = FROM_SOURCE ? SOURCES : BUILT;

/** Absolute path of a module of `runner/`, named without its extension: `scenario/api`. */
export function ownModule(name: string): string {
  return join(OWN_FOLDER, `${name}${FROM_SOURCE ? '.ts' : '.js'}`);
}

/**
 * `import … from 'novaperf'` is the running program, regardless of what is installed next to the script, so that script and runner
 * have the same version. Unused parts are left out.
 */
export const novaperfPlugin: Plugin = {
  name: 'novaperf',
  setup({ onResolve }) {
    onResolve({ filter: /^novaperf$/ }, () => ({ path: ownModule('scenario/api'), sideEffects: false }));
  },
};
