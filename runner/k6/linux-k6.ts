// Provides a k6 with novaperf's output for Linux on a given architecture, for container images.

import { UserError } from '../system/errors.ts';
import { buildK6, K6_SOURCES, type Platform } from './build.ts';
import { type FindK6Options, findK6 } from './find.ts';
import { canBuild, findGo, neededGo } from './go-toolchain.ts';
import { PINNED_K6 } from './version.ts';

export interface LinuxK6 {
  readonly path: string;
  /** `2.2.0` */
  readonly version: string;
}

/** The architecture of this machine, with Go's name. */
export const HOST_ARCH = process.arch === 'x64' ? 'amd64' : process.arch;

/**
 * Returns a k6 for linux/`arch`. Uses --k6 or K6_BIN if set. Otherwise finds or builds one as for a run, or
 * cross-compiles one into the cache for another architecture. Throws a UserError if there is none with the output.
 */
export async function linuxK6(arch: Platform['arch'], options: FindK6Options): Promise<LinuxK6> {
  const { k6Flag, env, extensions = [], onProgress = () => undefined } = options;
  const isHere = process.platform === 'linux' && arch === HOST_ARCH;
  if (isHere || k6Flag !== undefined || env.K6_BIN) {
    const { path, version, hasHistograms, notes } = await findK6({ ...options, allowDownload: false });
    if (hasHistograms) return { path, version };
    throw new UserError('Expected a k6 with the output "novaperf", found one without it.', {
      where: path,
      next: `omit --k6 and K6_BIN, and install Go ${await neededGo(K6_SOURCES)} or later, to build it${notes.map((note) => `\n    (${note})`).join('')}`,
    });
  }
  const needed = await neededGo(K6_SOURCES);
  const go = await findGo(env, needed, options.goFolders);
  if (go === undefined || !canBuild(go, needed, env)) {
    throw new UserError(
      `Expected Go ${needed} or later to build k6 for linux/${arch}, found ${go === undefined ? 'none' : go.version}.`,
      { next: 'install Go from https://go.dev/dl/, or build the image on a Linux machine of that architecture' },
    );
  }
  return {
    path: await buildK6({ go, env, onProgress, extensions, platform: { os: 'linux', arch } }),
    version: PINNED_K6,
  };
}
