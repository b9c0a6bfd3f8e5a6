// Reads a script's options by running `k6 inspect`: scenarios, thresholds, ext and total duration.

import { z } from 'zod';
import { describeK6Exit, K6_EXIT } from '../model/k6-exit-codes.ts';
import { namedRecord } from '../model/named-record.ts';
import type { ScriptThreshold } from '../model/plan.ts';
import { type Captured, capture } from '../system/capture.ts';
import { durationMs } from '../system/duration.ts';
import { UserError } from '../system/errors.ts';
import { EXIT } from '../system/exit-codes.ts';
import { parseJson } from '../system/json.ts';
import { k6Environment, scriptVariables } from './environment.ts';
import { BUNDLE_FILE, parseStack, placeOf } from './exceptions.ts';
import type { K6 } from './find.ts';
import { type LogEntry, LogReader } from './log.ts';
import { notExecutable } from './version.ts';

/** A bundled script. k6 reads it from stdin, so that relative paths start at `cwd`. */
export interface K6Script {
  /** JavaScript with an inline source map. */
  readonly code: string;
  /** Folder of the original script. */
  readonly cwd: string;
  /** Absolute path of the original script, for messages. */
  readonly scriptPath: string;
  /** The path of an archive or a URL that k6 gets instead of `-` and the code. */
  readonly operand?: string | undefined;
}

/** A duration in k6's JSON, converted to milliseconds. */
const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = typeof value === 'number' ? value : durationMs(value);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `expected a duration such as "10m30s", got "${value}"` });
  return z.NEVER;
});

const threshold = z.union([
  z.string().transform((text) => ({ expression: text, abortOnFail: false, delayAbortEvalMs: 0 })),
  z
    .looseObject({
      threshold: z.string(),
      abortOnFail: z.boolean().nullish(),
      delayAbortEval: duration.nullish(),
    })
    .transform((value) => ({
      expression: value.threshold,
      abortOnFail: value.abortOnFail ?? false,
      delayAbortEvalMs: value.delayAbortEval ?? 0,
    })),
]);

/** The output of `k6 inspect --execution-requirements`: lib.Options, totalDuration and maxVUs. null: not set. */
export const inspectedSchema = z.looseObject({
  scenarios: namedRecord(z.looseObject({ executor: z.string() })).nullish(),
  thresholds: namedRecord(z.array(threshold)).nullish(),
  ext: namedRecord(z.unknown()).nullish(),
  totalDuration: duration,
  maxVUs: z.number().int().nonnegative(),
});

/** What `k6 inspect` reported. */
export interface Inspected {
  /** The options as k6 prints them; unset fields are null. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly scenarios: Readonly<Record<string, { readonly executor: string } & Readonly<Record<string, unknown>>>>;
  readonly thresholds: readonly ScriptThreshold[];
  readonly ext: Readonly<Record<string, unknown>>;
  /** Including graceful stops; 0 for a script that runs nothing. */
  readonly totalDurationMs: number;
  readonly maxVUs: number;
  /** What k6 logged: its warnings, and console.log of the script's top level. */
  readonly log: readonly LogEntry[];
}

/** Default time limit for loading a script. */
const INSPECT_TIMEOUT_MS = 30_000;

/**
 * Runs `k6 inspect` on a script and returns its options. As in a run, the script's __ENV has `variables` and the
 * environment of the process. Throws a UserError if the script throws while it loads (with message and place in the
 * TypeScript), if k6 rejects its options, if it does not load within `timeoutMs`, or if k6's output cannot be parsed.
 * `env` replaces the environment of the process, for load set by K6_ variables. `args`: flags that `k6 inspect`
 * accepts, such as --config.
 */
