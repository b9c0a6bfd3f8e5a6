// Downloads an official release of k6 into the cache. Nothing is unpacked or executed before its checksum is verified.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { extract } from 'tar';
import { cacheFolder } from '../system/cache-folder.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { bytes as bytesText } from '../text/format.ts';
import { K6_FILE, leftoverPrefix, removeLeftovers, withCacheFolder } from './cache.ts';
import { RELEASE_CHECKSUMS } from './release-checksums.ts';
import { isK6, PINNED_K6, readK6Version } from './version.ts';

const OFFICIAL_RELEASES = 'https://github.com/grafana/k6/releases/download';

// From k6's build-release.sh: linux-{amd64,arm64} as .tar.gz, macos-{amd64,arm64} and windows-amd64 as .zip. Each has
// one folder with the archive's name that contains k6.
const PLATFORMS: ReadonlyMap<string, string> = new Map([
  ['linux x64', 'linux-amd64.tar.gz'],
  ['linux arm64', 'linux-arm64.tar.gz'],
  ['darwin x64', 'macos-amd64.zip'],
  ['darwin arm64', 'macos-arm64.zip'],
  ['win32 x64', 'windows-amd64.zip'],
]);

/** A download without a byte for this long has failed. */
const STALL_MS = 30_000;

/** An archive of k6 has about 30 MB; a server that sends far more sends something else. */
const MAX_ARCHIVE_BYTES = 300 * 1024 * 1024;

export interface DownloadOptions {
  /**
   * NOVAPERF_K6_DOWNLOAD: base URL of a mirror with the layout of GitHub's releases. Variables of the cache:
   * cache-folder.ts.
   */
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  /** `<process.platform> <process.arch>`. Default: this system. */
  readonly platform?: string;
  /** Default 30 s. */
  readonly stallMs?: number;
  /** SHA-256 by archive name. Default: those of the pinned release. */
  readonly checksums?: ReadonlyMap<string, string>;
}

/** The URL of the folder with the release's files. */
export function releaseUrl(env: NodeJS.ProcessEnv): string {
  return `${(env.NOVAPERF_K6_DOWNLOAD || OFFICIAL_RELEASES).replace(/\/+$/, '')}/v${PINNED_K6}`;
}

/** The path of the downloaded release in the cache, whether it exists or not. */
export function downloadedK6Path(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), 'k6', `v${PINNED_K6}-${process.platform}-${process.arch}`, K6_FILE);
}

/**
 * Downloads the pinned release into the cache and returns the path of the executable. Throws a UserError if that fails.
 */
