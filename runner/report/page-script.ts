// The name of a page → the text of its script: browser/*.ts, bundled into dist/ by build.mjs.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../system/package-root.ts';

const PAGES = ['report', 'index', 'live'] as const;

/** A page that has a script of its own: `browser/<name>.ts` is its entry. */
export type ScriptedPage = (typeof PAGES)[number];

const read = new Map<ScriptedPage, string>();

/** The script of a page. Throws where it was not built: a broken installation, or sources whose `npm run build` is still to come. */
export function pageScript(page: ScriptedPage): string {
  const known = read.get(page);
  if (known !== undefined) return known;
  const path = join(packageRoot, 'dist', `page-${page}.js`);
  if (!existsSync(path))
    throw new Error(`${path} is not there: npm run build makes it from runner/report/browser/${page}.ts`);
  const text = readFileSync(path, 'utf8').trim();
  read.set(page, text);
  return text;
}
