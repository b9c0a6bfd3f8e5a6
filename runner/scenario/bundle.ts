// A k6 script with its imports becomes one script with a source map, for k6's stdin. k6 runs it in the original's folder, so that
// open() and grpc's load() find the same files.

import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, BuildResult, Message, Plugin } from 'esbuild';
import { z } from 'zod';
import { explainBuildFailure, renderMessage } from '../system/build-errors.ts';
import { type Builds, type InMemory, onceEach } from './builds.ts';
import { dataPlugin } from './data-files.ts';
import { MODULE_FOLDERS_FILE, openPaths } from './open-paths.ts';
import { type LoadFlags, type Override, overrideEntry, overrideSuffix } from './override.ts';
import { novaperfPlugin, OWN_FOLDER } from './own-modules.ts';

/** A bundled script. */
export interface Bundle {
  /** File name of the script without its extension. */
  readonly name: string;
  /** One k6 script with an inline source map; stack traces name the original files. */
  readonly code: string;
  /** The source map as JSON, with the sources' text. */
  readonly map: string;
  /** Working directory for k6: the folder of the script. */
  readonly cwd: string;
  /** Absolute path of the script; `-` or a URL if it is not a file. */
  readonly scriptPath: string;
  /** What k6 reads instead of the code: an archive or a URL. */
  readonly operand?: string | undefined;
  readonly format: 'esm' | 'cjs';
  /** Names that the script exports; a CommonJS script declares none. */
  readonly exports: readonly string[];
  readonly hasHandleSummary: boolean;
  /** Flags that changed the load of a plain script, already in the code. */
  readonly flags?: LoadFlags | undefined;
  /** Absolute paths of the files it was made of. */
  readonly inputs: readonly string[];
  /** esbuild's warnings, as text. */
  readonly warnings: readonly string[];
}

/** Options of bundleScript(). */
export interface BundleOptions {
  /** Gives a plain script the shape of a profile, or runs a part of a script; see override.ts. */
  readonly override?: Override & { readonly of: Bundle };
  /** How esbuild is called: once per bundle by default; for `novaperf dev` with a context that keeps parsed files. */
  readonly builds?: Builds;
}

