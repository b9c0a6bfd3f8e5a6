// The system that a cycle puts load on.

import type { Check } from './check.ts';

/** The system under test of one cycle. `stop` ends what the toolkit itself started for it. */
export interface Environment {
  readonly name: string;
  /** Empty: a plain script that knows its own target. */
  readonly url: string;
  /** What the target says its version is; undefined when it was not asked or does not tell. */
  readonly version: string | undefined;
  /** Process of the demo target, where that is it. */
  readonly demoPid?: number;
  /** What was verified, failures included: whoever opens it decides whether load may follow. None for a script that knows its own target. */
  readonly checks: readonly Check[];
  stop(): Promise<void>;
}
