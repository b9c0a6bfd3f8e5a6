// Shortens absolute paths for messages.

import { relative } from 'node:path';

/**
 * The path relative to the working directory if it is below it; otherwise unchanged. A line and column after it are
 * kept.
 */
export function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : near;
}
