// The project's scenarios become plain k6 scripts in dist/scenarios/: `k6 run dist/scenarios/<name>.js` works without novaperf.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../system/errors.ts';
import { makeFolder } from '../system/folder.ts';
import { bundleScript } from './bundle.ts';
import { projectScenarios, SCENARIOS_FOLDER } from './resolve.ts';

/**
 * Bundles every scenario of `projectDir` into `<outDir>/<name>.js`, and removes bundles of deleted scenarios. Returns the errors
 * of those that do not build, so that a broken scenario does not block the others.
 */
export async function buildScenarios(projectDir: string, outDir: string): Promise<UserError[]> {
  const folder = join(outDir, SCENARIOS_FOLDER);
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  const userErrors: UserError[] = [];
  for (const { name, path } of await projectScenarios(projectDir)) {
    try {
      const { code } = await bundleScript(path);
      await writeFile(join(folder, `${name}.js`), code);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      userErrors.push(error);
    }
  }
  return userErrors;
}
