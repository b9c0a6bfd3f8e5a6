// The load generator's health over time → the slots of a track.

import type { GeneratorHealth } from '../../model/metrics.ts';
import { emptySlot, type SlotFigures } from './pack-track.ts';

/** Figures of the load generator that can follow a range, and how to read them. */
export const HEALTH_FIGURES = {
  cpuCores: ({ cpuCores }) => cpuCores,
  residentBytes: ({ residentBytes }) => residentBytes,
  goroutines: ({ goroutines }) => goroutines,
  backlog: ({ backlog }) => backlog,
} as const satisfies Record<string, (window: GeneratorHealth) => number | undefined>;

export type HealthFigure = keyof typeof HEALTH_FIGURES;

/**
 * The slots of one figure. `count` is the measured milliseconds and `sum` the value times these, so that a mean is an average over time.
 * `gridStartMs`: start of the first slot in milliseconds since 1970.
 */
export function healthSlots(
  health: readonly GeneratorHealth[],
  figure: HealthFigure,
  gridStartMs: number,
  slotMs: number,
  slots: number,
): SlotFigures[] {
  const made = Array.from({ length: slots }, emptySlot);
  for (const window of health) {
    const value = HEALTH_FIGURES[figure](window);
    const slot = made[Math.floor((window.startMs - gridStartMs) / slotMs)];
    if (value === undefined || slot === undefined) continue;
    const lengthMs = Math.round(window.lengthMs);
    slot.count += lengthMs;
    slot.sum += value * lengthMs;
    slot.min = Math.min(slot.min, value);
    slot.max = Math.max(slot.max, value);
    slot.last = value;
  }
  return made;
}
