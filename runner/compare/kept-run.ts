// The folder of a run → its result, its metrics from the archive, and the hash of its script.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PART_SUFFIX } from '../metrics/archive/archive.ts';
import { readArchive } from '../metrics/archive/archive-reader.ts';
import { MetricsStore } from '../metrics/store/store.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { type Result, resultSchema } from '../model/result.ts';
import { ARCHIVE_FILE } from '../model/run-files.ts';
import { UserError } from '../system/errors.ts';
import { parseJson } from '../system/json.ts';

export interface KeptRun {
  /** The path of its folder, and the name of the folder. */
  readonly path: string;
  readonly folder: string;
  readonly result: Result;
  readonly metrics: RunMetrics;
  /** Hash of the bundle; undefined if the run kept none, as for streams recorded elsewhere. */
  readonly scriptHash: string | undefined;
}

/** Reads a run with its archive. Throws a UserError if the folder has no result of this version or no archive with samples. */
export async function readKeptRun(path: string): Promise<KeptRun> {
  const kept = await readComparableRun(path);
  if (!hasNumbers(kept)) throw withoutArchive(path);
  return kept;
}

/**
 * Reads a run that may have no archive, for example an imported one: its figures then come from result.json, without intervals. Throws
 * a UserError if there is no result, or one of another version.
 */
export async function readComparableRun(path: string): Promise<KeptRun> {
  const isThere = await hasArchive(path);
  const text = await readFile(join(path, 'result.json'), 'utf8').catch(() => undefined);
  if (text === undefined && !isThere) {
    throw new UserError("Expected a run's folder, found neither result.json nor an archive in it.", {
      where: path,
      next: 'novaperf history <scenario> and index.html list the runs',
    });
  }
  const parsed = resultSchema.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) {
    const found =
      text === undefined ? 'none' : `one that differs: ${parsed.error.issues[0]?.path.join('.') || 'not JSON'}`;
    throw new UserError(`Expected a result.json of this version, found ${found}.`, {
      where: join(path, 'result.json'),
      next: isThere
        ? `novaperf report ${path} writes it again from the archive`
        : 'the run has no archive, so run the scenario again',
    });
  }
  const metrics = isThere
    ? (await readArchive(join(path, ARCHIVE_FILE))).metrics
    : new MetricsStore({ timeline: true });
  return { path, folder: basename(path), result: parsed.data, metrics, scriptHash: await hashOfBundle(path) };
}

/** True if the run has an archive with samples. */
export function hasNumbers({ metrics }: Pick<KeptRun, 'metrics'>): boolean {
  return metrics.firstSampleMs !== undefined;
}

function withoutArchive(path: string): UserError {
  return new UserError(`Expected the archive of the run, ${ARCHIVE_FILE}, with samples in it, found none.`, {
    where: path,
    next: 'choose a run that has its archive, or use novaperf compare, which needs only result.json',
  });
}

async function hasArchive(path: string): Promise<boolean> {
  const files = await Promise.all(
    [ARCHIVE_FILE, `${ARCHIVE_FILE}${PART_SUFFIX}`].map((name) => stat(join(path, name)).catch(() => undefined)),
  );
  return files.some((file) => file?.isFile() === true);
}

/** The file of an imported run with the hash of its bundle, because an import has no bundle. */
export const BUNDLE_HASH_FILE = 'bundle.sha256';

/** The SHA-256 of a bundle, as hexadecimal text. */
export function hashOf(bundle: string | Buffer): string {
  return createHash('sha256').update(bundle).digest('hex');
}

/** The hash of the bundle in the folder of a run; undefined if there is none. */
export async function hashOfBundle(path: string): Promise<string | undefined> {
  const bundle = await readFile(join(path, 'bundle.js')).catch(() => undefined);
  if (bundle !== undefined) return hashOf(bundle);
  const kept = await readFile(join(path, BUNDLE_HASH_FILE), 'utf8').catch(() => undefined);
  return kept?.trim() || undefined;
}
