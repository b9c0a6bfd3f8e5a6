// Exports kept runs to one file and imports them: result, hash of the script, and a page without charts.

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE_HASH_FILE, hashOfBundle } from '../../compare/kept-run.ts';
import { MetricsStore } from '../../metrics/store/store.ts';
import { resultSchema } from '../../model/result.ts';
import type { Presentation } from '../../report/presentation.ts';
import { makeOutFolder } from '../../runs/run-folder.ts';
import { packRuns, runFolders, type StoredRun, unpackRuns } from '../../runs/store-file.ts';
import { UserError } from '../../system/errors.ts';
import { parseJson } from '../../system/json.ts';
import { reasonOf } from '../../system/refusals.ts';
import { writeWholeFile } from '../../system/whole-file.ts';

async function storedRun(out: string, folder: string): Promise<StoredRun[]> {
  const text = await readFile(join(out, folder, 'result.json'), 'utf8').catch(() => '');
  const parsed = resultSchema.safeParse(parseJson(text));
  if (!parsed.success) return [];
  return [{ folder, result: parsed.data, bundleHash: (await hashOfBundle(join(out, folder))) ?? null }];
}

/** Writes the newest `most` runs of the scenarios (empty: all). Returns how many, and the size of the file in bytes. */
export async function exportRuns(
  out: string,
  file: string,
  { scenarios, most }: { readonly scenarios: readonly string[]; readonly most: number | undefined },
): Promise<{ runs: number; bytes: number }> {
  const found = (await Promise.all((await runFolders(out, scenarios)).map((folder) => storedRun(out, folder)))).flat();
  const newest = found.toSorted((a, b) => b.result.started_at.localeCompare(a.result.started_at)).slice(0, most);
  if (newest.length === 0) {
    throw new UserError(
      `Expected kept runs${scenarios.length === 0 ? '' : ` of ${scenarios.join(', ')}`}, found none.`,
      {
        where: out,
        next: 'novaperf run creates them; for another results folder use --out',
      },
    );
  }
  const bytes = packRuns(newest.reverse());
  await writeWholeFile(file, bytes).catch((error: unknown) => {
    throw new UserError(`Expected to write the runs, found: ${reasonOf(error)}`, { where: file, cause: error });
  });
  return { runs: newest.length, bytes: bytes.length };
}

/** Adds the runs of the file that `out` lacks; existing ones are kept. Updates the list of all runs. */
export async function importRuns(
  out: string,
  file: string,
  presentation: Presentation,
): Promise<{ added: number; known: number }> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UserError(`Expected a file of runs, found: ${reasonOf(error)}`, { where: file, cause: error });
  });
  const runs = unpackRuns(bytes, file);
  const { writeIndex, writeRunReports } = await import('../results/report-files.ts');
  await makeOutFolder(out);
  let known = 0;
  for (const { folder, result, bundleHash } of runs) {
    const path = join(out, folder);
    if (await stat(path).catch(() => undefined)) {
      known++;
      continue;
    }
    await mkdir(path);
    if (bundleHash !== null) await writeFile(join(path, BUNDLE_HASH_FILE), `${bundleHash}\n`);
    await writeRunReports(path, { ...result, run: folder }, new MetricsStore({ timeline: true }), presentation);
  }
  await writeIndex(out, presentation);
  return { added: runs.length - known, known };
}
