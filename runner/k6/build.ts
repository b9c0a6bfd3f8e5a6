// Builds k6 with novaperf's output from the Go sources in runner/k6/output, into the cache, and reports progress.

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../system/cache-folder.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { GROUP_LEADER, tieGroup } from '../system/lifeline.ts';
import { packageRoot } from '../system/package-root.ts';
import { buildKey, K6_FILE, leftoverPrefix, removeLeftovers, withCacheFolder } from './cache.ts';
import {
  type Extension,
  extensionsKey,
  isOf,
  notRegistered,
  otherK6,
  requireArguments,
  writeModule,
} from './extensions.ts';
import { type GoToolchain, neededGo } from './go-toolchain.ts';
import { isK6, K6_MODULE, PINNED_K6, readK6Version } from './version.ts';

/** The folder of the Go module. */
export const K6_SOURCES = join(packageRoot, 'runner', 'k6', 'output');

const MAIN_PACKAGE = './cmd/k6';

// -mod=readonly and GOWORK=off: a user's GOFLAGS=-mod=mod or a go.work in a parent folder must not change what is
// built. -buildvcs=false: version stamping runs git, which fails in a checkout owned by another user ("error obtaining
// VCS status").
const BUILD_FLAGS = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags=-s -w'];

export interface BuildOptions {
  readonly go: GoToolchain;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  /** A Go module with a main package in cmd/k6. Default: K6_SOURCES. */
  readonly sourceFolder?: string;
  /** Extensions to build in. */
  readonly extensions?: readonly Extension[];
  /** Build for another machine; the result is then not executed. Default: this machine. */
  readonly platform?: Platform;
}

/** A platform, with Go's names: GOOS and GOARCH. */
export interface Platform {
  readonly os: 'linux';
  readonly arch: 'amd64' | 'arm64';
}

/** Frequent enough to show progress; every 2 s would print sixty lines during a first build. */
const PROGRESS_EVERY_MS = 10_000;

/** The path of the cached build of these sources, whether it exists or not. */
export async function builtK6Path(
  env: NodeJS.ProcessEnv,
  sourceFolder: string = K6_SOURCES,
  extensions: readonly Extension[] = [],
  platform?: Platform,
): Promise<string> {
  const key = extensionsKey(extensions);
  const flags = [
    ...BUILD_FLAGS,
    ...(key === '' ? [] : [key]),
    ...(platform === undefined ? [] : [`${platform.os}/${platform.arch}`]),
  ];
  return join(cacheFolder(env), 'k6', await buildKey(sourceFolder, flags), K6_FILE);
}

/**
 * Builds k6 into the cache and returns its path. If another process is building the same, waits for it. Throws a
 * UserError with the last lines of Go's output if the build fails.
 */
