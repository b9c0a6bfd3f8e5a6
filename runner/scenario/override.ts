// A plain k6 script and the flags of the command line become an entry that exports the script's all, with another load.

import { basename, join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import type { Profile } from './plan.ts';

/** Flags that say what load to put on; all absent = the script's own. */
export interface LoadFlags {
  readonly profile?: Profile | undefined;
  /** As k6 writes it: `90s`, `1h30m`. */
  readonly duration?: string | undefined;
  readonly vus?: number | undefined;
  /** Iterations a second. */
  readonly rate?: number | undefined;
}

/** Whether a flag asks for another load than the script's own. */
export function asksForLoad(flags: LoadFlags): boolean {
  return [flags.profile, flags.duration, flags.vus, flags.rate].some((flag) => flag !== undefined);
}

/** The source of the entry, as esbuild's `stdin` takes it; `script` is the bundle of the script as it is. */
export function overrideEntry(
  script: {
    readonly cwd: string;
    readonly scriptPath: string;
    readonly format: 'esm' | 'cjs';
    readonly exports: readonly string[];
  },
  flags: LoadFlags,
): { contents: string; resolveDir: string; sourcefile: string; loader: 'js' } {
  const from = JSON.stringify(`./${basename(script.scriptPath)}`);
  const rules = JSON.stringify(join(packageRoot, 'runner/scenario/override-options.ts'));
  const { profile = 'load', duration, vus, rate } = flags;
  const asked = JSON.stringify({ profile, duration, vus, rate });
  const esm = [
    `import { overrideOptions } from ${rules};`,
    script.exports.includes('options') ? `import { options as own } from ${from};` : 'const own = {};',
    `export * from ${from};`,
    script.exports.includes('default') ? `export { default } from ${from};` : '',
    `export const options = overrideOptions(own, ${asked});`,
  ];
  const cjs = [
    `const { overrideOptions } = require(${rules});`,
    `const script = require(${from});`,
    `script.options = overrideOptions(script.options || {}, ${asked});`,
    'module.exports = script;',
  ];
  const contents = (script.format === 'esm' ? esm : cjs).join('\n');
  return { contents, resolveDir: script.cwd, sourcefile: 'novaperf-override.js', loader: 'js' };
}
