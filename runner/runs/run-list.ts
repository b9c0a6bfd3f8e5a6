// The folder of all runs → its runs as the list shows them. What was read once is kept in a small file next to them, so that
// renewing the list after the thousandth run reads one result.json and not a thousand.

import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { resultSchema } from '../model/result.ts';
import { type ListedRun, listedRun, listedRunSchema } from '../report/listed-run.ts';
import { errorCode } from '../system/errors.ts';
import { parseJson } from '../system/json.ts';
import { writeWholeFile } from '../system/whole-file.ts';

/** Next to the runs' folders. It may be deleted at any time, and is created again when it cannot be read. */
export const CACHE_FILE = '.index.json';

/** Raised whenever listedRun() begins to say something else of the same result.json. */
const CACHE_VERSION = 3;

/** A result.json that is unchanged by its time and size is what it was. `run`: null where it is none. */
const cacheSchema = z.object({
  version: z.literal(CACHE_VERSION),
  entries: z.array(
    z.object({ folder: z.string(), mtime_ms: z.number(), size: z.number(), run: listedRunSchema.nullable() }),
  ),
});

type Entry = z.infer<typeof cacheSchema>['entries'][number];

/** Which result.json files there are, and which edition of each: two equal texts mean that nothing has changed. */
export interface RunList {
  readonly runs: readonly ListedRun[];
  readonly signature: string;
}

/** Opened at a time: a thousand at once may be more files than a process may have open. */
const AT_ONCE = 32;

/**
 * Every run below `out` that has a readable result.json; other folders and files are left out. A cache that cannot be
 * written costs time only, and is not reported.
 */
export async function listRuns(out: string): Promise<RunList> {
  const known = new Map((await readCache(out)).map((entry) => [entry.folder, entry]));
  const folders = (await entriesOf(out)).filter((entry) => entry.isDirectory());
  const entries: Entry[] = [];
  for (let first = 0; first < folders.length; first += AT_ONCE) {
    const some = folders.slice(first, first + AT_ONCE);
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

/** No run was made yet where the folder is missing. */
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

/** The entry of one folder, the known one itself where its file is unchanged; none where there is no result.json. */
async function entryOf(out: string, folder: string, known: Entry | undefined): Promise<Entry[]> {
  const path = join(out, folder, 'result.json');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return [];
  const { mtimeMs: mtime_ms, size } = found;
  if (known?.mtime_ms === mtime_ms && known.size === size) return [known];
  const text = await readFile(path, 'utf8').catch(() => undefined);
  // Unreadable just now is no reason to remember it so.
  if (text === undefined) return [];
  const parsed = resultSchema.safeParse(parseJson(text));
  return [{ folder, mtime_ms, size, run: parsed.success ? listedRun(parsed.data, folder) : null }];
}
