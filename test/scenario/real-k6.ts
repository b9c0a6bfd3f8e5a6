// Runs scripts with real k6; what it counted, printed and returned comes back as plain data for comparing two runs.

import { dirname } from 'node:path';
import { z } from 'zod';
import type { K6 } from '../../runner/k6/find.ts';
import { capture } from '../../runner/system/capture.ts';

export { realK6 as testK6 } from '../k6/real-k6.ts';

export const K6_BUILD_TIMEOUT_MS = 600_000;

/** A script for k6: a file, or the text of a bundle with its working directory. */
export type Script = { readonly path: string } | { readonly code: string; readonly cwd: string };

export interface K6Run {
  readonly exitCode: number | null;
  /** `http_reqs{name=list,scenario=default,status=200}` → number of samples. */
  readonly samples: ReadonlyMap<string, number>;
  readonly failedChecks: number;
  /** Messages of the log, including console.log, in order. */
  readonly log: readonly string[];
}

const RUN = ['run', '--quiet', '--no-usage-report', '--no-color', '--summary-mode=disabled', '--no-thresholds'];
const KEPT_TAGS = [
  'check',
  'expected_response',
  'group',
  'iteration',
  'method',
  'my_custom_tag',
  'name',
  'scenario',
  'status',
  'suite',
  'tag',
  'text',
];

const pointSchema = z.object({
  type: z.literal('Point'),
  metric: z.string(),
  data: z.object({ value: z.number(), tags: z.record(z.string(), z.string()).nullish() }),
});
const logSchema = z.object({ msg: z.string() });

/** Runs a script to its end and counts its samples by metric and tags. */
export async function runOnK6(k6: K6, script: Script, env: Readonly<Record<string, string>> = {}): Promise<K6Run> {
  const flags = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const args = [...RUN, '--log-format', 'json', '--out', 'json=-', ...flags];
  const { stdout, stderr, exitCode } = await start(k6, script, args);
  const samples = new Map<string, number>();
  let failedChecks = 0;
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const point = pointSchema.safeParse(JSON.parse(line));
    if (!point.success) continue;
    if (point.data.metric === 'checks' && point.data.data.value === 0) failedChecks += 1;
    const tags = KEPT_TAGS.flatMap((tag) => {
      const value = point.data.data.tags?.[tag];
      return value === undefined ? [] : [`${tag}=${value}`];
    });
    const key = `${point.data.metric}{${tags.join(',')}}`;
    samples.set(key, (samples.get(key) ?? 0) + 1);
  }
  return { exitCode, samples, failedChecks, log: messagesOf(stderr) };
}

function messagesOf(stderr: string): string[] {
  return stderr.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return line === '' ? [] : [line];
    return [logSchema.parse(JSON.parse(line)).msg];
  });
}

function start(k6: K6, script: Script, args: readonly string[]) {
  const fromFile = 'path' in script;
  const cwd = fromFile ? dirname(script.path) : script.cwd;
  return capture(k6.path, [...args, fromFile ? script.path : '-'], {
    cwd,
    timeoutMs: 25_000,
    ...(fromFile ? {} : { stdin: script.code }),
  });
}
