// The system that a cycle puts load on.

import type { Check } from './check.ts';

/**
 * Who named the system under test: an environment of ProjectConfig, --base-url, or the script itself; `as-recorded` for a stream
 * from elsewhere.
 */
export const ENVIRONMENT_SOURCES = ['configured', 'base-url', 'as-scripted', 'as-recorded'] as const;
export type EnvironmentSource = (typeof ENVIRONMENT_SOURCES)[number];

/** How an environment without a name of its own is called in reports and records. */
export const UNNAMED_ENVIRONMENTS: Readonly<Record<Exclude<EnvironmentSource, 'configured'>, string>> = {
  'base-url': 'base-url',
  'as-scripted': 'as scripted',
  'as-recorded': 'as recorded',
};

/** The system under test of one cycle. `stop` ends what novaperf started for it. */
export interface Environment {
  readonly source: EnvironmentSource;
  readonly name: string;
  /** Empty: a plain script that knows its own target. */
  readonly url: string;
  /** What the target says its version is; undefined when it was not asked or does not tell. */
  readonly version: string | undefined;
  /** Process of the demo target, where that is it. */
  readonly demoPid?: number;
  /** What was verified, failures included: the caller decides whether load may follow. None for a script that knows its own target. */
  readonly checks: readonly Check[];
  stop(): Promise<void>;
}
