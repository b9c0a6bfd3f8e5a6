// Evaluates a TypeScript or JavaScript file of the user in Node: configuration and row schemas.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import * as zod from 'zod';
import { explainBuildFailure } from './build-errors.ts';
import { messageOf, UserError } from './errors.ts';
import { nearPath } from './near-path.ts';
import { packageRoot } from './package-root.ts';

/**
 * Returns the default export of a file; undefined if there is none. npm packages come from the file's node_modules; zod
 * and novaperf are ours. Throws a UserError with the place if the file does not compile or throws. `what` names the
 * file in messages.
 */
export async function defaultExportOf(path: string, what: string): Promise<unknown> {
  const code = await bundleForNode(path);
  const module = await evaluate(code, path, what);
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
}

/** The global under which an evaluated module finds our zod. */
const ZOD = Symbol.for('novaperf.zod');

/** Projects need not install zod. Ours is already loaded; loading another takes 200 ms of CPU. */
const zodOfOurs: Plugin = {
  name: 'zod-of-ours',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^zod(\/v4)?$/ }, () => ({ path: 'zod', namespace: 'zod-of-ours' }));
    onLoad({ filter: /.*/, namespace: 'zod-of-ours' }, () => ({
      contents: `const zod = globalThis[Symbol.for('${ZOD.description}')];
        export const { ${Object.keys(zod)
          .filter((name) => name !== 'default')
          .join(', ')} } = zod;
        export default zod.z;`,
    }));
    onResolve({ filter: /^zod\// }, ({ path }) => ({ path: urlOfOurs(path), external: true }));
  },
};

/** In Node, `novaperf` provides only the helper for configuration files; everything else is for k6. */
const novaperfForConfig: Plugin = {
  name: 'novaperf-for-config',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^novaperf$/ }, ({ path }) => ({ path, namespace: 'novaperf' }));
    onLoad({ filter: /.*/, namespace: 'novaperf' }, () => ({
      contents: 'export const defineConfig = (config) => config;',
    }));
  },
};

/** Not import.meta.resolve, which neither the bundle nor tsx has, because both are CommonJS. */
function urlOfOurs(specifier: string): string {
  return pathToFileURL(createRequire(join(packageRoot, 'package.json')).resolve(specifier)).href;
}

async function bundleForNode(path: string): Promise<string> {
  try {
    const result = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      absWorkingDir: dirname(path),
      plugins: [zodOfOurs, novaperfForConfig],
      logLevel: 'silent',
    });
    return result.outputFiles[0]?.text ?? '';
  } catch (error) {
    throw explainBuildFailure(error, dirname(path));
  }
}

async function evaluate(code: string, path: string, what: string): Promise<unknown> {
  Object.defineProperty(globalThis, ZOD, { value: zod, configurable: true });
  try {
    return await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  } catch (error) {
    throw new UserError(`${what} could not be evaluated: ${messageOf(error)}`, {
      where: nearPath(path),
      cause: error,
    });
  }
}
