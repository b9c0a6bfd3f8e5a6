// A machine becomes its Go toolchain: where `go` is, which version, and whether it can build what go.mod asks for.

import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { capture } from './capture.ts';
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

/** The first `go` that answers: on PATH, in GOROOT, in the usual folders. undefined: there is none. */
export async function findGo(env: NodeJS.ProcessEnv): Promise<GoToolchain | undefined> {
  const folders = [
    ...(env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...(env.GOROOT ? [join(env.GOROOT, 'bin')] : []),
    ...USUAL_FOLDERS,
  ];
  for (const folder of folders) {
    const path = join(folder, GO_FILE);
    try {
      // GOTOOLCHAIN=local: what is installed, not what go would download for the module it stands in.
      const answer = await capture(path, ['version'], { timeoutMs: 30_000, env: { ...env, GOTOOLCHAIN: 'local' } });
      const version = /^go version go(\d+\.\d+\S*)/.exec(answer.stdout)?.[1];
      if (version !== undefined) return { path, version };
    } catch {
      // no go in this folder
    }
  }
  return undefined;
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
