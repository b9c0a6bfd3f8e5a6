// Finds this package on disk and its version, for the bundle in dist/ and for the sources under tsx.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const manifestSchema = z.looseObject({ name: z.string().optional(), version: z.string().optional() });

/**
 * Searches upwards from a file for novaperf's package.json. Throws an Error if there is none, which means a broken
 * installation.
 */
function findPackage(fromFile: string): { root: string; version: string } {
  for (let folder = dirname(fromFile); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) {
      const manifest = manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      if (manifest.name === 'novaperf') return { root: folder, version: manifest.version ?? '0.0.0' };
    }
    if (folder === dirname(folder)) throw new Error(`No package.json of novaperf above ${fromFile}`);
  }
}

const found = findPackage(fileURLToPath(import.meta.url));

/** Absolute path of the folder with package.json, runner/, templates/ and scenarios/. */
export const packageRoot: string = found.root;

/** `version` of package.json. */
export const packageVersion: string = found.version;
