// Finds the k6 executable for a run: named by the user, cached, installed, built or downloaded.

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { messageOf, UserError } from '../system/errors.ts';
import { buildK6, builtK6Path, K6_SOURCES } from './build.ts';
import { K6_FILE } from './cache.ts';
import { downloadedK6Path, downloadK6, releaseUrl } from './download.ts';
import type { Extension } from './extensions.ts';
import { canBuild, findGo, neededGo } from './go-toolchain.ts';
import { type K6Version, PINNED_K6, readK6Version, tooOld } from './version.ts';

export type K6Origin = 'flag' | 'env' | 'cache' | 'path' | 'built' | 'downloaded';

/** A k6 with its checked version. */
export interface K6 {
  /** Absolute path. */
  readonly path: string;
  /** `2.2.0` */
  readonly version: string;
  /** True if it has novaperf's output and so can write the histograms stream. */
  readonly hasHistograms: boolean;
  readonly origin: K6Origin;
  /** Why no better k6 was used, one sentence each: a failed build, a k6 on PATH that is too old. */
  readonly notes: readonly string[];
  /** What its extensions let scripts import, such as `k6/x/faker`; undefined: not checked. */
  readonly imports?: readonly string[];
}

export interface FindK6Options {
  /** Value of --k6. */
  readonly k6Flag?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Called with a line for people during long steps, and with every note. */
  readonly onProgress?: (line: string) => void;
  /** Default true. */
  readonly allowBuild?: boolean;
  /** Default true. */
  readonly allowDownload?: boolean;
  /** Extensions of the configuration. A k6 named by the user is used as it is; any other must have them. */
  readonly extensions?: readonly Extension[];
  /** The Go module to build. Default: runner/k6/output of this package. */
  readonly sourceFolder?: string;
  /** Folders to search for Go after PATH and GOROOT. Default: those of its installers. */
  readonly goFolders?: readonly string[];
}

/**
 *   1. --k6, then K6_BIN: used or rejected, never replaced by another
 *   2. a build of the current sources in the cache
 *   3. k6 on PATH, if it has novaperf's output
 *   4. a build with the Go toolchain, if one is found
 *   5. k6 on PATH, without the output
 *   6. an official release, from the cache or downloaded with verified checksum
 * With extensions, only 1, 2 and 4. Throws a UserError with what was tried and what to install if there is none.
 */
export async function findK6(options: FindK6Options): Promise<K6> {
  const { env } = options;
  const sourceFolder = options.sourceFolder ?? K6_SOURCES;
  const onProgress = options.onProgress ?? (() => {});
  const notes: string[] = [];
  const note = (text: string) => {
    notes.push(text);
    onProgress(`k6: ${text}`);
  };

  if (options.k6Flag !== undefined) return given(options.k6Flag, '--k6', 'flag', env);
  if (env.K6_BIN) return given(env.K6_BIN, 'K6_BIN', 'env', env);

  const extensions = options.extensions ?? [];
  const cached = await usable(await builtK6Path(env, sourceFolder, extensions), 'cache');
  if (cached !== undefined) return { ...cached, notes };
  if (extensions.length > 0) return { ...(await buildWithExtensions(options, sourceFolder, onProgress)), notes };

  const onPath = await k6OnPath(env, note);
  if (onPath?.hasHistograms) return { ...onPath, notes };

  if (options.allowBuild ?? true) {
    const built = await tryBuild(options, sourceFolder, onProgress, note);
    if (built !== undefined) return { ...built, notes };
  }
  if (onPath !== undefined) return { ...onPath, notes };

  const downloaded = await usable(downloadedK6Path(env), 'downloaded');
  if (downloaded !== undefined) return { ...downloaded, notes };
  if (options.allowDownload ?? true) {
    try {
      const path = await downloadK6({ env, onProgress });
      return { ...described(await readK6Version(path, 'the download')), path, origin: 'downloaded', notes };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      notes.push(error.message);
    }
  }
  throw new UserError(
    `Expected a k6, found none, and it could not be built or downloaded:\n${notes.map((text) => `  - ${text}`).join('\n')}`,
    {
      next: `install Go ${await neededGo(sourceFolder)} or later (https://go.dev/dl/), or k6 ${PINNED_K6} (${releaseUrl(env)}) on PATH or as --k6`,
    },
  );
}

