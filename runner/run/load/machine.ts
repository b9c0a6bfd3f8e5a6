// The machine of the load generator, for the report.

import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { RunFacts } from '../../model/run.ts';

/** Operating system, processor, usable cores, memory and Node version of this machine. */
export function describeMachine(): RunFacts['machine'] {
  return {
    os: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
  };
}
