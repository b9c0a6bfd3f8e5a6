// How V8 spends CPU and memory, for commands that live for seconds.

import { setFlagsFromString } from 'node:v8';

const SETTINGS = [
  // When code is optimized. Most of ours runs for less than a second, and a third of the CPU of a report went into optimizing what was
  // hardly called any more. Six times V8's own: a sixth less CPU, and loops over millions of lines are still optimized.
  '--interrupt-budget=400000',
  // Room for new objects grows to its full size at once: a run of some seconds is over before it has doubled that often.
  '--semi-space-growth-factor=8',
  // No collection only because little happens: a run that waits for k6 has a heap of 10 MB, which V8 marked three times a minute.
  '--no-memory-reducer',
  // Threads that share a collection of a few milliseconds spend more on waking and waiting than they save: 6 % of the CPU of analyze.
  '--no-parallel-scavenge',
] as const;

/** For what is done every second for minutes: V8's own haste, so that it is compiled within seconds. */
const COMPILE_EARLY = '--interrupt-budget=66000';
const COMPILE_LATE = SETTINGS[0];

/**
 * The heap is collected when it has grown by half, not fourfold: 280 instead of 350 MB for 20,000 series. A short run is over before its
 * heap is worth that: it collected four times instead of twice.
 */
const SMALL_HEAP = '--heap-growing-percent=50';

/** The V8 of Node 20, on which all this was measured; later ones have another compiler between. */
const isMeasured = process.versions.v8.startsWith('11.3.');

/** Takes effect for the whole process. */
export function settleV8(): void {
  if (isMeasured) for (const setting of SETTINGS) setFlagsFromString(setting);
}

/** From here on, code that is called again and again is compiled early: for a process that does the same for minutes. */
export function compileEarly(): void {
  if (isMeasured) setFlagsFromString(COMPILE_EARLY);
}

/** The end of compileEarly(). */
export function compileLate(): void {
  if (isMeasured) setFlagsFromString(COMPILE_LATE);
}

/** For a process that is about to hold much; from here on, for the whole of it. */
export function keepHeapSmall(): void {
  if (isMeasured) setFlagsFromString(SMALL_HEAP);
}
