// Scripts that are not bundled: an archive of k6, stdin, a URL. k6 reads them in the user's folder, as without novaperf.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { text } from 'node:stream/consumers';
import { messageOf, UserError } from '../system/errors.ts';
import type { Bundle } from './bundle.ts';

/** The path that means stdin. */
export const STDIN = '-';

/** Whether a path is such a script: `-`, `https://…` or a path that ends in .tar. */
export function isRaw(path: string): boolean {
  return path === STDIN || /^https?:\/\//i.test(path) || extname(path).toLowerCase() === '.tar';
}

let piped: Promise<string> | undefined;

/** The script as a bundle. Throws a UserError if it cannot be read, and for stdin that is a terminal. */
export async function rawScript(path: string): Promise<Bundle> {
  const common = { cwd: process.cwd(), format: 'esm', exports: [], inputs: [], warnings: [] } as const;
  if (path === STDIN) {
    if (process.stdin.isTTY) {
      throw new UserError('Expected a k6 script on stdin, found a terminal.', { next: 'novaperf run - < script.js' });
    }
    piped ??= text(process.stdin);
    const code = await piped;
    return { ...common, ...named('stdin', code, code), scriptPath: STDIN };
  }
  if (/^https?:/i.test(path)) {
    const code = await fetched(path);
    const name = decodeURIComponent(basename(new URL(path).pathname)) || 'remote';
    return { ...common, ...named(name, code, `// k6 read ${path}\n${code}`), scriptPath: path, operand: path };
  }
  const archive = await readFile(path);
  const hash = createHash('sha256').update(archive).digest('hex');
  const content = `// k6 read the archive ${path}, SHA-256 ${hash}\n`;
  return { ...common, ...named(basename(path), archive.toString('latin1'), content), scriptPath: path, operand: path };
}

function named(name: string, source: string, code: string) {
  return { name: name.replace(/\.[^.]*$/, ''), code, map: '', hasHandleSummary: /\bhandleSummary\b/.test(source) };
}

/** Downloads the script only to get its exports and to keep it; k6 downloads it and its imports again. */
async function fetched(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return await response.text();
  } catch (error) {
    throw new UserError(`Expected a k6 script at ${url}: ${messageOf(error)}`, { cause: error });
  }
}
