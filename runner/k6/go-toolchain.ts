// Finds the Go toolchain and checks whether it can build k6.

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

/** Folders of Go's installers, which do not always add them to PATH. */
const USUAL_FOLDERS =
  process.platform === 'win32'
    ? ['C:\\Program Files\\Go\\bin']
    : ['/usr/local/go/bin', '/opt/homebrew/bin', '/usr/lib/go/bin'];

/**
 * Searches PATH, GOROOT and `usualFolders` for the first `go` that can build a module requiring version `needed`. If
 * none can, returns the first that works; undefined if there is none.
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
    // GOTOOLCHAIN=local: report the installed version, not one that go would download for a module in this folder.
    const answer = await capture(path, ['version'], { timeoutMs: 30_000, env: { ...env, GOTOOLCHAIN: 'local' } });
    const version = /^go version go(\d+\.\d+\S*)/.exec(answer.stdout)?.[1];
    return version === undefined ? undefined : { path, version };
  } catch {
    return undefined;
  }
}

/** The minimum Go version, from the `go` line of go.mod. */
export async function neededGo(sourceFolder: string): Promise<string> {
  const text = await readFile(join(sourceFolder, 'go.mod'), 'utf8');
  return /^go (\S+)$/m.exec(text)?.[1] ?? '1.25.0';
}

/**
 * True if a toolchain can build a module that requires `needed`. From Go 1.21 on, an older one downloads the required
 * one, unless GOTOOLCHAIN is local.
 */
export function canBuild(go: GoToolchain, needed: string, env: NodeJS.ProcessEnv): boolean {
  if (compareVersions(go.version, needed) >= 0) return true;
  return compareVersions(go.version, '1.21') >= 0 && !(env.GOTOOLCHAIN ?? '').startsWith('local');
}
