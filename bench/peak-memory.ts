// The peak memory of a child process, sampled until it ends.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { readProcessUsage } from '../runner/k6/process-health.ts';

/** Peak resident bytes, sampled every `everyMs`. */
export async function peakResidentBytes(child: ChildProcess, everyMs: number): Promise<number> {
  const ended = once(child, 'exit');
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const usage = child.pid === undefined ? undefined : await readProcessUsage(child.pid);
    peak = Math.max(peak, usage?.residentBytes ?? 0);
    await Promise.race([ended, wait(everyMs)]);
  }
  return peak;
}
