// Tunes V8's use of CPU and memory for commands that run for seconds.

import { setFlagsFromString } from 'node:v8';

const SETTINGS = [
  // When code is optimized. Most commands run for less than a second, and a third of a report's CPU went into
  // optimizing code that was hardly called again. Six times V8's default saves a sixth of the CPU, and loops over
  // millions of lines are still optimized.
  '--interrupt-budget=400000',
  // The space for new objects grows to its full size at once: a run of a few seconds ends before it has doubled that
  // often.
  '--semi-space-growth-factor=8',
  // No garbage collection just because the process is idle: while waiting for k6, V8 marked a heap of 10 MB three times
  // a minute.
  '--no-memory-reducer',
  // Threads that share a collection of a few milliseconds cost more in waking and waiting than they save: 6 % of the
  // CPU of analyze.
  '--no-parallel-scavenge',
] as const;

/** V8's default, for work that is repeated every second for minutes, so that it is compiled within seconds. */
const COMPILE_EARLY = '--interrupt-budget=66000';
const COMPILE_LATE = SETTINGS[0];

/**
 * Collects the heap when it has grown by half instead of fourfold: 280 instead of 350 MB for 20,000 series. Not for
 * short runs, where it only doubled the number of collections.
 */
const SMALL_HEAP = '--heap-growing-percent=50';

/** All of this was measured with the V8 of Node 20; later versions have an additional compiler. */
const isMeasured = process.versions.v8.startsWith('11.3.');

/** Applies the settings to the whole process. */
export function settleV8(): void {
  if (isMeasured) for (const setting of SETTINGS) setFlagsFromString(setting);
}

/** From now on, repeated code is compiled early: for a process that does the same for minutes. */
export function compileEarly(): void {
  if (isMeasured) setFlagsFromString(COMPILE_EARLY);
}

/** Ends compileEarly(). */
export function compileLate(): void {
  if (isMeasured) setFlagsFromString(COMPILE_LATE);
}

/** From now on, limits the heap of the whole process. For a process that is about to hold much data. */
export function keepHeapSmall(): void {
  if (isMeasured) setFlagsFromString(SMALL_HEAP);
}
