// A run's folder, or its name, becomes the run as it was judged, with all its numbers.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readArchive } from '../metrics/archive-reader.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { type Result, resultSchema } from '../model/result.ts';
import { ARCHIVE_FILE } from '../model/run-files.ts';
import { UserError } from '../system/errors.ts';
import { parseJson } from '../system/json.ts';

export interface KeptRun {
  /** Absolute path of its folder, and the folder's name. */
  readonly path: string;
  readonly folder: string;
  readonly result: Result;
  readonly metrics: RunMetrics;
  /** Of the bundle that ran; undefined where none was kept, as for streams from elsewhere. */
  readonly scriptHash: string | undefined;
}

/** Throws a UserError where the folder holds no result of this version or no archive. */
export async function readKeptRun(path: string): Promise<KeptRun> {
  const text = await readFile(join(path, 'result.json'), 'utf8').catch(() => undefined);
  const parsed = resultSchema.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) {
    throw new UserError(
      text === undefined
        ? 'Expected the folder of a run with its result.json, found none.'
        : `Expected a result.json of this version, found one that differs: ${parsed.error.issues[0]?.path.join('.') || 'not JSON'}`,
      { where: join(path, 'result.json'), next: `novaperf report ${path} writes it anew from the archive` },
    );
  }
  const { metrics } = await readArchive(join(path, ARCHIVE_FILE));
  return {
    path,
    folder: basename(path),
    result: parsed.data,
    metrics,
    scriptHash: await hashOfBundle(path),
  };
}

/** Of the bundle that a run's folder keeps; undefined where there is none. */
export async function hashOfBundle(path: string): Promise<string | undefined> {
  const bundle = await readFile(join(path, 'bundle.js')).catch(() => undefined);
  return bundle && createHash('sha256').update(bundle).digest('hex');
}
