// The system under test of a cycle.

import type { Check } from './preflight-check.ts';

/**
 * What names the system under test: an environment of ProjectConfig, --base-url, or the script itself. `as-recorded`: a
 * stream recorded elsewhere.
 */
export const ENVIRONMENT_SOURCES = ['configured', 'base-url', 'as-scripted', 'as-recorded'] as const;
export type EnvironmentSource = (typeof ENVIRONMENT_SOURCES)[number];

/** The name of an unnamed environment in reports and records. */
export const UNNAMED_ENVIRONMENTS: Readonly<Record<Exclude<EnvironmentSource, 'configured'>, string>> = {
  'base-url': 'base-url',
  'as-scripted': 'as scripted',
  'as-recorded': 'as recorded',
};

/** The system under test of one cycle. `stop` ends what novaperf started for it, such as the demo shop. */
export interface Environment {
  readonly source: EnvironmentSource;
  readonly name: string;
  /** Empty for a plain script that has its own URLs. */
  readonly url: string;
  /** The version that the system reports; undefined if unknown. */
  readonly version: string | undefined;
  /** Process id of the demo shop, if this is it. */
  readonly demoPid?: number;
  /**
   * Results of the checks, including failures: the caller decides whether to start the load. Empty for a script with
   * its own URLs.
   */
  readonly checks: readonly Check[];
  stop(): Promise<void>;
}