/** Leaves imports to k6: its own modules, and modules from the web. */
const leftToK6: Plugin = {
  name: 'left-to-k6',
  setup({ onResolve }) {
    onResolve({ filter: /^(k6$|k6\/|https?:\/\/)/ }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /^file:\/\// }, ({ path }) => ({ path: decodeURIComponent(new URL(path).pathname) }));
  },
};

/** Keeps every module, as k6 does: "sideEffects": false in a package.json, which k6 does not read, must not drop one. */
const everyLocalModule: Plugin = {
  name: 'every-local-module',
  setup({ onResolve, resolve: resolveWithEsbuild }) {
    const asking = {};
    onResolve({ filter: /^\.{0,2}\// }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === asking || importer.includes('/node_modules/') || kind === 'entry-point') return null;
      const found = await resolveWithEsbuild(path, { importer, resolveDir, kind, pluginData: asking });
      // Not found: esbuild's error has the line.
      if (found.errors.length > 0) return null;
      const sideEffects = !found.path.startsWith(OWN_FOLDER + sep);
      return { path: found.path, namespace: found.namespace, sideEffects };
    });
  },
};

// Tested with k6 2.2.0 (sobek), which has all of ES2022 except the following. Regular expression flags that it lacks (d, v) fail in
// k6 as in the original script.
const K6_LACKS = { 'async-generator': false, 'for-await': false } as const;
const ESBUILD_EXTENSIONS = new Set(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx', '.json']);

/**
 * Bundles the script at `scriptPath`. npm packages come from the script's own node_modules, in their browser form (k6 is no
 * Node); imports of k6 and of http(s) URLs stay. A CommonJS script stays CommonJS. Throws a UserError with file, line, column
 * and the line's text if the script does not parse or an import is not found.
 */
export async function bundleScript(scriptPath: string, options: BundleOptions = {}): Promise<Bundle> {
  const entry = resolve(scriptPath);
  const first = await buildOnce(entry, 'esm', false, options);
  const format = await formatOf(entry, first.result, options);
  const trackModules = first.paths.opensElsewhere();
  const again = format === 'cjs' || trackModules || first.paths.resolvesPaths();
  const { result, outfile } = again ? await buildOnce(entry, format, trackModules, options, again) : first;
  const bundle = bundleOf(entry, format, result, outfile, await hasHandleSummary(entry, format, result));
  return { ...bundle, flags: options.override?.flags };
}

type Built = BuildResult<InMemory>;

async function buildOnce(
  entry: string,
  format: 'esm' | 'cjs',
  trackModules: boolean,
  options: BundleOptions,
  withModuleFolders = false,
): Promise<{ result: Built; paths: ReturnType<typeof openPaths>; outfile: string }> {
  const { override, builds = onceEach } = options;
  const suffix = override?.of.format === 'cjs' ? overrideSuffix(override) : '';
  const cwd = dirname(entry);
  const outfile = resolve(cwd, `${basename(entry)}.bundle.js`);
  const extension = extname(entry);
  const settings = (plugins: Plugin[]): InMemory => ({
    absWorkingDir: cwd,
    outfile,
    bundle: true,
    write: false,
    metafile: true,
    format,
    platform: 'browser',
    target: 'es2022',
    supported: K6_LACKS,
    charset: 'utf8',
    sourcemap: 'external',
    logLevel: 'silent',
    inject: withModuleFolders ? [MODULE_FOLDERS_FILE] : [],
    plugins: [leftToK6, novaperfPlugin, everyLocalModule, dataPlugin(), ...plugins],
    // k6 accepts a script with any extension.
    loader: ESBUILD_EXTENSIONS.has(extension) || extension === '' ? {} : { [extension]: 'js' },
  });
  const input: Pick<BuildOptions, 'entryPoints' | 'stdin'> =
    override === undefined || override.of.format === 'cjs'
      ? { entryPoints: [entry] }
      : { stdin: overrideEntry(override.of, override) };
  try {
    const key = JSON.stringify([input, format, trackModules, withModuleFolders, suffix]);
    const { result, paths } = await builds(key, () => {
      const opened = openPaths(entry, trackModules, suffix);
      return { settings: { ...settings([opened.plugin]), ...input }, paths: opened };
    });
    return { result, paths, outfile };
  } catch (error) {
    throw explainBuildFailure(error, cwd);
  }
}

/**
 * The entry's format, as esbuild detects it. But k6 does not read "type": "module" in a package.json: with it, a script without
 * exports is CommonJS if it assigns exports as CommonJS does.
 */
async function formatOf(entry: string, result: Built, { override }: BundleOptions): Promise<'esm' | 'cjs'> {
  if (override !== undefined) return override.of.format;
  if (result.metafile.inputs[basename(entry)]?.format === 'cjs') return 'cjs';
  if (exportsOf(result).length > 0) return 'esm';
  return /\b(module\.exports|exports\.\w)/.test(await readFile(entry, 'utf8')) ? 'cjs' : 'esm';
}

async function hasHandleSummary(entry: string, format: 'esm' | 'cjs', result: Built): Promise<boolean> {
  // CommonJS names its exports only when it runs.
  if (format === 'cjs') return /\bhandleSummary\b/.test(await readFile(entry, 'utf8'));
  return exportsOf(result).includes('handleSummary');
}

function exportsOf(result: Built): readonly string[] {
  return Object.values(result.metafile.outputs).flatMap((output) =>
    output.entryPoint === undefined ? [] : output.exports,
  );
}

/** Whether a warning does not concern the user: about our code in the bundle, or a package.json that k6 does not read. */
function isMoot({ id, location }: Message, cwd: string, format: 'esm' | 'cjs'): boolean {
  if (format === 'cjs' && id === 'commonjs-variable-in-esm') return true;
  return location !== null && resolve(cwd, location.file).startsWith(OWN_FOLDER + sep);
}

const sourceMapSchema = z.looseObject({ sources: z.array(z.string()), sourcesContent: z.array(z.string().nullable()) });

function bundleOf(
  entry: string,
  format: 'esm' | 'cjs',
  result: Built,
  outfile: string,
  handlesSummary: boolean,
): Bundle {
  const cwd = dirname(entry);
  const textOf = (path: string): string => result.outputFiles.find((file) => file.path === path)?.text ?? '';
  const map = sourceMapSchema.parse(JSON.parse(textOf(`${outfile}.map`)));
  // k6 prints sources as they are here; absolute ones give stack traces with file:///home/me/scenarios/x.ts:9:7.
  // esbuild writes them as relative URLs: prüfung.ts is pr%C3%BCfung.ts here.
  const folder = pathToFileURL(`${cwd}/`);
  const sources = map.sources.map((source) => (isVirtual(source) ? source : new URL(source, folder).href));
  const { sourcesContent: _text, ...lean } = map;
  const inline = Buffer.from(JSON.stringify({ ...lean, sources })).toString('base64');
  // An empty script has no source, and k6 2.2.0 hangs on a map without one.
  const comment = sources.length === 0 ? '' : `//# sourceMappingURL=data:application/json;base64,${inline}\n`;
  return {
    name: basename(entry, extname(entry)),
    code: `${textOf(outfile)}${comment}`,
    map: JSON.stringify({ ...map, sources }),
    cwd,
    scriptPath: entry,
    format,
    exports: format === 'esm' ? exportsOf(result) : [],
    hasHandleSummary: handlesSummary,
    inputs: Object.keys(result.metafile.inputs)
      .filter((input) => !isVirtual(input))
      .map((input) => resolve(cwd, input)),
    warnings: result.warnings
      .filter((warning) => !isMoot(warning, cwd, format))
      .map((warning) => renderMessage(warning, cwd)),
  };
}

/** Whether a source is from a plugin, with its namespace as prefix: `csv:/home/me/users.csv`, `<stdin>`. */
function isVirtual(source: string): boolean {
  return /^(<|[a-z-]{2,}:)/.test(source);
}
