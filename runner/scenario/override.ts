// A plain k6 script and the flags of the command line become an entry that exports the script's all, with another load.

import { basename } from 'node:path';
import type { Profile } from '../model/plan.ts';
import { ownModule } from './own-modules.ts';

/** Flags that say what load to put on; all absent = the script's own. */
export interface LoadFlags {
  readonly profile?: Profile | undefined;
  /** As k6 writes it: `90s`, `1h30m`. */
  readonly duration?: string | undefined;
  readonly vus?: number | undefined;
  /** Iterations a second. */
  readonly rate?: number | undefined;
  /** The only k6 scenario of a plain script that is to run. */
  readonly scenario?: string | undefined;
  /** One iteration of everything that the script runs, whatever else is asked: what --verify does before any load. */
  readonly trial?: boolean | undefined;
  /** The load is held from the first second to the last: a step of a search for capacity. */
  readonly hold?: boolean | undefined;
}

/** Whether a flag asks for another load than the script's own, or for a part of it. */
export function asksForLoad(flags: LoadFlags): boolean {
  const { profile, duration, vus, rate, scenario, trial } = flags;
  return [profile, duration, vus, rate, scenario, trial].some((flag) => flag !== undefined);
}

const RULES = ownModule('scenario/override-options');

/** The source of the entry for an ES module, as esbuild's `stdin` takes it; `script` is the bundle of the script as it is. */
export function overrideEntry(
  script: { readonly cwd: string; readonly scriptPath: string; readonly exports: readonly string[] },
  flags: LoadFlags,
): { contents: string; resolveDir: string; sourcefile: string; loader: 'js' } {
  const from = JSON.stringify(`./${basename(script.scriptPath)}`);
  const lines = [
    `import { overrideOptions } from ${JSON.stringify(RULES)};`,
    script.exports.includes('options') ? `import { options as own } from ${from};` : 'const own = {};',
    `export * from ${from};`,
    script.exports.includes('default') ? `export { default } from ${from};` : '',
    `export const options = overrideOptions(own, ${asked(flags)});`,
  ];
  return { contents: lines.join('\n'), resolveDir: script.cwd, sourcefile: 'novaperf-override.js', loader: 'js' };
}

/** What ends a CommonJS script instead: esbuild does not let another module require one that lies next to "type": "module". */
export function overrideSuffix(flags: LoadFlags): string {
  const rules = `require(${JSON.stringify(RULES)})`;
  return `\n;module.exports.options = ${rules}.overrideOptions(module.exports.options || {}, ${asked(flags)});`;
}

function asked({ profile, duration, vus, rate, scenario, trial, hold }: LoadFlags): string {
  const changesLoad = [profile, duration, vus, rate, trial].some((flag) => flag !== undefined);
  return JSON.stringify({
    profile: changesLoad ? (profile ?? 'load') : undefined,
    duration,
    vus,
    rate,
    scenario,
    trial,
    hold,
  });
}
