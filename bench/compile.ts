// Compiles the programs of bench/programs to dist/bench, so that no figure includes a TypeScript loader.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAMS = [
  'target',
  'read-samples',
  'read-readline',
  'read-duckdb',
  'pour-histograms',
  'read-histograms',
  'exporter',
  'sample-exporter',
] as const;

/** A program of the bench. */
export type Program = (typeof PROGRAMS)[number];

/** The built novaperf; `npm run bench` builds it first. */
export const NOVAPERF = join(ROOT, 'dist', 'novaperf.js');
/** Folder of the k6 scripts. */
export const K6_SCRIPTS = join(ROOT, 'bench', 'scripts');
/** File of the recorded figures. */
export const RECORDED = join(ROOT, 'bench', 'results.json');

/** Compiles all programs; returns their paths. */
export async function compilePrograms(): Promise<Readonly<Record<Program, string>>> {
  const outdir = join(ROOT, 'dist', 'bench');
  await build({
    entryPoints: PROGRAMS.map((program) => join(ROOT, 'bench', 'programs', `${program}.ts`)),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  });
  const pathOf = (program: Program) => join(outdir, `${program}.js`);
  return {
    target: pathOf('target'),
    'read-samples': pathOf('read-samples'),
    'read-readline': pathOf('read-readline'),
    'read-duckdb': pathOf('read-duckdb'),
    'pour-histograms': pathOf('pour-histograms'),
    'read-histograms': pathOf('read-histograms'),
    exporter: pathOf('exporter'),
    'sample-exporter': pathOf('sample-exporter'),
  };
}
