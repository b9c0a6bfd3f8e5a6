// The outputs of a run: ours on stdout, and next to it those that the user gives as flags or in K6_OUT.

import { NOVAPERF_OUTPUT } from './version.ts';

const OUT: ReadonlySet<string> = new Set(['--out', '-o']);

/** Whether an output, such as `json` or `csv=-`, would write where ours does, or is ours. */
export function takesStdout(output: string): boolean {
  const [type = '', target] = output.split(/=(.*)/s);
  return (
    target === '-' ||
    /(^|,)fileName=-(,|$)/.test(target ?? '') ||
    type === NOVAPERF_OUTPUT ||
    (type === 'json' && (target === undefined || target === ''))
  );
}

/** Whether K6_OUT of the user takes effect: flags win over it in k6, and what writes to stdout would spoil the stream. */
export function hasFurtherOutputs(env: NodeJS.ProcessEnv, args: readonly string[]): boolean {
  const outputs = env.K6_OUT ?? '';
  return outputs !== '' && !args.some((word) => OUT.has(word)) && !outputs.split(',').some(takesStdout);
}

/** Our output and the user's, as k6 gets them. */
export interface Outputs {
  /** All flags but -e: the user's without those that went into the environment, and ours. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * How k6 gets all outputs, and sources of its secrets. They may hold passwords, which a process list would show, so they go into the
 * environment: outputs into K6_OUT, unless one has a comma in it, which separates them there; a secret source into
 * K6_SECRET_SOURCE, unless there are several. Our output is the first in any case: it takes k6 to the user's folder before others open
 * their files.
 */
export function outputs(ours: string, env: NodeJS.ProcessEnv, args: readonly string[]): Outputs {
  const { args: rest, env: sources } = secretSourceOf(args);
  if (hasFurtherOutputs(env, rest)) return { args: rest, env: { ...sources, K6_OUT: `${ours},${env.K6_OUT}` } };
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

/** The values of these flags, given as the next word, and the other words. */
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
