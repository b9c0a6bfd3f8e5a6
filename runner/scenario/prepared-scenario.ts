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
  /** Whether it reads BASE_URL, so that an environment must be opened and verified; a plain script may have its own URL. */
  readonly needsEnvironment: boolean;
  /** Its environment if no flag sets one: that of the scenario, or of its folder. */
  readonly environment: string | undefined;
  /** Further flags of `k6 run`. */
  readonly k6Args: readonly string[];
  /** The process environment in which it is inspected and run. */
  readonly k6Env: NodeJS.ProcessEnv;
  /** Whether the script's handleSummary() is called, with k6's summary enabled. */
  readonly callsSummary?: boolean;
  /** Whether k6 downloads another k6 for it, which lacks our output. */
  readonly needsOtherK6?: boolean;
  /** --setup-once: what runs once on this machine around the load. */
  readonly around?: AroundLoad;
  /** Requested settings without effect, a sentence each. */
  readonly warnings: readonly string[];
  /** Rows and sentences of the component's targets that are not judged. */
  readonly unread: readonly UnreadRow[];
}
