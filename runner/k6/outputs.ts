// The outputs of a run: ours on stdout, and the user's from flags or K6_OUT.

import { NOVAPERF_OUTPUT } from './version.ts';

const OUT: ReadonlySet<string> = new Set(['--out', '-o']);

/**
 * True if an output, such as `json` or `csv=-`, is ours or would also write to stdout. `csvFile`: the file of a csv
 * output that names none.
 */
export function takesStdout(output: string, csvFile = process.env.K6_CSV_FILENAME): boolean {
  const [type = '', target] = output.split(/=(.*)/s);
  return (
    (type === 'csv' && csvFile === '-' && !/^[^=]+$|(^|,)fileName=/.test(target ?? '')) ||
    target === '-' ||
    /(^|,)fileName=-(,|$)/.test(target ?? '') ||
    type === NOVAPERF_OUTPUT ||
    (type === 'json' && (target === undefined || target === ''))
  );
}

/**
 * The outputs of K6_OUT that take effect, and those that do not: in k6 flags win over K6_OUT, and an output on stdout
 * would corrupt the stream.
 */
export function furtherOutputs(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): { readonly passed: readonly string[]; readonly leftOut: readonly string[] } {
  const all = (env.K6_OUT ?? '').split(',').filter((output) => output !== '');
  if (args.some((word) => OUT.has(word))) return { passed: [], leftOut: all };
  const isLeftOut = (output: string) => takesStdout(output, env.K6_CSV_FILENAME ?? '');
  return { passed: all.filter((output) => !isLeftOut(output)), leftOut: all.filter(isLeftOut) };
}

/** Our output and the user's, as k6 gets them. */
export interface Outputs {
  /** All flags except -e: ours, and the user's without those moved to the environment. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * How outputs and secret sources are passed to k6. They may contain passwords, which the process list would show, so
 * they go into the environment: outputs into K6_OUT, unless one contains a comma, the separator there; a secret source
 * into K6_SECRET_SOURCE, unless there are several. Our output is always first, because it changes to the user's folder
 * before others open their files.
 */
export function outputs(ours: string, env: NodeJS.ProcessEnv, args: readonly string[]): Outputs {
  const { args: rest, env: sources } = secretSourceOf(args);
  const { passed } = furtherOutputs(env, rest);
  if (passed.length > 0) return { args: rest, env: { ...sources, K6_OUT: [ours, ...passed].join(',') } };
  const given = valuesOf(OUT, rest);
  if (given.values.length === 0 || given.values.some((value) => value.includes(',')))
    return { args: ['--out', ours, ...rest], env: sources };
  return { args: given.rest, env: { ...sources, K6_OUT: [ours, ...given.values].join(',') } };
}

const SECRET_SOURCE: ReadonlySet<string> = new Set(['--secret-source']);

function secretSourceOf(args: readonly string[]): Outputs {
  const { values, rest } = valuesOf(SECRET_SOURCE, args);
  const [source] = values;
  return values.length === 1 && source !== undefined
    ? { args: rest, env: { K6_SECRET_SOURCE: source } }
    : { args, env: {} };
}

/** Splits the words into the values of these flags (the next word each) and the rest. */
function valuesOf(flags: ReadonlySet<string>, words: readonly string[]): { values: string[]; rest: string[] } {
  const values: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (flags.has(word)) values.push(words[++at] ?? '');
    else rest.push(word);
  }
  return { values, rest };
}
