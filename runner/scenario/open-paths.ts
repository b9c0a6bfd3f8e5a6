// An esbuild plugin that preserves relative paths of modules in other folders, because a bundle is one file in one folder.
// Measured on k6 2.2.0: a module's open('./x') at its top level is relative to that module, inside a function that another
// module calls during its own evaluation relative to that other one; import.meta.resolve() is always relative to the module
// it is written in, and in a script from stdin it resolves against `/`.

import { readFile } from 'node:fs/promises';
import { dirname, extname, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader, Plugin } from 'esbuild';
import { OWN_FOLDER, ownModule } from './own-modules.ts';

/** Joins the bundle through esbuild's `inject`: its `open` replaces the global one in every module. */
export const MODULE_FOLDERS_FILE: string = ownModule('scenario/module-folders');

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
};
const RESOLVE = /\bimport\.meta\.resolve\b/g;
const OPEN = /\bopen\s*\(/;

/** The plugin, and what it found. */
export interface OpenPaths {
  readonly plugin: Plugin;
  /** After the build: a module outside the entry's folder calls open(), so a build with `trackModules` is needed. */
  opensElsewhere(): boolean;
  /** After the build: import.meta.resolve() is used, so the build needs MODULE_FOLDERS_FILE. */
  resolvesPaths(): boolean;
}

/**
 * The plugin for one build, or for a context's builds one after another. With `trackModules` every local module but the entry says when its evaluation begins and ends.
 * Lines stay where they are; in the first line of a module, columns shift. `appended` is source that ends the entry.
 */
export function openPaths(entryPath: string, trackModules: boolean, appended = ''): OpenPaths {
  const entryFolder = dirname(entryPath);
  let opensElsewhere = false;
  let resolvesPaths = false;
  const plugin: Plugin = {
    name: 'open-paths',
    setup(build) {
      // A context builds repeatedly.
      build.onStart(() => {
        opensElsewhere = false;
        resolvesPaths = false;
      });
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
        if (path.includes(`${sep}node_modules${sep}`) || path.startsWith(OWN_FOLDER + sep)) return null;
        let source = await readFile(path, 'utf8');
        const folder = dirname(path);
        if (folder !== entryFolder && OPEN.test(source)) opensElsewhere = true;
        if (source.includes('import.meta.resolve')) {
          resolvesPaths = true;
          const base = JSON.stringify(`${pathToFileURL(folder).href}/`);
          source = source.replace(RESOLVE, `((specifier) => novaperfResolve(${base}, specifier))`);
        }
        if (path === entryPath) source += appended;
        else if (trackModules) source = announce(source, folder, entryFolder);
        return { contents: source, loader: LOADERS[extname(path)] ?? 'js', resolveDir: folder };
      });
    },
  };
  return { plugin, opensElsewhere: () => opensElsewhere, resolvesPaths: () => resolvesPaths };
}

function announce(source: string, folder: string, entryFolder: string): string {
  const path = relative(entryFolder, folder).split(sep).join('/');
  // `#!/usr/bin/env k6` must stay the first line of the file.
  const body = source.replace(/^#!/, '//');
  return `novaperfEnterModule(${JSON.stringify(path === '' ? '' : `${path}/`)});${body}\n;novaperfLeaveModule();`;
}
