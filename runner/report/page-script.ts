// The name of a page → the text of its script, which build.mjs bundles from browser/*.ts into dist/.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../system/package-root.ts';

const PAGES = ['report', 'index', 'live'] as const;

/** A page with a script; `browser/<name>.ts` is its entry point. */
export type ScriptedPage = (typeof PAGES)[number];

const read = new Map<ScriptedPage, string>();

/** The script of a page. Throws if it was not built: the installation is broken, or `npm run build` was not run. */
export function pageScript(page: ScriptedPage): string {
  const known = read.get(page);
  if (known !== undefined) return known;
  const path = join(packageRoot, 'dist', `page-${page}.js`);
  if (!existsSync(path))
    throw new Error(`${path} does not exist. Run npm run build, which makes it from runner/report/browser/${page}.ts.`);
  const text = readFileSync(path, 'utf8').trim();
  read.set(page, text);
  return text;
}
