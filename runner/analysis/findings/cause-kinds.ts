// Which findings may stand behind a missed target, given evidence (evidence.ts); the others repeat the targets, or are about the run itself.

import { FAILED_REQUESTS } from '../../model/finding-kinds.ts';

/** Kinds of findings that show, with figures, what moved with the requests, or went wrong in them. */
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
] as const;

export type CauseKind = (typeof CAUSE_KINDS)[number];

export const CAUSES: ReadonlySet<string> = new Set(CAUSE_KINDS);
