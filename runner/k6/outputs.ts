// The outputs of a run: ours on stdout, and next to it those that the user gives as flags or in K6_OUT.

import { NOVAPERF_OUTPUT } from './version.ts';

const OUT: ReadonlySet<string> = new Set(['--out', '-o']);

/** Whether an output, such as `json` or `csv=-`, would write where ours does, or is ours. */
export function takesStdout(output: string): boolean {
  const [type = '', target] = output.split(/=(.*)/s);
  return target === '-' || type === NOVAPERF_OUTPUT || (type === 'json' && (target === undefined || target === ''));
}

/** Whether K6_OUT of the user takes effect: flags win over it in k6, and what writes to stdout would spoil the stream. */
export function hasFurtherOutputs(env: NodeJS.ProcessEnv, args: readonly string[]): boolean {
  const outputs = env.K6_OUT ?? '';
  return outputs !== '' && !args.some((word) => OUT.has(word)) && !outputs.split(',').some(takesStdout);
}

/**
 * How k6 is told of all outputs. Those of K6_OUT stay in the environment, ours in front: they may hold passwords, which a process list
 * would show. Ours is the first in any case: it takes k6 to the user's folder before others open their files.
 */
export function outputs(
  ours: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): { readonly flags: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  if (!hasFurtherOutputs(env, args)) return { flags: ['--out', ours], env: {} };
  return { flags: [], env: { K6_OUT: `${ours},${env.K6_OUT}` } };
}
