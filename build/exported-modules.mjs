// What `import … from 'novaperf'` gets: the modules that scenarios and readers of result.json import, as ES modules and as
// CommonJS, each with its types.

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const FORMATS = [
  { folder: 'dist/esm', config: 'tsconfig.package.json', type: 'module' },
  { folder: 'dist/cjs', config: 'tsconfig.package-cjs.json', type: 'commonjs' },
];
const DATA_TYPES = 'scenario/data-modules.d.ts';

export async function writeExportedModules() {
  await Promise.all(FORMATS.map(writeFormat));
}

async function writeFormat({ folder, config, type }) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'scenario'), { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`);
  await compile(config);
  await copyFile(join('runner', DATA_TYPES), join(folder, DATA_TYPES));
  for (const path of await declarationsIn(folder)) await writeFile(path, published(await readFile(path, 'utf8')));
}

async function compile(config) {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [compiler, '-p', config, '--pretty', 'false']);
  } catch (error) {
    throw new Error(`tsc -p ${config} failed:\n${error.stdout}`);
  }
}

async function declarationsIn(folder) {
  const paths = await readdir(folder, { recursive: true });
  return paths.filter((path) => path.endsWith('.d.ts') && path !== DATA_TYPES).map((path) => join(folder, path));
}

/** tsc rewrites the imports of its JavaScript but not of its declarations, and names referenced files by their sources. */
function published(text) {
  return text
    .replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'")
    .replaceAll(/(import\('\.{1,2}\/[^']+|import\("\.{1,2}\/[^"]+)\.ts(['"])/g, '$1.js$2')
    .replace(/^\/\/\/ <reference path="[^"]*data-modules\.d\.ts".*$/m, '/// <reference path="./data-modules.d.ts" />');
}
