// A schema file beside a CSV becomes the zod schema it exports. It is evaluated here, in Node; k6 never sees it.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { packageRoot } from '../system/package-root.ts';
import { explainBuildFailure } from './build-errors.ts';

/** The default export of a `*.schema.ts`: a zod schema of one row. Throws a UserError where it is none, or does not evaluate. */
export async function loadRowSchema(path: string): Promise<Pick<z.ZodType, 'safeParse'>> {
  const code = await bundleForNode(path);
  const evaluated: unknown = await evaluate(code, path);
  if (isModuleWithSchema(evaluated)) return evaluated.default;
  throw new UserError('Expected the default export to be a zod schema of one row, found none.', {
    where: nearPath(path),
  });
}

/** A script outside this project need not have zod. Ours is loaded already, and bundling it would take 150 ms. */
const zodOfOurs: Plugin = {
  name: 'zod-of-ours',
  setup({ onResolve }) {
    onResolve({ filter: /^zod(\/|$)/ }, ({ path }) => ({ path: urlOfOurs(path), external: true }));
  },
};

/** The very file that this program imports: tsx turns it into CommonJS for the tests, where import.meta has no resolve. */
function urlOfOurs(specifier: string): string {
  if (typeof import.meta.resolve === 'function') return import.meta.resolve(specifier);
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
      plugins: [zodOfOurs],
      logLevel: 'silent',
    });
    return result.outputFiles[0]?.text ?? '';
  } catch (error) {
    throw explainBuildFailure(error, dirname(path));
  }
}

async function evaluate(code: string, path: string): Promise<unknown> {
  try {
    return await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  } catch (error) {
    throw new UserError(`The schema could not be evaluated: ${messageOf(error)}`, {
      where: nearPath(path),
      cause: error,
    });
  }
}

function isModuleWithSchema(value: unknown): value is { default: Pick<z.ZodType, 'safeParse'> } {
  if (typeof value !== 'object' || value === null || !('default' in value)) return false;
  const exported = value.default;
  return (
    typeof exported === 'object' &&
    exported !== null &&
    'safeParse' in exported &&
    typeof exported.safeParse === 'function'
  );
}
