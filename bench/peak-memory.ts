// A process that has just been started → the most memory that it was seen to hold until it ended.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { readProcessUsage } from '../runner/k6/process-health.ts';

/** Resident bytes, looked at every `everyMs`: no process says its own peak to others. */
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
