// Flags of `k6 run` from a user (after --, or in a configured command) become the flags for k6 and the script's variables, or are
// rejected because novaperf sets them.

import { resolve } from 'node:path';
import { takesStdout } from '../../k6/outputs.ts';
import { UserError } from '../../system/errors.ts';
import { flagArguments, readFlagWords } from './k6-flag-words.ts';

const STREAM = 'it would change the stream that novaperf reads';
const LOG = 'novaperf reads the log of k6';
const SUMMARY = 'novaperf writes the report';
const END = 'k6 would not end by itself';
/** Rejected flags, and why. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['--address', 'novaperf does not use the REST API of k6'],
  ['--linger', END],
  ['--paused', END],
  ['--log-format', LOG],
  ['--log-output', LOG],
  ['--no-color', LOG],
  ['--no-summary', SUMMARY],
  ['--summary-export', SUMMARY],
  ['--summary-mode', SUMMARY],
  ['--summary-time-unit', SUMMARY],
  ['--summary-trend-stats', SUMMARY],
  ['--no-thresholds', 'novaperf judges the thresholds'],
  ['--no-usage-report', 'novaperf sets it'],
  ['--quiet', 'novaperf sets it'],
  ['--help', 'it runs nothing'],
  ['--type', 'novaperf gives k6 a bundled script'],
]);

/** The flags of a k6 command line. */
export interface K6Flags {
  /** Words that are neither flags nor values. */
  readonly operands: readonly string[];
  /** With long names, each value after its flag. Paths are absolute, because k6 runs in the script's folder. */
  readonly k6Args: readonly string[];
  /** Variables of the script set by -e. */
  readonly variables: Readonly<Record<string, string>>;
  readonly refused: ReadonlyArray<{ readonly flag: string; readonly why: string }>;
}

/** Reads words of a command line; relative paths start in `folder`. */
export function readK6Flags(words: readonly string[], folder = process.cwd()): K6Flags {
  const operands: string[] = [];
  const k6Args: string[] = [];
  const variables: Record<string, string> = {};
  const refused: Array<{ flag: string; why: string }> = [];
  for (const word of readFlagWords(words)) {
    if ('operand' in word) {
      operands.push(word.operand);
      continue;
    }
    const { flag, value, written } = word;
    // A flag without a value may have =false.
    const isOff = value !== undefined && /^(false|f|0)$/i.test(value);
    const why = isOff ? undefined : (REFUSED.get(flag) ?? (flag === '--out' ? whyNotOut(value ?? '') : undefined));
    if (flag === '--env') addVariable(variables, value ?? '');
    else if (why !== undefined) refused.push({ flag: flag === '--out' ? `${written} ${value}` : written, why });
    else k6Args.push(...flagArguments(flag, value === undefined ? undefined : absolute(flag, value, folder)));
  }
  return { operands, k6Args, variables, refused };
}

/** The flags after -- of a call. Throws a UserError for a rejected flag, and for a word that is not a flag. */
export function givenK6Flags(words: readonly string[]): K6Flags {
  const flags = readK6Flags(words);
  const [refused] = flags.refused;
  if (refused !== undefined) {
    throw new UserError(`${refused.flag} cannot be passed to k6: ${refused.why}.`, {
      next: 'remove it; novaperf run --help lists the flags of novaperf',
    });
  }
  const [operand] = flags.operands;
  if (operand !== undefined) {
    throw new UserError(`Expected flags of k6 run after --, found "${operand}".`, {
      next: 'put scenarios before --, as in novaperf run checkout -- --tag team=a',
    });
  }
  return flags;
}

/** Why an output is rejected: stdout belongs to our output; others may write files or send elsewhere. */
function whyNotOut(value: string): string | undefined {
  return takesStdout(value) ? STREAM : undefined;
}

function absolute(flag: string, value: string, folder: string): string {
  switch (flag) {
    case '--config':
    case '--console-output':
      return resolve(folder, value);
    case '--secret-source':
      return absoluteSecretSource(value, folder);
    case '--out':
      return absoluteOutput(value, folder);
    default:
      return value;
  }
}