/** A k6 named by the user. Throws a UserError if it cannot be used. A bare name is searched on PATH, as in a shell. */
async function given(value: string, askedBy: string, origin: K6Origin, env: NodeJS.ProcessEnv): Promise<K6> {
  const isBareName = !isAbsolute(value) && !/[\\/]/.test(value);
  const path = (isBareName ? findOnPath(value, env) : undefined) ?? resolve(value);
  const found = await readK6Version(path, askedBy);
  const problem = tooOld(path, found.version);
  if (problem !== undefined) throw problem;
  return { path, version: found.version, hasHistograms: found.hasHistograms, origin, notes: [] };
}

/** A k6 in our cache; undefined if there is none or it does not run (another libc, a damaged disk). */
async function usable(path: string, origin: K6Origin): Promise<Omit<K6, 'notes'> | undefined> {
  try {
    return { ...described(await readK6Version(path, 'the cache')), path, origin };
  } catch {
    return undefined;
  }
}

async function k6OnPath(env: NodeJS.ProcessEnv, note: (text: string) => void): Promise<Omit<K6, 'notes'> | undefined> {
  const path = findOnPath(K6_FILE, env);
  if (path === undefined) return undefined;
  try {
    const found = described(await readK6Version(path, 'k6 on PATH'));
    const problem = tooOld(path, found.version);
    if (problem === undefined) return { ...found, path, origin: 'path' };
    note(`ignored the k6 on PATH: ${problem.message}`);
  } catch (error) {
    note(`ignored the k6 on PATH: ${messageOf(error)}`);
  }
  return undefined;
}

/** Throws if the build fails, because no other k6 has the extensions. */
async function buildWithExtensions(
  { env, goFolders, allowBuild, extensions = [] }: FindK6Options,
  sourceFolder: string,
  onProgress: (line: string) => void,
): Promise<Omit<K6, 'notes'>> {
  const names = extensions.map(({ module }) => module).join(', ');
  const needed = await neededGo(sourceFolder);
  const go = allowBuild === false ? undefined : await findGo(env, needed, goFolders);
  if (go === undefined || !canBuild(go, needed, env)) {
    throw new UserError(`Expected Go ${needed} or later to build k6 with ${names}, found ${go?.version ?? 'none'}.`, {
      where: 'extensions',
      next: 'install Go from https://go.dev/dl/, or give a k6 with these extensions with --k6',
    });
  }
  const path = await buildK6({ go, env, onProgress, sourceFolder, extensions });
  return { ...described(await readK6Version(path, 'the build')), path, origin: 'built' };
}

/** The part of a version that callers need. */
function described({
  version,
  hasHistograms,
  extensions,
}: K6Version): Pick<K6, 'version' | 'hasHistograms' | 'imports'> {
  const imports = extensions?.flatMap((each) => each.imports) ?? [];
  return { version, hasHistograms, imports };
}

async function tryBuild(
  { env, goFolders }: FindK6Options,
  sourceFolder: string,
  onProgress: (line: string) => void,
  note: (text: string) => void,
): Promise<Omit<K6, 'notes'> | undefined> {
  const needed = await neededGo(sourceFolder);
  const go = await findGo(env, needed, goFolders);
  if (go === undefined) {
    note(`found no Go toolchain to build k6 (${needed} or later)`);
    return undefined;
  }
  if (!canBuild(go, needed, env)) {
    note(`Go ${go.version} at ${go.path} is too old to build k6: ${needed} or later is needed`);
    return undefined;
  }
  try {
    const path = await buildK6({ go, env, onProgress, sourceFolder });
    return { ...described(await readK6Version(path, 'the build')), path, origin: 'built' };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(error.next === undefined ? error.message : `${error.message}\n    ${error.next}`);
    return undefined;
  }
}

/** The absolute path of the first executable file with this name on PATH; undefined if there is none. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const withSuffix = process.platform === 'win32' && !/\.\w+$/.test(name) ? `${name}.exe` : name;
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = resolve(join(folder, withSuffix));
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not here
    }
  }
  return undefined;
}
