// An entry that exports everything of a plain k6 script with another load, or a part of a script with a setup() that runs once for
// several k6 processes.

import { basename } from 'node:path';
import type { Profile } from '../model/plan.ts';
import { ownModule } from './own-modules.ts';
import { IDLE_FUNCTION, WORD_VARIABLE } from './setup-data.ts';

/** Flags of the load; without any, the script's own. */
export interface LoadFlags {
  readonly profile?: Profile | undefined;
  /** As k6 writes it: `90s`, `1h30m`. */
  readonly duration?: string | undefined;
  readonly vus?: number | undefined;
  /** Iterations a second. */
  readonly rate?: number | undefined;
  /** The k6 scenario of a plain script to run. */
  readonly scenario?: string | undefined;
  /** One iteration of everything that the script runs, regardless of other flags, for --verify. */
  readonly trial?: boolean | undefined;
  /** Constant load, for a step of a capacity search. */
  readonly hold?: boolean | undefined;
}

/** Whether a flag changes the script's load, or selects a part of it. */
export function asksForLoad(flags: LoadFlags): boolean {
  const { profile, duration, vus, rate, scenario, trial } = flags;
  return [profile, duration, vus, rate, scenario, trial].some((flag) => flag !== undefined);
}

const RULES = ownModule('scenario/override-options');
const DATA = ownModule('scenario/setup-data');

/**
 * The part of a k6 process if setup() runs once for several: `setup` runs setup() and prints its data; `load` reads the data from its
 * environment, without teardown(); `teardown` runs teardown() with the data.
 */
export type SetupPart = 'setup' | 'load' | 'teardown';

/** How an entry differs from its script. */
export interface Override {
  readonly flags: LoadFlags;
  readonly part?: SetupPart | undefined;
}

/** The source of the entry for an ES module, as esbuild's `stdin` takes it; `script` is the bundle of the script as it is. */
export function overrideEntry(
  script: { readonly cwd: string; readonly scriptPath: string; readonly exports: readonly string[] },
  { flags, part }: Override,
): { contents: string; resolveDir: string; sourcefile: string; loader: 'js' } {
  const from = JSON.stringify(`./${basename(script.scriptPath)}`);
  const load = `overrideOptions(own, ${asked(flags)})`;
  const lines = [
    `import { overrideOptions } from ${JSON.stringify(RULES)};`,
    script.exports.includes('options') ? `import { options as own } from ${from};` : 'const own = {};',
    ...(part === undefined
      ? [`export * from ${from};`, script.exports.includes('default') ? `export { default } from ${from};` : '']
      : [`export { ${keptExports(script.exports, part).join(', ')} } from ${from};`, ...partLines(part)]),
    `export const options = ${part === undefined || part === 'load' ? load : `idleOptions(${load})`};`,
  ];
  return { contents: lines.join('\n'), resolveDir: script.cwd, sourcefile: 'novaperf-override.js', loader: 'js' };
}

/** The exports to keep; without handleSummary() if there is no load. */
function keptExports(names: readonly string[], part: SetupPart): string[] {
  const own: readonly string[] = part === 'load' ? [] : [part];
  const left = ['options', 'setup', 'teardown', ...(part === 'load' ? [] : ['handleSummary'])];
  return names.filter((name) => own.includes(name) || !left.includes(name));
}

const GIVEN = 'export function setup() { return givenData(__ENV); }';
const IDLE = `export function ${IDLE_FUNCTION}() {}`;

function partLines(part: SetupPart): string[] {
  const rules = `import { givenData, idleOptions, printData } from ${JSON.stringify(DATA)};`;
  if (part === 'load') return [rules, GIVEN];
  if (part === 'teardown') return [rules, GIVEN, IDLE];
  const print = `printData(data, __ENV.${WORD_VARIABLE}, (line) => console.log(line));`;
  return [rules, IDLE, `export function teardown(data) { ${print} }`];
}

/** What ends a CommonJS script instead: esbuild does not let another module require one that lies next to "type": "module". */
export function overrideSuffix({ flags, part }: Override): string {
  const rules = `require(${JSON.stringify(RULES)})`;
  const load = `${rules}.overrideOptions(module.exports.options || {}, ${asked(flags)})`;
  if (part === undefined) return `\n;module.exports.options = ${load};`;
  const data = `require(${JSON.stringify(DATA)})`;
  const given = `setup: () => ${data}.givenData(__ENV)`;
  const print = `${data}.printData(data, __ENV.${WORD_VARIABLE}, (line) => console.log(line))`;
  const idle = `options: ${data}.idleOptions(${load}), ${IDLE_FUNCTION}: () => {}`;
  const changed = {
    load: `options: ${load}, ${given}`,
    setup: `${idle}, teardown: (data) => { ${print}; }`,
    teardown: `${idle}, ${given}`,
  };
  // k6 rejects undefined exports; the names must not collide with those of the script.
  const without = part === 'load' ? 'delete all.teardown;' : 'delete all.handleSummary;';
  return `\n;(() => { const all = { ...module.exports, ${changed[part]} }; ${without} module.exports = all; })();`;
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
