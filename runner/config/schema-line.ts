// The first line of a record names its JSON Schema, so that editors check and complete it: `# yaml-language-server: $schema=…`.

import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { packageRoot } from '../system/package-root.ts';

/** Folders of a store with one kind of record each. */
const BY_FOLDER: Readonly<Record<string, string>> = {
  progress: 'progress',
  decisions: 'decision',
  links: 'link',
};

/**
 * The line with its end, for the record at `path`; '' where novaperf is not installed in the project, as a path that only one machine has
 * must not be in a record.
 */
export function schemaLine(path: string): string {
  const folder = schemasFolder(dirname(path));
  if (folder === undefined) return '';
  const file = join(folder, `${schemaOf(path, folder)}.json`);
  return `# yaml-language-server: $schema=${relative(dirname(path), file).split(sep).join('/')}\n`;
}

/** `custom_data/<Category>/<Key>.yaml` has the schema of its category, where there is one. */
function schemaOf(path: string, folder: string): string {
  if (basename(path) === 'active_context.yaml') return 'active-context';
  const parent = basename(dirname(path));
  if (basename(dirname(dirname(path))) !== 'custom_data') return BY_FOLDER[parent] ?? 'custom-data';
  return existsSync(join(folder, `${parent}.json`)) ? parent : 'custom-data';
}

/** By the folder of the record: thousands of records are written to a few. */
const found = new Map<string, string | undefined>();

/** The package's schemas as the project has them: in node_modules of a folder above, or in this repository. */
function schemasFolder(from: string): string | undefined {
  if (found.has(from)) return found.get(from);
  const installed = join(from, 'node_modules', 'novaperf', 'schemas');
  const above = dirname(from);
  const own = from === packageRoot ? join(packageRoot, 'schemas') : undefined;
  const folder = existsSync(installed) ? installed : (own ?? (above === from ? undefined : schemasFolder(above)));
  found.set(from, folder);
  return folder;
}
