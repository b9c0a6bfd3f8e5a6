// What flags, the environment's configuration and the demo target say becomes the plan for watching the system under test.

import type { ScenarioPlan } from '../model/plan.ts';
import { demoSources } from './open.ts';
import type { SourceSpec } from './spec.ts';
import type { WatchOptions } from './watch.ts';
import type { ServerWatchConfig } from './watch-config.ts';

/** Long enough for a handful of samples, short enough that a smoke test stays one. */
const DEFAULT_BASELINE_MS = 5000;
const DEFAULT_RECOVERY_MS = 5000;
/** A smoke run only shows that everything works: a reading before and one after are enough. */
const SMOKE_MS = 1000;

export interface WatchPlan extends WatchOptions {
  readonly sources: readonly SourceSpec[];
}

export interface WatchWishes {
  readonly serverMetrics?: readonly SourceSpec[] | undefined;
  /** Milliseconds. */
  readonly baselineTime?: number | undefined;
  readonly recoveryTime?: number | undefined;
}

/**
 * Flags come before the environment's configuration, and that before the defaults. Of the demo target its own process and metrics
 * are watched by default; an empty list of sources means that nothing is. `profile`: of the scenarios of the cycle.
 */
export function planWatch(
  flags: WatchWishes,
  configured: ServerWatchConfig | undefined,
  environment: { readonly demoPid?: number; readonly url: string },
  profile?: ScenarioPlan['profile'],
): WatchPlan {
  const isSmoke = profile === 'smoke';
  const { demoPid, url } = environment;
  const byItself = demoPid === undefined ? [] : demoSources(demoPid, url);
  return {
    sources: flags.serverMetrics ?? configured?.serverMetrics ?? byItself,
    baselineMs: flags.baselineTime ?? configured?.baselineMs ?? (isSmoke ? SMOKE_MS : DEFAULT_BASELINE_MS),
    recoveryMs: flags.recoveryTime ?? configured?.recoveryMs ?? (isSmoke ? SMOKE_MS : DEFAULT_RECOVERY_MS),
  };
}
