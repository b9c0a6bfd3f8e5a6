// A script → the file of k6's JSON output that real k6 records of it.

import { join } from 'node:path';
import type { K6 } from '../runner/k6/find.ts';
import { k6Command } from '../runner/k6/launch.ts';
import { K6_SCRIPTS } from './compile.ts';
import { runCounted } from './counted.ts';
import { flagsOf } from './script-variables.ts';

export interface Recording {
  readonly k6: K6;
  readonly folder: string;
  /** Of bench/scripts/. */
  readonly script: string;
  /** What the script reads from `__ENV`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of the file, below `folder`. */
  readonly name: string;
}

/** The path of the file. */
export async function recordJson({ k6, folder, script, variables, name }: Recording): Promise<string> {
  const path = join(folder, name);
  const [command, ...flags] = k6Command({ k6, variables: {}, args: flagsOf(variables), stream: 'samples' });
  const args = flags.map((flag) => (flag === 'json=-' ? `json=${path}` : flag)).slice(0, -1);
  const { exitCode, stderr } = await runCounted({ stages: [[command, ...args, join(K6_SCRIPTS, script)]] }, folder);
  if (exitCode !== 0) throw new Error(`Expected k6 to record ${path}, it ended with ${exitCode}:\n${stderr}`);
  return path;
}
