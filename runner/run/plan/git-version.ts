// The version of the build under test if none is given: git describe of the project's folder.

import { capture } from '../../system/capture.ts';

const TIMEOUT_MS = 5000;

/** `v1.4.0-3-g1a2b3c4-dirty`: the nearest tag, the commit, and whether files were changed. Undefined outside of a repository. */
export async function gitVersion(projectDir: string): Promise<string | undefined> {
  const args = ['describe', '--tags', '--always', '--dirty'];
  const described = await capture('git', args, { cwd: projectDir, timeoutMs: TIMEOUT_MS }).catch(() => undefined);
  const version = described?.exitCode === 0 ? described.stdout.trim() : '';
  return version === '' ? undefined : version;
}
