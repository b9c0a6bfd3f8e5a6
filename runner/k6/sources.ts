// Lists where k6 could come from, for `novaperf doctor`. Builds and downloads nothing.

import { cacheFolder } from '../system/cache-folder.ts';
import { errorCode, messageOf, UserError } from '../system/errors.ts';
import { builtK6Path, K6_SOURCES } from './build.ts';
import { K6_FILE } from './cache.ts';
import { downloadedK6Path, releaseUrl } from './download.ts';
import { type Extension, isOf } from './extensions.ts';
import { findOnPath } from './find.ts';
import { canBuild, findGo, neededGo } from './go-toolchain.ts';
import { type K6Extension, PINNED_K6, readK6Version, tooOld } from './version.ts';

/** One place where k6 may come from, in the order of findK6. */
export interface K6Source {
  /** `--k6`, `K6_BIN`, `cache`, `PATH`, `Go toolchain`, `downloaded release`, `download`. */
  readonly name: string;
  /** usable: k6 would run. absent: there is nothing. unusable: there is something, and `detail` says what is wrong. */
  readonly state: 'usable' | 'absent' | 'unusable';
  /** Path and version, or what is missing; one line. */
  readonly detail: string;
  readonly hasHistograms: boolean;
}

export interface K6Sources {
  readonly sources: readonly K6Source[];
  /** novaperf's folder in the user's cache. */
  readonly cacheFolder: string;
  /** The minimum Go version and the pinned k6. */
  readonly neededGo: string;
  readonly pinnedK6: string;
  /** Extensions of the configuration. */
  readonly extensions: readonly DescribedExtension[];
}

/** An extension of the configuration, and whether it is built. */
export interface DescribedExtension {
  readonly module: string;
  /** `v0.4.4`, or the folder. */
  readonly version: string;
  /** True if the k6 in the cache has it. */
  readonly isBuilt: boolean;
  /** What scripts can import; empty if it is not built, and for an extension that is an output. */
  readonly imports: readonly string[];
}

/** Checks every place. Takes well under a second; runs `k6 version` and `go version` if present. */
export async function describeK6Sources(
  env: NodeJS.ProcessEnv,
  k6Flag?: string,
  extensions: readonly Extension[] = [],
): Promise<K6Sources> {
  const needed = await neededGo(K6_SOURCES);
  const onPath = findOnPath(K6_FILE, env);
  const sources = await Promise.all([
    ...(k6Flag === undefined ? [] : [describe('--k6', k6Flag)]),
    ...(env.K6_BIN ? [describe('K6_BIN', env.K6_BIN)] : []),
    builtK6Path(env, K6_SOURCES, extensions).then((path) => describe('cache', path, true)),
    onPath === undefined ? absent('PATH', 'no k6') : describe('PATH', onPath),
    describeGo(env, needed),
    describe('downloaded release', downloadedK6Path(env), true),
    absent('download', `${releaseUrl(env)} (not checked)`),
  ]);
  // Only a k6 that Go builds or the user names can have extensions.
  const possible = extensions.length === 0 ? sources : sources.filter(({ name }) => !STOCK.includes(name));
  const found = await builtExtensions(await builtK6Path(env, K6_SOURCES, extensions));
  return {
    sources: possible,
    cacheFolder: cacheFolder(env),
    neededGo: needed,
    pinnedK6: PINNED_K6,
    extensions: extensions.map((each) => describeExtension(each, found)),
  };
}

const STOCK = ['PATH', 'downloaded release', 'download'];

async function builtExtensions(path: string): Promise<readonly K6Extension[]> {
  return readK6Version(path, 'cache').then(
    ({ extensions = [] }) => extensions,
    () => [],
  );
}

function describeExtension(extension: Extension, built: readonly K6Extension[]): DescribedExtension {
  const { module } = extension;
  const imports = built.filter((each) => isOf(each.module, module)).flatMap((each) => each.imports);
  const isBuilt = built.some((each) => isOf(each.module, module));
  return { module, version: extension.kind === 'module' ? extension.version : extension.folder, isBuilt, imports };
}

function absent(name: string, detail: string): K6Source {
  return { name, state: 'absent', detail, hasHistograms: false };
}

async function describe(name: string, path: string, mayBeAbsent = false): Promise<K6Source> {
  try {
    const found = await readK6Version(path, name);
    const problem = tooOld(path, found.version);
    const output = found.hasHistograms ? ', with the histograms stream' : '';
    return {
      name,
      state: problem === undefined ? 'usable' : 'unusable',
      detail: problem?.message ?? `${found.version} at ${path}${output}`,
      hasHistograms: found.hasHistograms,
    };
  } catch (error) {
    if (mayBeAbsent && error instanceof UserError && errorCode(error.cause) === 'ENOENT')
      return absent(name, `nothing at ${path}`);
    return { name, state: 'unusable', detail: messageOf(error), hasHistograms: false };
  }
}

async function describeGo(env: NodeJS.ProcessEnv, needed: string): Promise<K6Source> {
  const name = 'Go toolchain';
  const go = await findGo(env, needed);
  if (go === undefined) return absent(name, `no go; ${needed} or later can build k6 with the histograms stream`);
  const isEnough = canBuild(go, needed, env);
  return {
    name,
    state: isEnough ? 'usable' : 'unusable',
    detail: `${go.version} at ${go.path}${isEnough ? '' : `; ${needed} or later is needed`}`,
    hasHistograms: isEnough,
  };
}
