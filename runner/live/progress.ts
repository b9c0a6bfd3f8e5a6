// Elapsed time of a run → the progress of its load. Phases and planned time count from the start of the scenarios, after setup().

import type { ScenarioPlan } from '../model/plan.ts';
import { elapsed } from '../text/format.ts';

export interface Progress {
  /** Since k6 started. */
  readonly elapsedMs: number;
  /** Since the start of the scenarios; undefined until their first sample, for example in setup(). */
  readonly loadedMs: number | undefined;
  /** Planned duration of the load; without phases, the longest that k6 can take, graceful stops included. */
  readonly plannedMs: number;
}

/** Progress of a load from the times of a tick, in milliseconds, and the plan of the scenario. */
export function progressOf(
  { elapsedMs, loadedMs }: { readonly elapsedMs: number; readonly loadedMs?: number | undefined },
  plan: ScenarioPlan,
): Progress {
  return { elapsedMs, loadedMs, plannedMs: plan.phases.at(-1)?.endMs ?? plan.totalDurationMs };
}

/** `00:12 / 01:00`, or with another separator; `00:04 before load` before the first sample. */
export function progressText({ elapsedMs, loadedMs, plannedMs }: Progress, separator = '/'): string {
  if (loadedMs === undefined) return `${elapsed(elapsedMs)} before load`;
  return `${elapsed(loadedMs)} ${separator} ${elapsed(plannedMs)}`;
}

/** Completed share of the planned load, from 0 to 1. */
export function progressShare({ loadedMs = 0, plannedMs }: Progress): number {
  return plannedMs > 0 ? Math.min(1, Math.max(0, loadedMs / plannedMs)) : 0;
}
