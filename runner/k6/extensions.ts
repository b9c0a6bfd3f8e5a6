// k6 extensions from the configuration, and how they are added to the Go module of our k6.

import { createHash } from 'node:crypto';
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { UserError } from '../system/errors.ts';

/** One k6 extension: a Go module with a version, or a local folder. */
export type Extension =
  | { readonly kind: 'module'; readonly module: string; readonly version: string }
  | { readonly kind: 'folder'; readonly module: string; readonly folder: string; readonly digest: string };

// https://go.dev/ref/mod#module-path and #versions, as far as extensions use them.
const MODULE = /^[a-z0-9][\w.-]*(\.[a-z]{2,})?(\/[\w.~-]+)+$/i;
const VERSION = /^v\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;
const WHERE = 'extensions';

/**
 * Parses extensions such as `github.com/grafana/xk6-faker@v0.4.4` or a folder `./xk6-orders`, relative to the project.
 * Throws a UserError for anything else and for duplicates.
 */
export async function readExtensions(texts: readonly string[], projectDir: string): Promise<Extension[]> {
  const read = await Promise.all(texts.map((text) => readExtension(text, projectDir)));
  const again = read.find(({ module }, index) => read.findIndex((other) => other.module === module) < index);
  if (again !== undefined) {
    throw new UserError(`Expected each extension once, found ${again.module} twice.`, { where: WHERE });
  }
  return read;
}

async function readExtension(text: string, projectDir: string): Promise<Extension> {
  if (/^(\.{0,2}\/|\.{1,2}$|[a-z]:\\)/i.test(text)) return readFolder(text, resolve(projectDir, text));
  const at = text.lastIndexOf('@');
  const module = at === -1 ? text : text.slice(0, at);
  const version = at === -1 ? undefined : text.slice(at + 1);
  if (MODULE.test(module) && version !== undefined && VERSION.test(version)) return { kind: 'module', module, version };
  const expected = MODULE.test(module)
    ? `a version of ${module}, such as ${module}@v1.2.3`
    : 'a Go module with its version, such as github.com/grafana/xk6-faker@v0.4.4, or a folder such as ./xk6-orders';
  throw new UserError(`Expected ${expected}, found "${text}".`, {
    where: WHERE,
    next: 'give a fixed version, so that every machine builds the same k6; `go list -m -versions <module>` lists them',
  });
}

async function readFolder(text: string, folder: string): Promise<Extension> {
  const manifest = await readFile(join(folder, 'go.mod'), 'utf8').catch(() => undefined);
  const module = /^module\s+"?([^\s"]+)"?/m.exec(manifest ?? '')?.[1];
  if (module === undefined) {
    const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
    throw new UserError(
      `Expected a folder with the go.mod of a k6 extension, found ${isFolder ? 'none in' : 'no'} ${text}.`,
      {
        where: WHERE,
        next: 'paths are relative to the project',
      },
    );
  }
  return { kind: 'folder', module, folder, digest: await digestOf(folder) };
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const name = relative(folder, file).replaceAll('\\', '/');
    if (/(^|\/)(\.git|node_modules)\//.test(name)) continue;
    hash.update(`${name}\n`).update(await readFile(file));
  }
  return hash.digest('hex');
}

/** The part of the cache key: names and versions, for a folder a hash of its content. '' without extensions. */
export function extensionsKey(extensions: readonly Extension[]): string {
  const parts = extensions.map((each) =>
    each.kind === 'module' ? `${each.module}@${each.version}` : `${each.module} ${each.digest}`,
  );
  return parts.sort().join('\n');
}

/** Copies the program's module to `into` and imports the extensions there; go.mod does not require them yet. */
export async function writeModule(sourceFolder: string, extensions: readonly Extension[], into: string): Promise<void> {
  await cp(sourceFolder, into, { recursive: true, filter: (path) => !/(_test\.go|[\\/]testdata)$/.test(path) });
  const imports = extensions.map(({ module }) => `import _ ${JSON.stringify(module)}\n`);
  await writeFile(join(into, 'cmd', 'k6', 'extensions.go'), `package main\n\n${imports.join('')}`);
}

/** Arguments of `go` that add the extensions to go.mod; the build completes it and go.sum. */
export function requireArguments(extensions: readonly Extension[]): string[] {
  const edits = extensions.flatMap((each) =>
    each.kind === 'module'
      ? [`-require=${each.module}@${each.version}`]
      : [`-require=${each.module}@v0.0.0`, `-replace=${each.module}=${each.folder}`],
  );
  return ['mod', 'edit', ...edits];
}

/**
 * True if a name in `k6 version --json` belongs to the module: k6 lists the module or the package that registers the
 * extension.
 */
export function isOf(found: string, module: string): boolean {
  return found === module || found.startsWith(`${module}/`) || found.startsWith(`${module}.`);
}

/** The error if the built k6 lacks the extensions: they were made for another version of k6. */
export function notRegistered(missing: readonly string[], k6: string): UserError {
  return new UserError(`Expected the built k6 to have ${missing.join(', ')}, found it without them.`, {
    where: WHERE,
    next: `use a later version of the extension: it must import go.k6.io/k6/v2, the module of k6 ${k6}`,
  });
}

/** The error if the extensions require another k6 than the pinned one. */
export function otherK6(found: string, pinned: string): UserError {
  return new UserError(`Expected extensions for k6 ${pinned}, found one that requires k6 ${found}.`, {
    where: WHERE,
    next: 'use an earlier version of the extension',
  });
}
