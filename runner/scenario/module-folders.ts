// Bundled into scripts with modules in several folders, so that relative paths in open() and import.meta.resolve() work as for the
// unbundled modules in k6 2.2.0. Runs inside k6; open-paths.ts inserts the calls.

/** k6's open(), which this module's `open` replaces. */
const k6Open: (path: string, mode?: string) => unknown = Reflect.get(globalThis, 'open');

/** Folders, relative to the entry script's, of the modules being evaluated; the innermost is last. */
const evaluating: string[] = [];

/** Called first in a module: `folder` is relative to the entry script's folder, such as `lib/`. */
export function novaperfEnterModule(folder: string): void {
  evaluating.push(folder);
}

/** Called last in a module. */
export function novaperfLeaveModule(): void {
  evaluating.pop();
}

/** k6 resolves a relative path against the module that is being evaluated, not against the one that contains the call. */
export function open(path: string, mode?: string): unknown {
  const folder = evaluating.at(-1) ?? '';
  const fixed = path === '' || path.startsWith('/') || path.startsWith('file://') || /^[A-Za-z]:/.test(path);
  const relative = fixed ? path : folder + path;
  return mode === undefined ? k6Open(relative) : k6Open(relative, mode);
}

/** import.meta.resolve() of a module in `folder`, an absolute file URL with a slash at its end. */
export function novaperfResolve(folder: string, specifier: string): string {
  if (specifier.startsWith('/')) return `file://${specifier}`;
  if (!/^\.\.?\//.test(specifier)) return import.meta.resolve(specifier);
  const parts: string[] = [];
  for (const part of (folder.slice('file://'.length) + specifier).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return `file://${parts.join('/')}`;
}
