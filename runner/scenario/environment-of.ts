// The environment of a script if no flag sets one.

import { relative, sep } from 'node:path';

/** The entry of `environment_of` with the longest path that contains the script; paths are relative to the project. */
export function environmentOfFolder(
  scriptPath: string,
  projectDir: string,
  environmentOf: ReadonlyMap<string, string>,
): string | undefined {
  const path = relative(projectDir, scriptPath).split(sep).join('/');
  const found = [...environmentOf].flatMap(([folder, environment]) => {
    const prefix = folder.replace(/^\.\//, '').replace(/\/+$/, '');
    return path === prefix || path.startsWith(`${prefix}/`) ? [{ length: prefix.length, environment }] : [];
  });
  return found.sort((a, b) => b.length - a.length)[0]?.environment;
}
