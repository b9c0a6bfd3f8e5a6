// The environment for k6: the user's, without K6_ variables that would change what novaperf measures or reads.

import { isSecretVariable, passwordsIn } from '../text/secret-values.ts';
import { furtherOutputs } from './outputs.ts';

/** Variables that k6 must not get, with the reason shown to the user. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['K6_OUT', "novaperf reads k6's stdout; only outputs that write elsewhere are kept"],
  ['K6_WEB_DASHBOARD', 'the dashboard keeps every sample in memory and keeps k6 running while a browser shows it'],
  ['K6_SUMMARY_MODE', 'novaperf writes the report'],
  ['K6_SUMMARY_EXPORT', 'k6 makes no summary under novaperf; the figures are in result.json'],
  ['K6_NO_SUMMARY', 'novaperf writes the report'],
  ['K6_NO_THRESHOLDS', 'novaperf evaluates the thresholds'],
  ['K6_LOG_OUTPUT', "novaperf reads k6's log from stderr and writes it to k6.log"],
  ['K6_LOG_FORMAT', "novaperf reads k6's log as JSON and writes it to k6.log"],
  ['K6_LINGER', 'k6 would not exit after the run'],
  ['K6_PAUSED', 'k6 would wait until it is resumed'],
  ['K6_TYPE', 'novaperf passes k6 a bundled script'],
]);

/** k6 ignores empty and false values, so they need no note. */
function changesNothing(value: string): boolean {
  return value === '' || /^(false|f|0)$/i.test(value);
}

/**
 * Returns the environment for k6, and one note for each removed variable, for terminal and report. K6_ variables that
 * shape load or requests (K6_VUS, K6_TAGS, K6_HTTP_DEBUG, …) are kept: `k6 inspect` gets them too.
 */
export function k6Environment(
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): { env: NodeJS.ProcessEnv; notes: readonly string[] } {
  const notes: string[] = [];
  const passed: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(env)) {
    const reason = LEFT_OUT.get(name);
    if (reason === undefined) passed[name] = value;
    else if (name === 'K6_OUT' && furtherOutputs(env, args).leftOut.length === 0) continue;
    else if (value !== undefined && !changesNothing(value)) {
      // Not the value: K6_OUT may contain the password of a database.
      const howFar = name === 'K6_OUT' && furtherOutputs(env, args).passed.length > 0 ? 'only in part' : 'not';
      notes.push(`${name} is set, but ${howFar} passed on to k6: ${reason}`);
    }
  }
  // A variable, because `inspect` and `version` have no flag for it.
  passed.K6_NO_USAGE_REPORT = 'true';
  return { env: passed, notes };
}

/** Variables that k6 or Go's runtime read: in the environment they would change k6, not only the script. */
const READ_BY_K6 =
  /^(K6_|GO(DEBUG|GC|MEMLIMIT|MAXPROCS|TRACEBACK|COVERDIR|RACE)$|SSL_CERT_|XDG_|SSLKEYLOGFILE$|PATH$|HOME$|TMPDIR$|LOCALDOMAIN$|RES_OPTIONS$|NO_COLOR$|(https?|no|all)_proxy$)/i;

/** How the script's variables are passed to k6. */
export interface ScriptVariables {
  /** Environment of the process, including the variables. */
  readonly env: NodeJS.ProcessEnv;
  /** The user's flags, preceded by those that pass the other variables. */
  readonly args: readonly string[];
  /** A statement to put in front of the script, without a line break; empty if none is needed. */
  readonly prelude: string;
  /** Names of secrets that can only be passed as an argument. */
  readonly exposed: readonly string[];
}

/**
 * True if the user hides the system's environment from scripts. As in k6, a flag wins over the variable, and the last
 * flag over others.
 */
export function hidesEnvironment(env: NodeJS.ProcessEnv, args: readonly string[]): boolean {
  const [, flag] = args.flatMap((word) => /^--include-system-env-vars(?:=(.*))?$/.exec(word) ?? []).slice(-2);
  const isGiven = args.some((word) => word.startsWith(INCLUDE));
  return /^(false|f|0)$/i.test(isGiven ? (flag ?? 'true') : (env.K6_INCLUDE_SYSTEM_ENV_VARS ?? ''));
}

const INCLUDE = '--include-system-env-vars';

/**
 * Passes the script's variables in k6's environment, because every user of the machine can read arguments in the
 * process list. Variables that k6 itself would read are passed as `-e NAME=value`, unless they are secret: keys and
 * passwords shape no load. If the user hides the environment from scripts, the variables are put into the script, which
 * k6 reads from stdin. An archive or URL (`hasCode` is false) cannot be changed, so there they have to be arguments. k6
 * itself rejects a name that is not an identifier.
 */
export function scriptVariables(
  variables: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
  hasCode = true,
): ScriptVariables {
  const entries = Object.entries(variables);
  const isHidden = hidesEnvironment(env, args);
  if (isHidden && hasCode)
    return { env, args, prelude: entries.length === 0 ? '' : variablesInScript(entries), exposed: [] };
  const isSecret = ([name, value]: [string, string]) => isSecretVariable(name, value) || passwordsIn(value).length > 0;
  const asFlag = (entry: [string, string]) => isHidden || (READ_BY_K6.test(entry[0]) && !isSecret(entry));
  const flags = entries.filter(asFlag).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return {
    env: { ...env, ...Object.fromEntries(entries.filter((entry) => !asFlag(entry))) },
    args: [...flags, ...args],
    prelude: '',
    exposed: isHidden ? entries.filter(isSecret).map(([name]) => name) : [],
  };
}

/** A setter, because k6 assigns __ENV again when a VU starts its iterations, with the scenario's own `env`. */
function variablesInScript(variables: ReadonlyArray<[name: string, value: string]>): string {
  return `{const given=Object.fromEntries(${JSON.stringify(variables)}),first=__ENV;let env;Object.defineProperty(globalThis,"__ENV",{configurable:true,enumerable:true,get:()=>env,set:(own)=>{env={...given,...own}}});globalThis.__ENV=first}`;
}
