// The kinds of findings that may cause a missed target, if there is evidence (evidence.ts). The others repeat targets
// or are about the run itself.

import { FAILED_REQUESTS, type FindingKind } from '../../model/finding-kinds.ts';

/** Kinds of findings that show with figures what changed together with the requests, or failed in them. */
export const CAUSE_KINDS = [
  'script_exceptions',
  'aborted_by_threshold',
  'generator_saturated',
  'generator_warn',
  'generator_machine',
  'load_not_reached',
  'response_time_rose',
  'errors_rose',
  'throughput_saturated',
  ...FAILED_REQUESTS,
  'failed_checks',
  'slow_endpoint',
  'connection_setup',
  'coordinated_omission',
  'server_exhausted',
  'server_busy',
  'server_growth',
  'server_moves_with',
] as const satisfies readonly FindingKind[];

export type CauseKind = (typeof CAUSE_KINDS)[number];

export const CAUSES: ReadonlySet<string> = new Set(CAUSE_KINDS);
