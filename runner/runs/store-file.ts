// Runs ↔ one small gzip file that can be moved and cached: one line per run with its result and the hash of its script.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { type Result, resultSchema } from '../model/result.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { parseJson } from '../system/json.ts';

/** A run without its archive: the data that comparisons and histories need. */
export interface StoredRun {
  readonly folder: string;
  readonly result: Result;
  /** SHA-256 of the bundle; null if the run kept none. */
  readonly bundleHash: string | null;
}

const HEADER = { novaperf_runs: 1 } as const;
const headerSchema = z.looseObject({ novaperf_runs: z.literal(1) });
const lineSchema = z.object({
  // Becomes the name of a folder.
  folder: z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]{0,199}$/u, 'expected the name of a run'),
  bundle_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  result: resultSchema,
});

/** The largest size of the unpacked file: protects against decompression bombs. */
const MOST_BYTES = 1_000_000_000;

/** The result without long lists that no comparison reads, so that a run takes less than 100 kB. */
function lean(result: Result): Result {
  const errors = result.errors.slice(0, 50).map((error) => ({ ...error, samples: [] }));
  const { observations: _observations, ...rest } = result;
  return { ...rest, errors, endpoints: result.endpoints.slice(0, 200), checks: result.checks.slice(0, 200) };
}

/** Runs → the content of the file. */
export function packRuns(runs: readonly StoredRun[]): Buffer {
  const lines = runs.map(({ folder, result, bundleHash }) =>
    JSON.stringify({ folder, bundle_sha256: bundleHash, result: lean(result) }),
  );
  return gzipSync(`${[JSON.stringify(HEADER), ...lines].join('\n')}\n`, { level: 9 });
}

/** The content of the file → runs. Throws a UserError, with the line number, for any other file. */
export function unpackRuns(bytes: Buffer, where: string): StoredRun[] {
  let text: string;
  try {
    text = gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
  } catch (error) {
    throw notRuns(`a file that is not gzip (${messageOf(error)})`, where);
  }
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '');
  if (!headerSchema.safeParse(parseJson(header)).success) throw notRuns('another kind of file', where);
  return lines.map((line, index) => {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw notRuns(`line ${index + 2}: ${issue?.path.join('.') || 'no JSON'}: ${issue?.message ?? ''}`, where);
    }
    const { folder, bundle_sha256: bundleHash, result } = parsed.data;
    return { folder, bundleHash, result };
  });
}

function notRuns(found: string, where: string): UserError {
  return new UserError(`Expected a file written by novaperf history export, found ${found}.`, {
    where,
    next: 'create one with novaperf history export runs.novaperf.gz',
  });
}

/** Names of the folders in `out` with a run of these scenarios (none: of any scenario), sorted by name. */
export async function runFolders(out: string, scenarios: readonly string[]): Promise<string[]> {
  const entries = await readdir(out, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries.filter((each) => each.isDirectory())) {
    const text = await readFile(join(out, entry.name, 'result.json'), 'utf8').catch(() => undefined);
    const parsed = text === undefined ? undefined : resultSchema.safeParse(parseJson(text));
    if (parsed?.success && (scenarios.length === 0 || scenarios.includes(parsed.data.scenario))) names.push(entry.name);
  }
  return names.sort();
}
