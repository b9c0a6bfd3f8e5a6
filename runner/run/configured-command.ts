// The command that ProjectConfig names for a profile becomes what to run: scenarios of ours, or a k6 script with its flags.

import { parse } from 'shell-quote';
import { PROFILES, type Profile } from '../model/plan.ts';
import { UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';

export type ConfiguredCommand =
  /** One of our npm scripts, or novaperf itself: the usual run of that profile. */
  | { readonly kind: 'ours'; readonly profile: Profile; readonly names: readonly string[] }
  /** A k6 command: the script runs under the toolkit with these flags and variables. */
  | {
      readonly kind: 'k6';
      readonly script: string;
      readonly k6Args: readonly string[];
      readonly variables: Readonly<Record<string, string>>;
      /** Flags that were left out, a sentence each. */
      readonly warnings: readonly string[];
    };

/** Flags of `k6 run` that stand alone; every other flag takes a value (k6 v2.2.0, `k6 run --help`). */
const STAND_ALONE: ReadonlySet<string> = new Set([
  '--discard-response-bodies',
  '--include-system-env-vars',
  '--insecure-skip-tls-verify',
  '--linger',
  '--no-color',
  '--no-connection-reuse',
  '--no-cookies-reset',
  '--no-setup',
  '--no-summary',
  '--no-teardown',
  '--no-thresholds',
  '--no-usage-report',
  '--no-vu-connection-reuse',
  '--paused',
  '--profiling-enabled',
  '--quiet',
  '-q',
  '--throw',
  '-w',
  '--verbose',
  '-v',
]);
/** The toolkit sets these itself, or does their work. */
const OURS: ReadonlySet<string> = new Set([
  '--address',
  '-a',
  '--linger',
  '--log-format',
  '--log-output',
  '--no-summary',
  '--no-thresholds',
  '--out',
  '-o',
  '--paused',
  '--quiet',
  '-q',
  '--summary-export',
  '--summary-mode',
  '--summary-time-unit',
  '--summary-trend-stats',
]);

/**
 * Reads a command such as `npm run perf:load`, `npx novaperf run checkout`, or `X=1 k6 run script.js --vus 10 -e KEY=value`.
 * Nothing is handed to a shell. Throws a UserError that names `where` for anything else, pipes and redirections included.
 */
export function readCommand(command: string, profile: Profile, where: string): ConfiguredCommand {
  const words: string[] = [];
  for (const part of parse(command, (name) => process.env[name] ?? '')) {
    if (typeof part === 'string') words.push(part);
    else if ('pattern' in part) words.push(part.pattern);
    else if ('comment' in part) break;
    else throw notUnderstood(command, where, `"${part.op}"`);
  }
  const variables: Record<string, string> = {};
  while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) addVariable(variables, words.shift() ?? '');
  if (words[0] === 'npx') words.shift();
  const program = (words.shift() ?? '').replace(/^.*[\\/]/, '').replace(/\.exe$/, '');
  const verb = words.shift();
  if (program === 'k6' && verb === 'run') return k6Command(words, variables, command, where);
  if (program === 'novaperf' && verb === 'run')
    return { kind: 'ours', profile, names: words.filter((word) => !word.startsWith('-')) };
  if (program === 'npm' && verb === 'run') return npmScript(words, command, where);
  throw notUnderstood(command, where, `"${program}${verb === undefined ? '' : ` ${verb}`}"`);
}

function npmScript(words: readonly string[], command: string, where: string): ConfiguredCommand {
  const script = words.find((word) => !word.startsWith('-')) ?? '';
  const profile = PROFILES.find((known) => script === `perf:${known}`);
  if (profile === undefined) throw notUnderstood(command, where, `the npm script "${script}"`, script);
  return { kind: 'ours', profile, names: [] };
}

function k6Command(
  words: readonly string[],
  variables: Record<string, string>,
  command: string,
  where: string,
): ConfiguredCommand {
  const k6Args: string[] = [];
  const warnings: string[] = [];
  let script: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') {
      if (script === undefined) script = word;
      continue;
    }
    const [flag = '', inline] = split(word);
    const value = inline ?? (STAND_ALONE.has(flag) ? undefined : words[++at]);
    if (flag === '-e' || flag === '--env') addVariable(variables, value ?? '');
    else if (OURS.has(flag))
      warnings.push(`${flag} of the configured command is left out: the toolkit sees to it itself`);
    else k6Args.push(flag, ...(value === undefined ? [] : [value]));
  }
  if (script === undefined || script === '-') throw notUnderstood(command, where, 'no script after k6 run');
  return { kind: 'k6', script, k6Args, variables, warnings };
}

function split(word: string): [flag: string, value: string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function addVariable(variables: Record<string, string>, assignment: string): void {
  const equals = assignment.indexOf('=');
  const name = equals < 0 ? assignment : assignment.slice(0, equals);
  // As k6 does: a name alone takes its value from the environment.
  variables[name] = equals < 0 ? (process.env[name] ?? '') : assignment.slice(equals + 1);
}

function notUnderstood(command: string, where: string, found: string, script?: string): UserError {
  const [near] =
    script === undefined
      ? []
      : nearest(
          script,
          PROFILES.map((profile) => `perf:${profile}`),
        );
  return new UserError(
    `Expected a command such as "npm run perf:load" or "k6 run script.js --vus 10 -e KEY=value", found ${found} in "${command}".`,
    {
      where,
      next:
        near === undefined ? 'mend the command; novaperf config check looks again' : `did you mean npm run ${near}?`,
    },
  );
}

const AS_ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ['--vus', 'K6_VUS'],
  ['-u', 'K6_VUS'],
  ['--duration', 'K6_DURATION'],
  ['-d', 'K6_DURATION'],
  ['--iterations', 'K6_ITERATIONS'],
  ['-i', 'K6_ITERATIONS'],
  ['--stage', 'K6_STAGES'],
  ['-s', 'K6_STAGES'],
]);

/** The load flags of a k6 command as K6_ variables: `k6 inspect` has no such flags, and the plan must be of the real load. */
export function loadEnvironment(k6Args: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (let at = 0; at < k6Args.length; at++) {
    const name = AS_ENVIRONMENT.get(k6Args[at] ?? '');
    if (name === undefined) continue;
    const value = k6Args[at + 1] ?? '';
    env[name] = name === 'K6_STAGES' && env[name] !== undefined ? `${env[name]},${value}` : value;
  }
  return env;
}