export async function downloadK6(options: DownloadOptions): Promise<string> {
  const platform = options.platform ?? `${process.platform} ${process.arch}`;
  const suffix = PLATFORMS.get(platform);
  if (suffix === undefined) {
    throw new UserError(
      `Expected a platform with k6 releases (${[...PLATFORMS.keys()].join(', ')}), found ${platform}.`,
      {
        next: 'install Go, so that novaperf can build k6, or give a k6 with --k6',
      },
    );
  }
  const archive = `k6-v${PINNED_K6}-${suffix}`;
  const path = downloadedK6Path(options.env);
  const folder = join(path, '..');
  const onWait = () => options.onProgress('k6: waiting for another process that is downloading it');
  return withCacheFolder(folder, onWait, async () => {
    if (await isK6(path)) return path; // another process finished it while this one waited
    await removeLeftovers(folder);
    const workFolder = await mkdtemp(join(folder, leftoverPrefix()));
    try {
      const checksum = pinnedChecksum(options, archive);
      const file = join(workFolder, archive);
      await fetchToFile(options, `${releaseUrl(options.env)}/${archive}`, file, checksum);
      const executable = await unpack(file, workFolder, archive.replace(/\.(tar\.gz|zip)$/, ''));
      await chmod(executable, 0o755);
      await readK6Version(executable, 'the download');
      await rename(executable, path);
      options.onProgress(`k6: release ${PINNED_K6} downloaded, checksum verified`);
      return path;
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  });
}

/** The pinned SHA-256 of an archive, 64 hex digits. Throws a UserError if none is pinned. */
function pinnedChecksum({ checksums = RELEASE_CHECKSUMS }: DownloadOptions, archive: string): string {
  const checksum = checksums.get(archive);
  if (checksum !== undefined) return checksum;
  throw new UserError(`Expected a pinned checksum of ${archive}, found none.`, {
    next: 'install Go, so that novaperf can build k6, or give a k6 with --k6',
  });
}

async function fetchToFile(options: DownloadOptions, url: string, file: string, checksum: string): Promise<void> {
  const hash = createHash('sha256');
  const out = createWriteStream(file);
  let bytes = 0;
  let reportedMs = performance.now();
  try {
    await download(options, url, MAX_ARCHIVE_BYTES, async (chunk, totalBytes) => {
      hash.update(chunk);
      bytes += chunk.length;
      if (performance.now() - reportedMs >= 1000) {
        reportedMs = performance.now();
        options.onProgress(
          `k6: downloading ${PINNED_K6}, ${bytesText(bytes)}${totalBytes === undefined ? '' : ` of ${bytesText(totalBytes)}`}`,
        );
      }
      if (!out.write(chunk)) await once(out, 'drain');
    });
  } finally {
    out.end();
    await once(out, 'close');
  }
  const actual = hash.digest('hex');
  if (actual !== checksum) {
    throw new UserError(
      `Expected the downloaded k6 to have the SHA-256 ${checksum}, found ${actual} (${bytes} bytes). The file was deleted.`,
      {
        where: url,
        next: 'try again; if it fails again, a proxy may change the file: download k6 yourself and give it with --k6',
      },
    );
  }
}

/** Reads a URL chunk by chunk. Throws a UserError for anything but a complete body with status 200. */
async function download(
  options: DownloadOptions,
  url: string,
  maxBytes: number,
  onChunk: (chunk: Uint8Array, totalBytes: number | undefined) => Promise<void>,
): Promise<void> {
  const stallMs = options.stallMs ?? STALL_MS;
  const abort = new AbortController();
  let watch = setTimeout(() => abort.abort(), stallMs);
  let bytes = 0;
  try {
    const response = await fetch(url, { signal: abort.signal, headers: { 'user-agent': 'novaperf' } });
    if (response.status !== 200 || response.body === null) {
      throw new UserError(`Expected to download k6, found HTTP ${response.status}.`, {
        where: url,
        next: MIRROR_ADVICE,
      });
    }
    const length = Number(response.headers.get('content-length'));
    const totalBytes = response.headers.has('content-encoding') || !(length > 0) ? undefined : length;
    for await (const chunk of response.body) {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), stallMs);
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new UserError(`Expected a download of at most ${bytesText(maxBytes)}, found more.`, { where: url });
      await onChunk(chunk, totalBytes);
    }
    if (totalBytes !== undefined && bytes !== totalBytes) {
      throw new UserError(`Expected a download of ${totalBytes} bytes, found ${bytes}.`, {
        where: url,
        next: 'try again',
      });
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = abort.signal.aborted
      ? `no data for ${stallMs / 1000} s`
      : error instanceof Error && error.cause instanceof Error
        ? messageOf(error.cause) || messageOf(error)
        : messageOf(error);
    throw new UserError(`Expected to download k6, found that the connection failed after ${bytes} bytes: ${reason}`, {
      where: url,
      next: MIRROR_ADVICE,
      cause: error,
    });
  } finally {
    clearTimeout(watch);
    abort.abort();
  }
}

const MIRROR_ADVICE =
  'Give a k6 with --k6 or on PATH, or set NOVAPERF_K6_DOWNLOAD to a mirror of https://github.com/grafana/k6/releases/download';

/** Unpacks only the executable and returns its path. */
async function unpack(file: string, workFolder: string, topFolder: string): Promise<string> {
  const member = `${topFolder}/${K6_FILE}`;
  const executable = join(workFolder, K6_FILE);
  let isThere: boolean;
  try {
    isThere = await (file.endsWith('.zip') ? unzip : untar)(file, member, executable);
  } catch (error) {
    throw new UserError(`Expected a downloaded archive that can be unpacked, found: ${messageOf(error)}`, {
      where: file,
      cause: error,
    });
  }
  if (!isThere) throw new UserError(`Expected ${member} in the downloaded archive, found none.`, { where: file });
  return executable;
}

async function unzip(file: string, member: string, executable: string): Promise<boolean> {
  const content = unzipSync(await readFile(file), { filter: ({ name }) => name === member })[member];
  if (content === undefined) return false;
  await writeFile(executable, content);
  return true;
}

async function untar(file: string, member: string, executable: string): Promise<boolean> {
  let isThere = false;
  await extract({
    file,
    cwd: join(executable, '..'),
    strip: 1,
    strict: true,
    filter: (path, entry) => {
      const isWanted = path === member && 'type' in entry && entry.type === 'File';
      isThere ||= isWanted;
      return isWanted;
    },
  });
  return isThere;
}
