// An absolute path in, the path as people read it out.

import { relative } from 'node:path';

/** Relative to where they stand when it is below that, else as it is; a line and column behind it stay. */
export function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : near;
}
