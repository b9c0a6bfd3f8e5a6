// A TypeScript or JavaScript file of the user is evaluated in Node, and what it exports comes back: configuration, row schemas.

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
 * The default export of the file; undefined where there is none. npm packages come from the file's own node_modules, zod and
 * novaperf are ours. Throws a UserError with the place where the file does not parse or throws.
 */
export async function defaultExportOf(path: string, what: string): Promise<unknown> {
  const code = await bundleForNode(path);
  const module = await evaluate(code, path, what);
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
}

/** Where a module that is evaluated finds our zod. */
const ZOD = Symbol.for('novaperf.zod');

/** A project need not have zod installed. Ours is loaded already, and Node takes 200 ms of CPU to read another. */
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

/** In Node `novaperf` means the one helper that configuration files use; the rest of it is for k6. */
const novaperfForConfig: Plugin = {
  name: 'novaperf-for-config',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^novaperf$/ }, ({ path }) => ({ path, namespace: 'novaperf' }));
    onLoad({ filter: /.*/, namespace: 'novaperf' }, () => ({
      contents: 'export const defineConfig = (config) => config;',
    }));
  },
};

/** import.meta.resolve is there neither in the bundle nor under tsx, which are CommonJS. */
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