/** An output with an absolute file: `json=x.json`, `csv=x.csv`, `csv=fileName=x.csv,timeFormat=rfc3339`; others have no file. */
function absoluteOutput(value: string, folder: string): string {
  if (takesStdout(value)) return value;
  const [type = '', config = ''] = value.split(/=(.*)/s);
  if (config === '' || (type !== 'json' && type !== 'csv')) return value;
  if (type === 'json' || !config.includes('=')) return `${type}=${resolve(folder, config)}`;
  return `${type}=${config.replace(/(^|,)fileName=([^,]+)/, (_, before, path) => `${before}fileName=${resolve(folder, path)}`)}`;
}

/**
 * A secret source with an absolute path: `file=secrets.env`, `file=name=x,default,filename=secrets.env`, `url=config=vault.json`.
 * Other kinds have no path.
 */
function absoluteSecretSource(value: string, folder: string): string {
  const [kind = '', config] = value.split(/=(.*)/s);
  const key = SECRET_PATHS.get(kind);
  if (key === undefined || config === undefined) return value;
  const parts = config.split(',').map((part) => {
    const [name = '', path] = part.split(/=(.*)/s);
    if (path !== undefined) return name === key ? `${name}=${resolve(folder, path)}` : part;
    return kind === 'file' && part !== 'default' && part !== '' ? resolve(folder, part) : part;
  });
  return `${kind}=${parts.join(',')}`;
}

/** The setting with a path, by kind of source. */
const SECRET_PATHS: ReadonlyMap<string, string> = new Map([
  ['file', 'filename'],
  ['url', 'config'],
]);

/** The environment with absolute paths in k6's variables, because k6 runs in the script's folder and not in the user's. */
export function withAbsolutePaths(env: NodeJS.ProcessEnv, folder = process.cwd()): NodeJS.ProcessEnv {
  const path = (name: string) => {
    const value = env[name];
    return value === undefined || value === '' ? {} : { [name]: resolve(folder, value) };
  };
  // `-` is stdout.
  const csvFile = env.K6_CSV_FILENAME === '-' ? {} : path('K6_CSV_FILENAME');
  const secrets = env.K6_SECRET_SOURCE;
  const outputs = env.K6_OUT?.split(',').map((output) => absoluteOutput(output, folder));
  return {
    ...env,
    ...path('K6_CONFIG'),
    ...path('K6_CONSOLE_OUTPUT'),
    ...csvFile,
    ...(outputs === undefined ? {} : { K6_OUT: outputs.join(',') }),
    ...(secrets === undefined ? {} : { K6_SECRET_SOURCE: absoluteSecretSource(secrets, folder) }),
  };
}

/** Adds `NAME=value`; as in k6, a name alone gets an empty value only if the environment has none. */
export function addVariable(variables: Record<string, string>, assignment: string): void {
  const equals = assignment.indexOf('=');
  const name = equals < 0 ? assignment : assignment.slice(0, equals);
  variables[name] = equals < 0 ? (process.env[name] ?? '') : assignment.slice(equals + 1);
}

