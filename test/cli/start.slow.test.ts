// What Node has to load before a command prints anything, as build.mjs bundles it.

import { expect } from 'chai';
import { build, type Metafile } from 'esbuild';

/** Packages that a command needs only at its end, if at all, and that are slow to load. */
const LATE = ['junit-report-builder', 'prom-client', '@kubernetes/client-node', 'typescript'];
const COMMANDS = ['run', 'report', 'analyze', 'merge', 'slice', 'history'];

describe('the start of a command', function () {
  this.timeout(120_000);
  let outputs: Metafile['outputs'];

  before(async () => {
    const { metafile } = await build({
      entryPoints: COMMANDS.map((command) => `runner/cli/${command}.ts`),
      outdir: 'unwritten',
      write: false,
      metafile: true,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      external: ['esbuild'],
    });
    outputs = metafile.outputs;
  });

  /** The sources that a file loads at once; dynamic imports are not followed. */
  function sourcesOf(file: string, read = new Set<string>()): string[] {
    const output = outputs[file];
    if (output === undefined || read.has(file)) return [];
    read.add(file);
    const imported = output.imports.filter(({ kind }) => kind === 'import-statement');
    return [...Object.keys(output.inputs), ...imported.flatMap(({ path }) => sourcesOf(path, read))];
  }

  for (const command of COMMANDS) {
    it(`${command} loads no package at its start that it needs only at its end`, () => {
      const source = `runner/cli/${command}.ts`;
      const [file = ''] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
      const sources = sourcesOf(file);
      expect(sources).to.include(source);
      expect(LATE.filter((name) => sources.some((path) => path.includes(`node_modules/${name}/`)))).to.deep.equal([]);
    });
  }
});
