// Adds the load of the machine to each window of k6's health.

import { cpus } from 'node:os';
import type { StreamSink } from '../../metrics/sinks/sink.ts';
import { tee } from '../../metrics/sinks/tee.ts';
import { MachineWatch } from '../../system/machine-load.ts';

/** A smaller step is a gradual adjustment of the clock, not a change. */
const LEAST_STEP_MS = 100;

/** A sink that passes everything to `sink`, and adds the machine's load since the last window to health; stop() ends it. */
export function withMachine(sink: StreamSink): { readonly sink: StreamSink; stop(): void } {
  const watch = new MachineWatch(cpus().length);
  return {
    sink: {
      ...tee(sink),
      health(health) {
        const load = watch.take();
        if (load === undefined) return sink.health(health);
        sink.health({
          ...health,
          ...(load.cpuShare === undefined ? {} : { machineCpu: load.cpuShare }),
          ...(load.cores === undefined ? {} : { machineCores: load.cores }),
          ...(load.cpuPressure === undefined ? {} : { machinePressure: load.cpuPressure }),
          ...(load.ownCores === undefined ? {} : { runnerCores: load.ownCores }),
          runnerLagMs: load.loopLagMs,
          ...(Math.abs(load.clockStepMs) < LEAST_STEP_MS ? {} : { clockStepMs: load.clockStepMs }),
        });
      },
    },
    stop: () => watch.stop(),
  };
}