/** Flags that set an option, with k6's variable for the same option. */
const AS_ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ['--batch', 'K6_BATCH'],
  ['--batch-per-host', 'K6_BATCH_PER_HOST'],
  ['--blacklist-ip', 'K6_BLACKLIST_IPS'],
  ['--block-hostnames', 'K6_BLOCK_HOSTNAMES'],
  ['--compatibility-mode', 'K6_COMPATIBILITY_MODE'],
  ['--discard-response-bodies', 'K6_DISCARD_RESPONSE_BODIES'],
  ['--dns', 'K6_DNS'],
  ['--duration', 'K6_DURATION'],
  ['--http-debug', 'K6_HTTP_DEBUG'],
  ['--insecure-skip-tls-verify', 'K6_INSECURE_SKIP_TLS_VERIFY'],
  ['--iterations', 'K6_ITERATIONS'],
  ['--local-ips', 'K6_LOCAL_IPS'],
  ['--max-redirects', 'K6_MAX_REDIRECTS'],
  ['--min-iteration-duration', 'K6_MIN_ITERATION_DURATION'],
  ['--no-connection-reuse', 'K6_NO_CONNECTION_REUSE'],
  ['--no-setup', 'K6_NO_SETUP'],
  ['--no-teardown', 'K6_NO_TEARDOWN'],
  ['--no-vu-connection-reuse', 'K6_NO_VU_CONNECTION_REUSE'],
  ['--rps', 'K6_RPS'],
  ['--stage', 'K6_STAGES'],
  ['--system-tags', 'K6_SYSTEM_TAGS'],
  ['--throw', 'K6_THROW'],
  ['--user-agent', 'K6_USER_AGENT'],
  ['--vus', 'K6_VUS'],
]);
/** k6 uses all values of these flags, and the last value of the others. */
const LISTS: ReadonlySet<string> = new Set([
  '--blacklist-ip',
  '--block-hostnames',
  '--local-ips',
  '--stage',
  '--system-tags',
]);
/** Default values of flags without a value. */
const ALONE: ReadonlyMap<string, string> = new Map([['--http-debug', 'headers']]);

/** The option flags of `k6 run` as K6_ variables: `k6 inspect` has no such flags, and the plan must be of the real run. */
function optionEnvironment(k6Args: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const word of readFlagWords(k6Args)) {
    if ('operand' in word) continue;
    const { flag, value = ALONE.get(flag) ?? 'true' } = word;
    const name = AS_ENVIRONMENT.get(flag);
    if (name !== undefined) env[name] = LISTS.has(flag) && env[name] !== undefined ? `${env[name]},${value}` : value;
  }
  return env;
}

/** Variables of duration and iterations: in k6, a flag for one of them overrides all of them in environment and script. */
const LENGTHS: readonly string[] = ['K6_DURATION', 'K6_ITERATIONS', 'K6_STAGES'];

/** The environment in which `k6 inspect` sees the options that the flags set in `k6 run`. */
export function inspectEnvironment(env: NodeJS.ProcessEnv, k6Args: readonly string[]): NodeJS.ProcessEnv {
  const flags = optionEnvironment(k6Args);
  const isLength = LENGTHS.some((name) => flags[name] !== undefined);
  const rest = isLength ? Object.fromEntries(Object.entries(env).filter(([name]) => !LENGTHS.includes(name))) : env;
  return { ...rest, ...flags };
}

const AS_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['--execution-segment', 'executionSegment'],
  ['--execution-segment-sequence', 'executionSegmentSequence'],
]);

/** The options of flags that `k6 inspect` has neither as flag nor as variable. */
export function flagOptions(k6Args: readonly string[]): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const tags: [name: string, value: string][] = [];
  for (const word of readFlagWords(k6Args)) {
    if ('operand' in word) continue;
    const { flag, value = '' } = word;
    const name = AS_OPTIONS.get(flag);
    if (name !== undefined) options[name] = value;
    if (flag === '--tag') tags.push([value.split('=', 1)[0] ?? '', value.split(/=(.*)/s)[1] ?? '']);
  }
  // Replaces the tags of the script, as in k6. fromEntries, because `__proto__` is a valid tag.
  return tags.length === 0 ? options : { ...options, tags: Object.fromEntries(tags) };
}

/** The flags of both `k6 inspect` and `k6 run` that change the options. */
export function inspectFlags(k6Args: readonly string[]): string[] {
  return k6Args.flatMap((word, at) => {
    if (word === '--config') return ['--config', k6Args[at + 1] ?? ''];
    return word.startsWith('--include-system-env-vars') ? [word] : [];
  });
}

const LOAD_VARIABLES = ['K6_VUS', 'K6_DURATION', 'K6_ITERATIONS', 'K6_STAGES'];

/** The load variables that are set; in k6 they override the scenarios of a script. */
export function loadVariablesIn(env: NodeJS.ProcessEnv): string[] {
  return LOAD_VARIABLES.filter((name) => (env[name] ?? '') !== '');
}

/** The environment without k6's load variables. */
export function withoutLoadVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LOAD_VARIABLES.includes(name)));
}