export async function inspectScript(
  k6: K6,
  script: K6Script,
  variables: Readonly<Record<string, string>>,
  options: { readonly timeoutMs?: number; readonly env?: NodeJS.ProcessEnv; readonly args?: readonly string[] } = {},
): Promise<Inspected> {
  const { timeoutMs = INSPECT_TIMEOUT_MS, args = [] } = options;
  const { env } = k6Environment(options.env ?? process.env);
  const answer = await askAsRunWould(k6, script, variables, env, timeoutMs, args);
  const log = readLog(answer.stderr);
  if (answer.timedOut) {
    throw new UserError(`Expected k6 to load the script within ${timeoutMs / 1000} s, found it still loading.`, {
      where: script.scriptPath,
      next: 'for large files, raise load_timeout in novaperf.config or testing.performance; otherwise check the init code for endless loops',
    });
  }
  if (answer.exitCode !== 0) throw refusal(answer, log, script, k6);
  const stdout = answer.stdout;
  // console.log of the script goes to stderr, so stdout is one JSON document.
  const json = parseJson(stdout);
  if (json === undefined) throw garbage(k6, stdout, 'no JSON', undefined);
  const parsed = inspectedSchema.safeParse(json);
  const fields = namedRecord(z.unknown()).safeParse(json);
  if (!parsed.success || !fields.success) {
    throw garbage(k6, stdout, z.prettifyError(parsed.error ?? new z.ZodError([])), parsed.error);
  }
  const { totalDuration: _total, maxVUs, ...plainOptions } = fields.data;
  return {
    options: plainOptions,
    scenarios: parsed.data.scenarios ?? {},
    thresholds: Object.entries(parsed.data.thresholds ?? {}).flatMap(([metric, list]) =>
      list.map((entry) => ({ metric, ...entry })),
    ),
    ext: parsed.data.ext ?? {},
    totalDurationMs: parsed.data.totalDuration,
    maxVUs: parsed.data.maxVUs,
    log,
  };
}

/** Imports in esbuild's output: one per line, or a call of require. */
const EXTENSION_IMPORT = /^import\b.*["'](k6\/x\/[^"']+)["'];?$|\brequire\(["'](k6\/x\/[^"']+)["']\)/gm;

/**
 * The error for an extension that the script imports but this k6 does not have and could not download. undefined if no
 * extension is missing or the user chose the k6.
 */
export function missingExtension({ imports, origin }: K6, { code, scriptPath }: K6Script): UserError | undefined {
  if (imports === undefined || origin === 'flag' || origin === 'env') return undefined;
  const wanted = [...code.matchAll(EXTENSION_IMPORT)].map(([, imported, required]) => imported ?? required ?? '');
  const missing = wanted.find((name) => !imports.includes(name));
  if (missing === undefined) return undefined;
  const name = missing.slice('k6/x/'.length).split('/')[0];
  const has = imports.length === 0 ? 'no extension' : imports.join(', ');
  return new UserError(`Expected the k6 extension ${missing}, which the script imports, found ${has}.`, {
    where: scriptPath,
    next: `add the module and version to novaperf.config.ts, extensions: ['github.com/grafana/xk6-${name}@v1.2.3'], or give a k6 with the extension with --k6`,
  });
}

/** The fields in the output of plain `k6 inspect` that show whether a script sets VUs. */
const bareOptionsSchema = z.looseObject({ vus: z.number().nullish(), scenarios: z.unknown().optional() });

/**
 * Inspects with the default of `k6 run`. `k6 run` has the flag --vus with default 1; `k6 inspect
 * --execution-requirements` does not and rejects `{ iterations: 10 }` or `{ duration: '1m' }`, which k6 runs (v2.2.0:
 * "the number of VUs must be more than 0"). Plain `k6 inspect` prints unchecked options, which show whether the script
 * sets VUs. If not, K6_VUS overrides nothing.
 */
async function askAsRunWould(
  k6: K6,
  script: K6Script,
  variables: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
  args: readonly string[],
): Promise<Captured> {
  const required = ['--execution-requirements', ...args];
  const answer = await ask(k6, script, required, variables, env, timeoutMs);
  const lacksVUs = answer.exitCode !== 0 && answer.stderr.includes('the number of VUs must be more than 0');
  if (!lacksVUs || env.K6_VUS !== undefined) return answer;
  const bare = await ask(k6, script, args, variables, env, timeoutMs);
  const options = bareOptionsSchema.safeParse(parseJson(bare.stdout));
  if (!options.success || options.data.vus != null || options.data.scenarios != null) return answer;
  const again = await ask(k6, script, required, variables, { ...env, K6_VUS: '1' }, timeoutMs);
  return again.exitCode === 0 ? again : answer;
}

