// A comparison's files go to disk, in a folder of their own next to the runs.

import { createHash } from 'node:crypto';
import { dirname, join, relative, sep } from 'node:path';
import { pageFiles } from '../report/page.ts';
import type { Presentation } from '../report/presentation.ts';
import { loadTemplates } from '../report/template-engine.ts';
import { makeOutFolder, writeFiles } from '../runs/run-folder.ts';
import { pathName } from '../text/path-name.ts';
import type { KeptRun } from './kept-run.ts';

/** A run's folder with its time; twice that, and what stands around, are the 255 bytes that a file system takes. */
const LONGEST_BYTES = 117;

/**
 * `compare_<a>_vs_<b>`: the same two runs compared again take the place of what was there. Runs from elsewhere than `out` may
 * have the same names; a part of the hash of their paths distinguishes them.
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
    `compare_${pathName(a.folder, LONGEST_BYTES)}_vs_${pathName(b.folder, LONGEST_BYTES)}${isElsewhere ? `_${hash}` : ''}`,
  );
}

/** The way from a comparison's page to a run's report, as a link. */
export function reportLink(folder: string, run: Pick<KeptRun, 'path'>): string {
  return relative(folder, join(run.path, 'report.html')).split(sep).map(encodeURIComponent).join('/');
}

/** Each file whole or not at all. A UserError where the folder cannot be made or written to. */
export async function writeComparison(
  folder: string,
  files: ReadonlyMap<string, string>,
  look: Presentation = {},
): Promise<void> {
  await makeOutFolder(folder);
  // Before the page that needs them.
  await writeFiles(folder, pageFiles('report', loadTemplates(look.templatesDir), look));
  await writeFiles(folder, files);
}
