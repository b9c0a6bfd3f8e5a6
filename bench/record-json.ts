// Records k6's JSON output of a script with real k6.

import { join } from 'node:path';
import type { K6 } from '../runner/k6/find.ts';
import { k6Command } from '../runner/k6/launch.ts';
import { K6_SCRIPTS } from './compile.ts';
import { runCounted } from './counted.ts';
import { flagsOf } from './script-variables.ts';

/** What to record. */
export interface Recording {
  readonly k6: K6;
  readonly folder: string;
  /** A script of bench/scripts/. */
  readonly script: string;
  /** Variables of the script. */
  readonly variables: Readonly<Record<string, string>>;
  /** Name of the file in `folder`. */
  readonly name: string;
}

/** Records; returns the path of the file. */
export async function recordJson({ k6, folder, script, variables, name }: Recording): Promise<string> {
  const path = join(folder, name);
  const [command, ...flags] = k6Command({ k6, variables: {}, args: flagsOf(variables), stream: 'samples' });
  const args = flags.map((flag) => (flag === 'json=-' ? `json=${path}` : flag)).slice(0, -1);
  const { exitCode, stderr } = await runCounted({ stages: [[command, ...args, join(K6_SCRIPTS, script)]] }, folder);
  if (exitCode !== 0) throw new Error(`Expected k6 to record ${path}, it ended with ${exitCode}:\n${stderr}`);
  return path;
}