async function ask(
  k6: K6,
  script: K6Script,
  questions: readonly string[],
  variables: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<Captured> {
  // `k6 run` passes the system's environment to the script by default, `k6 inspect` does not.
  const systemEnvironment = env.K6_INCLUDE_SYSTEM_ENV_VARS === undefined ? ['--include-system-env-vars'] : [];
  const given = scriptVariables(variables, env, [...systemEnvironment, ...questions], script.operand === undefined);
  const flags = [...given.args, '--log-format=json', '--log-output=stderr', '--no-color'];
  try {
    return await capture(k6.path, ['inspect', ...flags, script.operand ?? '-'], {
      cwd: script.cwd,
      env: given.env,
      stdin: `${given.prelude}${script.code}`,
      timeoutMs,
    });
  } catch (error) {
    throw notExecutable(k6.path, 'novaperf', error);
  }
}

function readLog(stderr: string): LogEntry[] {
  const entries: LogEntry[] = [];
  const reader = new LogReader((entry) => entries.push(entry));
  reader.push(Buffer.from(stderr));
  reader.end();
  return entries;
}

/** The error for a script that k6 rejects: k6's own message for an exception or a configuration error. */
function refusal(answer: Captured, log: readonly LogEntry[], script: K6Script, k6: K6): UserError {
  // The last error ended k6; earlier ones may be console.error of the script.
  const crash = log.find((entry) => entry.level === 'panic');
  const fatal = crash ?? log.findLast((entry) => entry.source !== 'console' && /^(error|fatal)$/.test(entry.level));
  if (fatal === undefined) {
    const output = answer.stderr.trim().split('\n').slice(-5).join('\n').slice(0, 1000);
    return new UserError(
      `Expected k6 to load the script, found: ${describeK6Exit(answer.exitCode, answer.signal)}\n${output}`.trim(),
      {
        where: script.scriptPath,
      },
    );
  }
  const { message, frames } = parseStack(fatal.message);
  const where = placeOf(frames)?.replace(new RegExp(`^${BUNDLE_FILE}(?=:)`), script.scriptPath) ?? script.scriptPath;
  const text = message
    .replace(/^could not initialize '[^']*': could not load JS test '[^']*': /, '')
    .replaceAll('file:///-', script.scriptPath);
  const isException = answer.exitCode === K6_EXIT.scriptException;
  const isConfiguration = answer.exitCode === K6_EXIT.invalidConfig;
  const lead = isException
    ? 'The script threw an exception while k6 loaded it'
    : isConfiguration
      ? "k6 does not accept the script's options"
      : crash === undefined
        ? 'k6 could not load the script'
        : describeK6Exit(answer.exitCode, answer.signal);
  const extensions = fatal.message.includes('building binary') || log.some((entry) => entry.fields.deps !== undefined);
  const missing = extensions ? missingExtension(k6, script) : undefined;
  if (missing !== undefined) return missing;
  const hint = fatal.hint === undefined || fatal.hint.includes('script exception') ? undefined : fatal.hint;
  const next = extensions
    ? 'the script needs a k6 extension that this k6 does not have: give a k6 with the extension with --k6'
    : hint;
  return new UserError(`${lead}: ${text}`, {
    where,
    ...(next === undefined ? {} : { next }),
    ...(isException ? { exitCode: K6_EXIT.scriptException } : crash === undefined ? {} : { exitCode: EXIT.k6Crashed }),
  });
}

function garbage(k6: K6, stdout: string, reason: string, cause: unknown): UserError {
  const output = stdout.trim() === '' ? 'nothing' : `"${stdout.trim().slice(0, 120).replace(/\s+/g, ' ')}"`;
  return new UserError(`Expected \`k6 inspect\` to print the options of the script, found ${output} (${reason})`, {
    where: k6.path,
    next: 'check with `k6 version` that this is a k6, or omit --k6',
    cause,
  });
}
