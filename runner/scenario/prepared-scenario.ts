// A scenario with its targets, ready to run.

import type { Kpi } from '../model/kpi.ts';
import type { UnreadRow } from '../targets/unread-row.ts';
import type { Bundle } from './bundle.ts';
import type { BundledScript } from './prepare.ts';

/** Runs around the load, each in a k6 without load; undefined: the script has no such function. */
export interface AroundLoad {
  readonly setup: Bundle | undefined;
  readonly teardown: Bundle | undefined;
}

/** One scenario, ready to be executed. */
export interface PreparedScenario extends BundledScript {
  /** The script's thresholds first, then the component's targets. */
  readonly kpis: readonly Kpi[];
  /** It takes its target from the environment, so one must be opened and verified; a plain script knows its own. */
  readonly needsEnvironment: boolean;
  /** The environment that it loads when no flag names one: its own, or that of its folder. */
  readonly environment: string | undefined;
  /** Further flags of `k6 run`. */
  readonly k6Args: readonly string[];
  /** The environment that it was inspected in and runs in. */
  readonly k6Env: NodeJS.ProcessEnv;
  /** The script's handleSummary() is called, with k6's own summary on. */
  readonly callsSummary?: boolean;
  /** k6 has to fetch another k6 for it, which has not our output. */
  readonly needsOtherK6?: boolean;
  /** --setup-once: what runs around the load, once, on this machine. */
  readonly around?: AroundLoad;
  /** What did not take effect of what was asked, a sentence each. */
  readonly warnings: readonly string[];
  /** Rows and sentences of the component's targets that are not judged. */
  readonly unread: readonly UnreadRow[];
}