export async function buildK6(options: BuildOptions): Promise<string> {
  const sourceFolder = options.sourceFolder ?? K6_SOURCES;
  const extensions = options.extensions ?? [];
  const { platform } = options;
  const path = await builtK6Path(options.env, sourceFolder, extensions, platform);
  const folder = join(path, '..');
  const onWait = () => options.onProgress('k6: waiting for another process that is building it');
  return withCacheFolder(folder, onWait, async () => {
    // A file with the final name is complete.
    if (platform === undefined ? await isK6(path) : existsSync(path)) return path; // another process finished it while this one waited
    await removeLeftovers(folder);
    const temporary = join(folder, `${leftoverPrefix()}${K6_FILE}`);
    try {
      if (extensions.length === 0) await runBuild(options, sourceFolder, temporary);
      else await buildWith(extensions, options, sourceFolder, temporary);
      if (platform === undefined) await readK6Version(temporary, 'the build');
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
    return path;
  });
}

/** Builds in a copy of the module; its go.mod also requires the extensions. Go may have to download them. */
async function buildWith(
  extensions: readonly Extension[],
  options: BuildOptions,
  sourceFolder: string,
  out: string,
): Promise<void> {
  const folder = join(out, '..', `${leftoverPrefix()}module`);
  const { go, onProgress } = options;
  onProgress(`k6: with ${extensions.map(({ module }) => module).join(', ')}`);
  try {
    await writeModule(sourceFolder, extensions, folder);
    const env = { ...options.env, GOWORK: 'off', GOFLAGS: '-mod=mod' };
    await runGo(go.path, requireArguments(extensions), folder, env, () => undefined);
    await runBuild(options, folder, out, '-mod=mod');
    const k6 = await runGo(go.path, ['list', '-m', '-f', '{{.Version}}', K6_MODULE], folder, env, () => undefined);
    if (k6.trim() !== `v${PINNED_K6}`) throw otherK6(k6.trim().replace(/^v/, ''), PINNED_K6);
    if (options.platform !== undefined) return;
    const built = new Set((await readK6Version(out, 'the build')).extensions?.map(({ module }) => module));
    const missing = extensions
      .map(({ module }) => module)
      .filter((module) => ![...built].some((found) => isOf(found, module)));
    if (missing.length > 0) throw notRegistered(missing, PINNED_K6);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runBuild(
  options: BuildOptions,
  sourceFolder: string,
  out: string,
  mod = '-mod=readonly',
): Promise<void> {
  const { go, onProgress } = options;
  const { GOOS: _os, GOARCH: _arch, ...inherited } = options.env; // k6 is to run here, whatever is being cross-compiled
  const env: NodeJS.ProcessEnv = {
    CGO_ENABLED: '0',
    ...inherited,
    GOWORK: 'off',
    // Without cgo: a C compiler for another machine is rarely installed.
    ...(options.platform && { CGO_ENABLED: '0', GOOS: options.platform.os, GOARCH: options.platform.arch }),
  };
  const startedMs = performance.now();
  const elapsed = () => `${Math.round((performance.now() - startedMs) / 1000)} s`;
  onProgress(`k6: building it with Go ${go.version}, once; this takes about 2 minutes on two cores`);

  let modules = 0;
  let compiled = 0;
  let packages = 0;
  const progress = setInterval(() => {
    if (packages === 0) onProgress(`k6: ${modules} modules downloaded, ${elapsed()}`);
    else if (compiled === 0) onProgress(`k6: linking ${packages} packages, ${elapsed()}`);
    else onProgress(`k6: ${compiled} of about ${packages} packages compiled, ${elapsed()}`);
  }, PROGRESS_EVERY_MS);
  try {
    // Listing downloads the modules and counts the packages, so that progress can show a total.
    const listed = await runGo(go.path, ['list', mod, '-deps', MAIN_PACKAGE], sourceFolder, env, (line) => {
      if (line.startsWith('go: downloading')) modules++;
    });
    packages = listed.split('\n').filter((line) => line !== '').length;
    await runGo(go.path, ['build', '-v', ...BUILD_FLAGS, mod, '-o', out, MAIN_PACKAGE], sourceFolder, env, (line) => {
      if (line.startsWith('go: downloading')) modules++;
      else compiled++;
    });
  } finally {
    clearInterval(progress);
  }
  onProgress(`k6: built in ${elapsed()}`);
}

/** Runs go and returns its stdout. Throws a UserError with the last lines of stderr if it fails. */
async function runGo(
  goPath: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<string> {
  const lastLines: string[] = [];
  const child = execa(goPath, [...args], {
    ...GROUP_LEADER,
    cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    cleanup: false,
    buffer: { stderr: false },
  });
  const letGo = child.pid === undefined ? () => undefined : tieGroup(child.pid);
  try {
    for await (const line of child.iterable({ from: 'stderr' })) {
      onLine(line);
      lastLines.push(line);
      if (lastLines.length > 12) lastLines.shift();
    }
  } catch {
    // The result below has the error.
  }
  const { exitCode, signal, stdout, cause } = await child.finally(letGo);
  if (child.pid === undefined)
    throw new UserError(`Expected a go command that can be run, found: ${messageOf(cause)}`, { where: goPath, cause });
  if (exitCode === 0) return stdout;
  throw new UserError(
    `Building k6 failed: go ${args[0]} ended with ${signal ?? `exit code ${exitCode}`}\n${lastLines.map((line) => `    ${line}`).join('\n')}`,
    { where: cwd, next: await buildAdvice(lastLines.join('\n'), cwd) },
  );
}

async function buildAdvice(output: string, sourceFolder: string): Promise<string> {
  if (/dial tcp|no such host|connection refused|i\/o timeout|proxyconnect|Forbidden|Bad Gateway/.test(output)) {
    return 'the Go module proxy is not reachable: set GOPROXY (and HTTPS_PROXY), or give a k6 with --k6';
  }
  if (/no space left on device/.test(output)) {
    return 'free about 2 GB of disk space, or set NOVAPERF_CACHE, GOCACHE and GOMODCACHE to folders on another disk';
  }
  if (/toolchain not available|requires go >=/.test(output)) {
    return `install Go ${await neededGo(sourceFolder)} or later from https://go.dev/dl/, or give a k6 with --k6`;
  }
  return 'fix the error that Go reports, or give a k6 with --k6';
}
