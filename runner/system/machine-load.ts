// Measures the load of this machine between two calls: CPU, CPU pressure, clock steps and the event loop's delay.

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { machineTicks, parsePressure, readProc } from './proc.ts';

/** The load between two calls. Figures that this system does not provide are absent. */
export interface MachineLoad {
  /** Share of all cores that was busy, 0 to 1. */
  readonly cpuShare?: number;
  readonly cores?: number;
  /** Share of the time in which a task waited for a CPU, 0 to 1 (Linux pressure stall information). */
  readonly cpuPressure?: number;
  /** CPU used by this process, cores. */
  readonly ownCores?: number;
  /** Longest delay of this process's event loop, milliseconds. */
  readonly loopLagMs: number;
  /** Change of the wall clock relative to the monotonic clock, milliseconds, forwards positive. */
  readonly clockStepMs: number;
}

/** Resolution of the event loop's timer, which is subtracted from delays. */
const LOOP_RESOLUTION_MS = 50;
/** Ticks are hundredths of a second; over a shorter time the share would be inaccurate. */
const SHORTEST_MS = 200;

interface Look {
  readonly atMs: number;
  readonly wallMs: number;
  readonly ticks: ReturnType<typeof machineTicks>;
  readonly pressureUs: number | undefined;
  readonly ownUs: number;
}

/**
 * Measures the machine's load without its own timer: each take() makes two small reads. stop() ends the event loop's
 * histogram.
 */
export class MachineWatch {
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  readonly #cores: number;
  #last: Look;

  constructor(cores: number) {
    this.#cores = cores;
    this.#loop.enable();
    this.#last = this.#look();
  }

  /** The load since the previous take() or the start; undefined if less than 200 ms have passed. */
  take(): MachineLoad | undefined {
    const [before, now] = [this.#last, this.#look()];
    const passedMs = now.atMs - before.atMs;
    if (passedMs < SHORTEST_MS) return undefined;
    this.#last = now;
    const loopLagMs = Math.max(0, this.#loop.max / 1e6 - LOOP_RESOLUTION_MS);
    this.#loop.reset();
    const { ticks } = now;
    const passedTicks = (ticks?.total ?? 0) - (before.ticks?.total ?? 0);
    return {
      ...(ticks === undefined || before.ticks === undefined || passedTicks <= 0
        ? {}
        : { cpuShare: within((ticks.busy - before.ticks.busy) / passedTicks), cores: this.#cores }),
      ...(now.pressureUs === undefined || before.pressureUs === undefined
        ? {}
        : { cpuPressure: within((now.pressureUs - before.pressureUs) / 1000 / passedMs) }),
      ownCores: Math.max(0, (now.ownUs - before.ownUs) / 1000 / passedMs),
      loopLagMs: Number.isFinite(loopLagMs) ? loopLagMs : 0,
      clockStepMs: now.wallMs - before.wallMs - passedMs,
    };
  }

  stop(): void {
    this.#loop.disable();
  }

  #look(): Look {
    const { user, system } = process.cpuUsage();
    return {
      atMs: performance.now(),
      wallMs: Date.now(),
      ticks: machineTicks(),
      pressureUs: parsePressure(readProc('pressure/cpu') ?? ''),
      ownUs: user + system,
    };
  }
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
