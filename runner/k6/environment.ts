// The user's environment becomes the one k6 gets: all of it, except K6_ variables that would change what novaperf measures or reads.

import { isSecretVariable, passwordsIn } from '../text/secret-values.ts';
import { furtherOutputs } from './outputs.ts';

/** Variables that k6 must not see in a run of ours, each with the reason that the user sees. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['K6_OUT', "the toolkit reads k6's stdout; outputs that write elsewhere run next to it"],
  ['K6_WEB_DASHBOARD', 'the dashboard keeps every sample in memory and holds k6 open while a browser looks at it'],
  ['K6_SUMMARY_MODE', 'the toolkit writes the report'],
  ['K6_SUMMARY_EXPORT', 'k6 makes no summary under the toolkit; result.json holds the figures'],
  ['K6_NO_SUMMARY', 'the toolkit writes the report'],
  ['K6_NO_THRESHOLDS', 'the toolkit judges the thresholds'],
  ['K6_LOG_OUTPUT', "the toolkit reads k6's log from stderr and keeps it in k6.log"],
  ['K6_LOG_FORMAT', "the toolkit reads k6's log as JSON and keeps it in k6.log"],
  ['K6_LINGER', 'k6 would not end by itself'],
  ['K6_PAUSED', 'k6 would wait to be resumed'],
  ['K6_TYPE', 'the toolkit hands k6 a bundled script'],
]);

/** Empty and false values change nothing in k6, so there is no note about them. */
function changesNothing(value: string): boolean {
  return value === '' || /^(false|f|0)$/i.test(value);
}

/**
 * The environment for k6, and one note per variable that was left out of it though it was set: for the terminal and the report.
 * K6_ variables that shape the load or the requests (K6_VUS, K6_TAGS, K6_HTTP_DEBUG, …) pass: `k6 inspect` sees them as well.
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
      // Not its value: K6_OUT may hold the password of a database.
      const howFar = name === 'K6_OUT' && furtherOutputs(env, args).passed.length > 0 ? 'only in part' : 'not';
      notes.push(`${name} is set, but ${howFar} passed on to k6: ${reason}`);
    }
  }
  // Also for `inspect` and `version`, which have no flag for it.
  passed.K6_NO_USAGE_REPORT = 'true';
  return { env: passed, notes };
}

/** What k6 itself or Go's runtime reads from the environment: given there, it would change k6 and not only the script. */
const READ_BY_K6 =
  /^(K6_|GO(DEBUG|GC|MEMLIMIT|MAXPROCS|TRACEBACK|COVERDIR|RACE)$|SSL_CERT_|XDG_|SSLKEYLOGFILE$|PATH$|HOME$|TMPDIR$|LOCALDOMAIN$|RES_OPTIONS$|NO_COLOR$|(https?|no|all)_proxy$)/i;

/** How the script's variables reach k6. */
export interface ScriptVariables {
  /** The environment of the process, the variables in it. */
  readonly env: NodeJS.ProcessEnv;
  /** In place of the user's own flags: with those that give k6 the other variables. */
  readonly args: readonly string[];
  /** A statement to stand in front of the script, without a line break; empty where none is needed. */
  readonly prelude: string;
  /** Names of secrets that nothing but an argument can bring to k6. */
  readonly exposed: readonly string[];
}

/** Whether the user keeps the system's environment from scripts. As in k6, a flag wins over the variable, the last one over others. */
export function hidesEnvironment(env: NodeJS.ProcessEnv, args: readonly string[]): boolean {
  const [, flag] = args.flatMap((word) => /^--include-system-env-vars(?:=(.*))?$/.exec(word) ?? []).slice(-2);
  const isGiven = args.some((word) => word.startsWith(INCLUDE));
  return /^(false|f|0)$/i.test(isGiven ? (flag ?? 'true') : (env.K6_INCLUDE_SYSTEM_ENV_VARS ?? ''));
}

const INCLUDE = '--include-system-env-vars';

/**
 * Variables reach the script by k6's environment, as a process list shows every argument to everybody on the machine. Only those
 * that k6 itself would read there are given as `-e NAME=value`, unless they are secret: keys and passwords shape no load.
 * Where the user keeps the environment from scripts, the variables stand in the script, which k6 reads from stdin. k6 gets an archive or
 * a URL (`hasCode` is false) as it is: there they have to be arguments.
 * Throws nothing: k6 itself refuses a name that is no identifier.
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

/** A setter, as k6 sets __ENV again when a VU starts its iterations, then with what the scenario's own `env` says. */
function variablesInScript(variables: ReadonlyArray<[name: string, value: string]>): string {
  return `{const given=Object.fromEntries(${JSON.stringify(variables)}),first=__ENV;let env;Object.defineProperty(globalThis,"__ENV",{configurable:true,enumerable:true,get:()=>env,set:(own)=>{env={...given,...own}}});globalThis.__ENV=first}`;
}
