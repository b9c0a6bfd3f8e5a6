// A project on disk with the given files, our runner/ and our node_modules; removed after the test.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../runner/system/package-root.ts';

const made: string[] = [];

/** Root of the new project; `files` by path. */
export function temporaryProject(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'novaperf project ü-')));
  made.push(root);
  for (const folder of ['runner', 'node_modules']) symlinkSync(join(packageRoot, folder), join(root, folder));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** For `after`: removes what temporaryProject made. */
export function removeTemporaryProjects(): void {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
}
