// Where this package keeps what runs inside k6: the TypeScript of a checkout, or the JavaScript that the npm package carries.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { packageRoot } from '../system/package-root.ts';

const SOURCES = join(packageRoot, 'runner');
const BUILT = join(packageRoot, 'dist', 'esm');

/** A checkout has the sources, and they are newer than what was built from them; the npm package has only the latter. */
const FROM_SOURCE = existsSync(join(SOURCES, 'scenario', 'api.ts'));

/** The folder of all modules that may join a bundle, with every import between them inside it. */
export const OWN_FOLDER: string = FROM_SOURCE ? SOURCES : BUILT;

/** Absolute path of a module of `runner/`, named without its extension: `scenario/api`. */
export function ownModule(name: string): string {
  return join(OWN_FOLDER, `${name}${FROM_SOURCE ? '.ts' : '.js'}`);
}

/**
 * `import … from 'novaperf'` means the program that is running, wherever the script lies and whatever is installed there: the
 * script and the runner that reads its definition are always of the same version. What a script does not use is left out.
 */
export const novaperfPlugin: Plugin = {
  name: 'novaperf',
  setup({ onResolve }) {
    onResolve({ filter: /^novaperf$/ }, () => ({ path: ownModule('scenario/api'), sideEffects: false }));
  },
};
