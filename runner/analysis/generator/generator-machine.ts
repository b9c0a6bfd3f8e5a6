// Judges the load of k6's machine: whether k6 got CPU when it needed it, and what else used the machine.

import type { GeneratorHealth } from '../../model/metrics.ts';
import { duration, percent, significant } from '../../text/format.ts';

export interface MachineVerdict {
  /** `busy`: k6 may have waited for CPU now and then. `saturated`: it waited, and its times are inflated. */
  readonly state: 'free' | 'busy' | 'saturated' | 'unknown';
  /** Why it is busy or saturated, one clause each; also clock changes and a slow runner. */
  readonly reasons: readonly string[];
  readonly cores: number | undefined;
  /** Share of all cores, 0 to 1: average, and the highest level that 3 of 5 consecutive windows reached. */
  readonly cpuAvg: number | undefined;
  readonly cpuSustained: number | undefined;
  /**
   * Share of the time in which a task waited for a CPU, 0 to 1; the highest level that 3 of 5 consecutive windows
   * reached.
   */
  readonly pressureSustained: number | undefined;
  /** Average of the cores used by neither k6 nor the runner: other programs, including an SUT on this machine. */
  readonly otherCoresAvg: number | undefined;
  readonly runnerLagMaxMs: number | undefined;
  /** Sum of all clock changes; undefined: none, or not known. */
  readonly clockStepMs: number | undefined;
}

/**
 * On two cores with a load of 15, k6's own figures looked good but p95 was up to 265 % too high: a k6 that waits for a
 * CPU uses little of it, and Go's scheduler does not see that its threads wait. So the machine has its own limits.
 */
export const MACHINE_LIMITS = {
  busy: { cpu: 0.85, pressure: 0.5 },
  saturated: { cpu: 0.95, pressure: 0.75 },
} as const;

/** With this delay the runner may act late on abortOnFail and read a samples stream late. */
const LATE_RUNNER_MS = 1000;

type Sustained = (values: ReadonlyArray<number | undefined>) => number | undefined;

/** Judges the windows of the load. `sustained` returns the level that counts (generator.ts). */
export function judgeMachine(windows: readonly GeneratorHealth[], sustained: Sustained): MachineVerdict {
  const cores = most(windows.map(({ machineCores }) => machineCores));
  const cpuSustained = sustained(windows.map(({ machineCpu }) => machineCpu));
  const pressureSustained = sustained(windows.map(({ machinePressure }) => machinePressure));
  const isOver = ({ cpu, pressure }: { cpu: number; pressure: number }) =>
    (cpuSustained ?? 0) >= cpu || (pressureSustained ?? 0) >= pressure;
  const state =
    cpuSustained === undefined && pressureSustained === undefined
      ? 'unknown'
      : isOver(MACHINE_LIMITS.saturated)
        ? 'saturated'
        : isOver(MACHINE_LIMITS.busy)
          ? 'busy'
          : 'free';
  const cpuAvg = average(windows, ({ machineCpu }) => machineCpu);
  const used = average(windows, ({ cpuCores }) => cpuCores);
  const own = average(windows, ({ runnerCores }) => runnerCores);
  const otherCoresAvg =
    cpuAvg === undefined || cores === undefined ? undefined : Math.max(0, cpuAvg * cores - (used ?? 0) - (own ?? 0));
  const runnerLagMaxMs = most(windows.map(({ runnerLagMs }) => runnerLagMs));
  const steps = windows.flatMap(({ clockStepMs }) => clockStepMs ?? []);
  const clockStepMs = steps.length === 0 ? undefined : steps.reduce((sum, step) => sum + step, 0);
  const reasons: string[] = [];
  if (state === 'busy' || state === 'saturated') {
    const waited =
      pressureSustained === undefined ? '' : `; tasks waited for a CPU in ${whole(pressureSustained)} of the time`;
    const others =
      otherCoresAvg === undefined
        ? ''
        : `; programs other than k6 and novaperf used ${significant(otherCoresAvg, 2)} cores on average`;
    reasons.push(
      `the machine of the load generator was ${state === 'busy' ? 'busy' : 'saturated'}: ${whole(cpuSustained)} of its ${cores === undefined ? '' : `${cores} `}cores in use, in 3 of 5 s${waited}${others}`,
    );
  }
  if (clockStepMs !== undefined) {
    const way = clockStepMs >= 0 ? 'forwards' : 'back';
    reasons.push(
      `the machine's clock was set ${way} by ${duration(Math.abs(clockStepMs))} during the run: durations are correct, timestamps are not`,
    );
  }
  if (runnerLagMaxMs !== undefined && runnerLagMaxMs >= LATE_RUNNER_MS) {
    reasons.push(`novaperf was delayed by ${duration(runnerLagMaxMs)}: abortOnFail may have acted that much later`);
  }
  return { state, reasons, cores, cpuAvg, cpuSustained, pressureSustained, otherCoresAvg, runnerLagMaxMs, clockStepMs };
}

/** A share rounded to whole percent: 99.93 % counts as all of a machine. */
function whole(share: number | undefined): string {
  return percent(share === undefined ? undefined : Math.round(share * 100) / 100);
}

function most(values: ReadonlyArray<number | undefined>): number | undefined {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? undefined : known.reduce((a, b) => Math.max(a, b));
}

/** Average weighted by the length of the windows. */
function average(
  windows: readonly GeneratorHealth[],
  figure: (window: GeneratorHealth) => number | undefined,
): number | undefined {
  let [sum, length] = [0, 0];
  for (const window of windows) {
    const value = figure(window);
    if (value === undefined) continue;
    sum += value * window.lengthMs;
    length += window.lengthMs;
  }
  return length > 0 ? sum / length : undefined;
}
