// The folder of all runs → its runs for the list of runs. A small cache file next to them keeps what was read, so that
// updating the list after the thousandth run reads one result.json and not a thousand.

import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { resultSchema } from '../model/result.ts';
import { type ListedRun, listedRun, listedRunSchema } from '../report/listed-run.ts';
import { errorCode } from '../system/errors.ts';
import { parseJson } from '../system/json.ts';
import { writeWholeFile } from '../system/whole-file.ts';

/** The cache file in the folder of runs. It may be deleted at any time, and is created again if it cannot be read. */
export const CACHE_FILE = '.index.json';

/** Increase it when listedRun() returns something else for the same result.json. */
const CACHE_VERSION = 3;

/** Entries are valid while the time and size of their result.json stay the same. `run`: null if the file is not a valid result. */
const cacheSchema = z.object({
  version: z.literal(CACHE_VERSION),
  entries: z.array(
    z.object({ folder: z.string(), mtime_ms: z.number(), size: z.number(), run: listedRunSchema.nullable() }),
  ),
});

type Entry = z.infer<typeof cacheSchema>['entries'][number];

/** The runs, and a text that changes when a result.json is added, removed or changed. */
export interface RunList {
  readonly runs: readonly ListedRun[];
  readonly signature: string;
}

/** Files read in parallel: a process cannot have any number of files open. */
const PARALLEL_READS = 32;

/**
 * All runs in `out` with a readable result.json. A cache that cannot be written is not reported, because it costs only time.
 */
export async function listRuns(out: string): Promise<RunList> {
  const known = new Map((await readCache(out)).map((entry) => [entry.folder, entry]));
  const folders = (await entriesOf(out)).filter((entry) => entry.isDirectory());
  const entries: Entry[] = [];
  for (let first = 0; first < folders.length; first += PARALLEL_READS) {
    const some = folders.slice(first, first + PARALLEL_READS);
    entries.push(...(await Promise.all(some.map(({ name }) => entryOf(out, name, known.get(name))))).flat());
  }
  const isNew = entries.length !== known.size || entries.some((entry) => known.get(entry.folder) !== entry);
  if (isNew)
    await writeWholeFile(join(out, CACHE_FILE), JSON.stringify({ version: CACHE_VERSION, entries })).catch(() => {});
  return {
    runs: entries.flatMap(({ run }) => run ?? []),
    signature: JSON.stringify(entries.map(({ folder, mtime_ms, size }) => [folder, mtime_ms, size])),
  };
}

/** The content of the folder; empty if it does not exist, as before the first run. */
async function entriesOf(out: string): Promise<Dirent[]> {
  return readdir(out, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
}

async function readCache(out: string): Promise<readonly Entry[]> {
  const text = await readFile(join(out, CACHE_FILE), 'utf8').catch(() => undefined);
  const parsed = cacheSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return parsed.success ? parsed.data.entries : [];
}

/** The entry of one folder: `known` itself if its file is unchanged, none without a result.json. */
async function entryOf(out: string, folder: string, known: Entry | undefined): Promise<Entry[]> {
  const path = join(out, folder, 'result.json');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return [];
  const { mtimeMs: mtime_ms, size } = found;
  if (known?.mtime_ms === mtime_ms && known.size === size) return [known];
  const text = await readFile(path, 'utf8').catch(() => undefined);
  // Not cached, because the file may be readable next time.
  if (text === undefined) return [];
  const parsed = resultSchema.safeParse(parseJson(text));
  return [{ folder, mtime_ms, size, run: parsed.success ? listedRun(parsed.data, folder) : null }];
}
