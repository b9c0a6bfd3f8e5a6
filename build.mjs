// Bundles the runner to dist/ and the scenarios to dist/scenarios/. It takes a fraction of a second, so every npm script that
// runs the program builds first and is never stale.

import { build } from 'esbuild';

await build({
  entryPoints: {
    novaperf: 'runner/cli.ts',
    demo: 'runner/demo/main.ts',
    'build-scenarios': 'runner/scenario/build-scenarios.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // npm packages stay in node_modules: esbuild finds its own binary beside itself, and a stack trace names the package.
  packages: 'external',
  sourcemap: true,
  banner: { js: '#!/usr/bin/env node' },
  logLevel: 'warning',
});

const { buildScenarios } = await import('./dist/build-scenarios.js');
for (const letter of await buildScenarios('.', 'dist')) console.warn(letter.toText());
