// Test files become plain modules, so that no worker of mocha compiles this project again: 29 s of CPU for the quick tests, of which
// one build takes 2.

import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// test/totals-reporter.cjs makes the source's path of a bundle's again.
const FOLDER = 'node_modules/.cache/tests';

/** A module asks where it lies to find fixtures and the package: its source, not the bundle. */
const sourceLocations = {
  name: 'source-locations',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!/import\.meta\.(url|dirname)/.test(text)) return undefined;
      const contents = text
        // The demo then starts from dist/, as for a user: tsx would compile it in 0.9 s of CPU each time.
        .replaceAll("import.meta.url.endsWith('.ts')", 'false')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
      return { contents, loader: 'ts' };
    });
  },
};

/** Node finds no named exports in this CommonJS package; esbuild does. */
const xterm = {
  name: 'xterm',
  setup({ onResolve }) {
    onResolve({ filter: /^@xterm\/headless$/ }, ({ path }) => ({ path: createRequire(import.meta.url).resolve(path) }));
  },
};

/** Builds `files` (`test/…/x.test.ts`) below a folder of this process and returns where each now lies, in the same order. */
export async function bundleTests(files) {
  const outdir = `${FOLDER}/${process.pid}`;
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    entryPoints: files,
    outdir,
    outbase: '.',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [sourceLocations, xterm],
  });
  return files.map((file) => `${outdir}/${file.replace(/\.ts$/, '.mjs')}`);
}
