// Decides what to monitor and for how long, from flags, the environment's configuration and defaults.

import type { ScenarioPlan } from '../model/plan.ts';
import { traitsOf } from '../model/profile-traits.ts';
import { demoSources } from './open.ts';
import type { SourceSpec } from './spec.ts';
import type { WatchOptions } from './watch.ts';
import type { ServerWatchConfig } from './watch-config.ts';

/** Long enough for a few samples, short enough for a smoke test. */
const DEFAULT_IDLE_MS = 5000;
const DEFAULT_RECOVERY_MS = 5000;
/** A smoke run only shows that everything works: one sample before and one after are enough. */
const SMOKE_MS = 1000;

export interface WatchPlan extends WatchOptions {
  readonly sources: readonly SourceSpec[];
}

export interface WatchFlags {
  readonly serverMetrics?: readonly SourceSpec[] | undefined;
  /** Monitoring time before and after the load, milliseconds. */
  readonly baselineTime?: number | undefined;
  readonly recoveryTime?: number | undefined;
}

/**
 * Flags override the environment's configuration, which overrides the defaults. By default the process and metrics of
 * the demo shop are monitored; an empty list of sources turns monitoring off. `profile`: load profile of the cycle's
 * scenarios.
 */
export function planWatch(
  flags: WatchFlags,
  configured: ServerWatchConfig | undefined,
  environment: { readonly demoPid?: number; readonly url: string },
  profile?: ScenarioPlan['profile'],
): WatchPlan {
  const { isStatistical } = traitsOf(profile);
  const { demoPid, url } = environment;
  const defaults = demoPid === undefined ? [] : demoSources(demoPid, url);
  return {
    sources: flags.serverMetrics ?? configured?.serverMetrics ?? defaults,
    idleMs: flags.baselineTime ?? configured?.idleMs ?? (isStatistical ? DEFAULT_IDLE_MS : SMOKE_MS),
    recoveryMs: flags.recoveryTime ?? configured?.recoveryMs ?? (isStatistical ? DEFAULT_RECOVERY_MS : SMOKE_MS),
  };
}
