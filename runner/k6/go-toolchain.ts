// A machine becomes its Go toolchain: where `go` is, which version, and whether it can build what go.mod asks for.

import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { capture } from '../system/capture.ts';
import { compareVersions } from './version.ts';

export interface GoToolchain {
  readonly path: string;
  /** `1.26.8` */
  readonly version: string;
}

const GO_FILE = process.platform === 'win32' ? 'go.exe' : 'go';

/** Where Go's installers put it without always adding it to PATH. */
const USUAL_FOLDERS =
  process.platform === 'win32'
    ? ['C:\\Program Files\\Go\\bin']
    : ['/usr/local/go/bin', '/opt/homebrew/bin', '/usr/lib/go/bin'];

/**
 * The first `go` that can build what needs `needed`; where none can, the first that answers; undefined where there is none.
 * Looked for on PATH, in GOROOT and in `usualFolders`.
 */
export async function findGo(
  env: NodeJS.ProcessEnv,
  needed: string,
  usualFolders: readonly string[] = USUAL_FOLDERS,
): Promise<GoToolchain | undefined> {
  const folders = [
    ...(env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...(env.GOROOT ? [join(env.GOROOT, 'bin')] : []),
    ...usualFolders,
  ];
  let first: GoToolchain | undefined;
  for (const folder of new Set(folders)) {
    const go = await goIn(folder, env);
    if (go === undefined) continue;
    first ??= go;
    if (canBuild(go, needed, env)) return go;
  }
  return first;
}

async function goIn(folder: string, env: NodeJS.ProcessEnv): Promise<GoToolchain | undefined> {
  const path = join(folder, GO_FILE);
  try {
    // GOTOOLCHAIN=local: what is installed, not what go would download for the module it stands in.
    const answer = await capture(path, ['version'], { timeoutMs: 30_000, env: { ...env, GOTOOLCHAIN: 'local' } });
    const version = /^go version go(\d+\.\d+\S*)/.exec(answer.stdout)?.[1];
    return version === undefined ? undefined : { path, version };
  } catch {
    return undefined;
  }
}

/** The `go` line of a go.mod: the least version that can build it. */
export async function neededGo(sourceFolder: string): Promise<string> {
  const text = await readFile(join(sourceFolder, 'go.mod'), 'utf8');
  return /^go (\S+)$/m.exec(text)?.[1] ?? '1.25.0';
}

/**
 * Whether a toolchain can build a module that needs `needed`. From Go 1.21 on, an older one downloads the right one by
 * itself unless GOTOOLCHAIN says local.
 */
export function canBuild(go: GoToolchain, needed: string, env: NodeJS.ProcessEnv): boolean {
  if (compareVersions(go.version, needed) >= 0) return true;
  return compareVersions(go.version, '1.21') >= 0 && !(env.GOTOOLCHAIN ?? '').startsWith('local');
}
