// Builds dist/: the program, the modules that scenarios import, and the scenarios as plain k6 scripts in dist/scenarios/.
// `--if-stale`, for the npm scripts that run or test the program: only when a source is newer than what was built.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { compiledTemplates } from './build/compile-templates.mjs';
import { writeExportedModules } from './build/exported-modules.mjs';
import { writeJsonSchemas } from './build/json-schemas.mjs';
import { plainWidths } from './build/plain-widths.mjs';
import { writeNotices } from './build/third-party-notices.mjs';

/** Started by Node itself; next to them stands novaperf.js, which starts the program. */
const ENTRY_POINTS = {
  demo: 'runner/demo/main.ts',
  'build-scenarios': 'runner/scenario/build-scenarios.ts',
  'json-schemas': 'runner/records/store/json-schemas.ts',
};
/** Scripts of the pages: in a browser, and as few bytes as can be, for they go into every page. */
const PAGE_SCRIPTS = {
  'page-report': 'runner/report/browser/report.ts',
  'page-index': 'runner/report/browser/index.ts',
  'page-live': 'runner/report/browser/live.ts',
};
const SOURCES = [
  'runner',
  'scenarios',
  'templates',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'build.mjs',
  'build',
];

const BANNER = `import { createRequire as nodeCreateRequire } from 'node:module';
import { dirname as nodeDirname } from 'node:path';
import { fileURLToPath as nodeFileURLToPath } from 'node:url';
const require = nodeCreateRequire(import.meta.url);
const __filename = nodeFileURLToPath(import.meta.url);
const __dirname = nodeDirname(__filename);`;

/**
 * uPlot 1.6.32 asks for a number format in the language of the browser as it loads, which throws where that is no language tag
 * ("en-US@posix", Chromium under LANG=POSIX), and the whole page would be without scripts. Our axes write their own labels. Its bars and
 * curves, which no chart of ours uses, are left out.
 */
const uplotWithoutLanguage = {
  name: 'uplot-without-language',
  setup({ onLoad }) {
    onLoad({ filter: /uPlot\.esm\.js$/ }, ({ path }) => {
      const replaced = [
        ["domEnv ? nav.language : 'en-US'", "'en-US'"],
        ['(paths.bars    = bars);', ''],
        ['(paths.spline  = monotoneCubic);', ''],
      ];
      let contents = readFileSync(path, 'utf8');
      for (const [asked, given] of replaced) {
        if (!contents.includes(asked)) throw new Error(`${path} no longer has "${asked}": see build.mjs`);
        contents = contents.replace(asked, given);
      }
      return { contents, loader: 'js' };
    });
  },
};

/** Nothing else of the program is in its bundle, so nothing is there twice. */
const KUBERNETES = 'runner/cluster/kubernetes-client.ts';
const kubernetesApart = {
  name: 'kubernetes-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/kubernetes-client\.ts$/ }, () => ({ path: './kubernetes.cjs', external: true }));
  },
};

/** The program is one function expression, which novaperf.js calls with what Node gives to a CommonJS module, and import(). */
const FUNCTION = {
  banner: {
    js:
      '(function (exports, require, module, __filename, __dirname, importModule) {' +
      'const programUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: '})' },
};

/** zod brings its messages in 50 languages, 380 kB to compile at every start; no message of ours is any of them. */
const zodInEnglish = {
  name: 'zod-in-english',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

function newestMs(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  // The folder's own time changes if files were removed or renamed.
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(`${path}/${name}`)), stats.mtimeMs);
}

function isStale() {
  const builtMs = statSync('dist/.built', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return SOURCES.some((path) => newestMs(path) > builtMs);
}

/**
 * Two things that esbuild leaves as they are. Characters of regular expressions become escapes, as all others do: novaperf.js reads the
 * file byte by character. And import() asks novaperf.js: V8 forgets with compiled code that was kept whom it has to ask.
 * Returns 16 hex digits that name the content.
 */
function settleProgram(path) {
  const settled = readFileSync(path, 'utf8')
    .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/(?<![\w$.])import\(/g, 'importModule(');
  writeFileSync(path, settled);
  return createHash('sha256').update(settled).digest('hex').slice(0, 16);
}

async function buildAll() {
  rmSync('dist', { recursive: true, force: true });
  const exported = writeExportedModules();
  exported.catch(() => undefined);
  const shared = {
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    // npm packages go in as well: one file starts in a third of the time that Node takes to find some hundred modules
    // (0.36 s instead of 0.99 s for --version on two busy cores). esbuild stays out: it looks for its binary next to itself.
    external: ['esbuild'],
    // The stack of a defect stays readable: names are kept, and a checkout has the source map.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
  };
  const [program, kubernetes, tools] = await Promise.all([
    build({
      ...shared,
      ...FUNCTION,
      entryPoints: { program: 'runner/cli.ts' },
      outExtension: { '.js': '.cjs' },
      // CommonJS, for its compiled code can be kept (runner/system/start-program.ts).
      format: 'cjs',
      define: { 'import.meta.url': 'programUrl' },
      plugins: [zodInEnglish, plainWidths, compiledTemplates, kubernetesApart],
    }),
    build({
      ...shared,
      entryPoints: { kubernetes: KUBERNETES },
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      sourcemap: false,
    }),
    build({
      ...shared,
      entryPoints: ENTRY_POINTS,
      format: 'esm',
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      plugins: [zodInEnglish, compiledTemplates],
      // What CommonJS packages count on and an ES module does not have.
      banner: { js: BANNER },
    }),
  ]);
  const start = await build({
    ...shared,
    entryPoints: { novaperf: 'runner/system/start-program.ts' },
    format: 'esm',
    define: { PROGRAM_HASH: JSON.stringify(settleProgram('dist/program.cjs')) },
    banner: { js: '#!/usr/bin/env node' },
  });
  const pages = await build({
    entryPoints: PAGE_SCRIPTS,
    outdir: 'dist',
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    // Three years before 2026: what has DecompressionStream and light-dark() has all of it.
    target: 'es2022',
    charset: 'utf8',
    metafile: true,
    legalComments: 'none',
    plugins: [uplotWithoutLanguage],
    logLevel: 'warning',
  });
  const metafiles = [program, kubernetes, tools, start, pages].map(({ metafile }) => metafile);
  await Promise.all([exported, writeNotices(metafiles, 'dist/THIRD-PARTY-NOTICES.txt')]);
  const { jsonSchemas } = await import('./dist/json-schemas.js');
  await writeJsonSchemas(jsonSchemas());
  const { buildScenarios } = await import('./dist/build-scenarios.js');
  for (const userError of await buildScenarios('.', 'dist')) console.warn(userError.toText());
  writeFileSync('dist/.built', '');
}

if (!process.argv.includes('--if-stale') || isStale()) await buildAll();
