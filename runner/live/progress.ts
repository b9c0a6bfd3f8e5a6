// A moment of a run becomes how far its load is. Phases and the planned time count from when the scenarios began, after setup().

import type { ScenarioPlan } from '../model/plan.ts';
import { elapsed } from '../text/format.ts';

export interface Progress {
  /** Since k6 started. */
  readonly elapsedMs: number;
  /** Since the scenarios began; undefined before that is known: in setup(), and until their first sample. */
  readonly loadedMs: number | undefined;
  /** How long the load is meant to last; without phases, as long as k6 may take, graceful stops included. */
  readonly plannedMs: number;
}

export function progressOf(
  { elapsedMs, loadedMs }: { readonly elapsedMs: number; readonly loadedMs?: number | undefined },
  plan: ScenarioPlan,
): Progress {
  return { elapsedMs, loadedMs, plannedMs: plan.phases.at(-1)?.endMs ?? plan.totalDurationMs };
}

/** `00:12 / 01:00`, with another word between for sentences; `00:04 before load` while there is none. */
export function progressText({ elapsedMs, loadedMs, plannedMs }: Progress, of = '/'): string {
  if (loadedMs === undefined) return `${elapsed(elapsedMs)} before load`;
  return `${elapsed(loadedMs)} ${of} ${elapsed(plannedMs)}`;
}

/** From 0 to 1. */
export function progressShare({ loadedMs = 0, plannedMs }: Progress): number {
  return plannedMs > 0 ? Math.min(1, Math.max(0, loadedMs / plannedMs)) : 0;
}
