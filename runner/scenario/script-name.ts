// The name of a script for its folders, trends, baselines and records, from its path: svc-a/test.js and svc-b/test.js differ.

import { existsSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, sep } from 'node:path';

const ROOT_MARKS = ['package.json', '.git'];
const EXTENSIONS = ['.js', '.ts', '.mjs', '.mts', '.cjs', '.cts'];

/** The project's folder: the nearest parent of `folder` with a package.json or .git, or else `folder`. */
export function projectRootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (ROOT_MARKS.some((mark) => existsSync(join(at, mark)))) return at;
    if (dirname(at) === at) return folder;
  }
}

/**
 * `svc-a/test` for svc-a/test.js: the path from the root of the project, without its extension unless a script next to it, or a
 * scenario in `taken`, has the same name. Both paths are absolute.
 */
export function scriptName(path: string, projectDir: string, taken: readonly string[] = []): string {
  const below = relative(projectRootOf(projectDir), path).split(sep).join('/');
  // Outside of the project no path is the same on every machine.
  const fromRoot = below.startsWith('../') || isAbsolute(below) ? basename(path) : below;
  const extension = extname(path);
  const bare = fromRoot.slice(0, fromRoot.length - extension.length);
  const stem = join(dirname(path), basename(path, extension));
  const hasTwin = EXTENSIONS.some((other) => other !== extension && existsSync(stem + other));
  return hasTwin || taken.includes(bare) ? fromRoot : bare;
}
