// k6's health goes in window by window; out it comes with the load of the machine that both of us run on.

import { cpus } from 'node:os';
import type { StreamSink } from '../../metrics/sinks/sink.ts';
import { tee } from '../../metrics/sinks/tee.ts';
import { MachineWatch } from '../../system/machine-load.ts';

/** A clock that drifts by less is being disciplined, not set. */
const LEAST_STEP_MS = 100;

/** A sink that hands all to `sink`, health with the machine's load since the last window; and how to stop watching. */
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
