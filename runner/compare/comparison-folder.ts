// Writes the files of a comparison into a folder next to the runs.

import { createHash } from 'node:crypto';
import { dirname, join, relative, sep } from 'node:path';
import { pageFiles } from '../report/page.ts';
import type { Presentation } from '../report/presentation.ts';
import { loadTemplates } from '../report/template-engine.ts';
import { makeOutFolder, writeFiles } from '../runs/run-folder.ts';
import { pathName } from '../text/path-name.ts';
import type { KeptRun } from './kept-run.ts';

/** The longest name of a run within the name of the folder: two of them, `compare_`, `_vs_` and the hash fit into 255 bytes. */
const MAX_NAME_BYTES = 117;

/**
 * The path of `compare_<a>_vs_<b>` in `out`. Another comparison of the same two runs replaces the files there. Runs outside `out` may
 * have the same names, so a part of the hash of their paths is added.
 */
export function comparisonFolder(
  out: string,
  a: Pick<KeptRun, 'path' | 'folder'>,
  b: Pick<KeptRun, 'path' | 'folder'>,
): string {
  const isElsewhere = dirname(a.path) !== out || dirname(b.path) !== out;
  const hash = createHash('sha256').update(`${a.path}\0${b.path}`).digest('hex').slice(0, 8);
  return join(
    out,
    `compare_${pathName(a.folder, MAX_NAME_BYTES)}_vs_${pathName(b.folder, MAX_NAME_BYTES)}${isElsewhere ? `_${hash}` : ''}`,
  );
}

/** The relative link from the page of a comparison in `folder` to the report of a run. */
export function reportLink(folder: string, run: Pick<KeptRun, 'path'>): string {
  return relative(folder, join(run.path, 'report.html')).split(sep).map(encodeURIComponent).join('/');
}

/** Writes each file complete or not at all. Throws a UserError if the folder cannot be created or written to. */
export async function writeComparison(
  folder: string,
  files: ReadonlyMap<string, string>,
  presentation: Presentation = {},
): Promise<void> {
  await makeOutFolder(folder);
  // First, because the page needs these files.
  await writeFiles(folder, pageFiles('report', loadTemplates(presentation.templatesDir), presentation));
  await writeFiles(folder, files);
}
