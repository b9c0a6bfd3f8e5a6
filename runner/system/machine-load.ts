// The machine that this process runs on becomes its load since the last look: CPU, waiting for CPU, clock steps, this process's own delay.

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { machineTicks, parsePressure, readProc } from './proc.ts';

/** Between two looks; absent figures are not known on this system. */
export interface MachineLoad {
  /** Share of all cores that was busy, 0 to 1. */
  readonly cpuShare?: number;
  readonly cores?: number;
  /** Share of the time in which some task waited for a CPU, 0 to 1 (Linux pressure stall information). */
  readonly cpuPressure?: number;
  /** CPU of this process, cores. */
  readonly ownCores?: number;
  /** The longest delay of this process's event loop, milliseconds. */
  readonly loopLagMs: number;
  /** By how much the wall clock moved against the monotonic one, milliseconds, forwards positive. */
  readonly clockStepMs: number;
}

/** Resolution of the event loop's own timer; delays are above it. */
const LOOP_RESOLUTION_MS = 50;
/** Ticks are hundredths of a second: a shorter time gives no share. */
const SHORTEST_MS = 200;

interface Look {
  readonly atMs: number;
  readonly wallMs: number;
  readonly ticks: ReturnType<typeof machineTicks>;
  readonly pressureUs: number | undefined;
  readonly ownUs: number;
}

/** Watches the machine without a timer of its own: each take() costs two small reads. stop() ends the event loop's histogram. */
export class MachineWatch {
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  readonly #cores: number;
  #last: Look;

  constructor(cores: number) {
    this.#cores = cores;
    this.#loop.enable();
    this.#last = this.#look();
  }

  /** The load since the last take, or since the start; undefined where that is too short for one. */
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
