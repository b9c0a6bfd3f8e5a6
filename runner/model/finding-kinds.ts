// The kinds of findings, and which of them are about failed requests or other runs.

import type { ErrorKind } from './error-kinds.ts';

/** The kinds of findings of a run, in their order at equal severity: those that make others irrelevant come first. */
export const FINDING_KINDS = [
  'script_exceptions',
  'aborted_by_threshold',
  'source_incomplete',
  'stream_incomplete',
  'several_runs',
  'outside_clock',
  'generator_saturated',
  'load_not_reached',
  'no_data',
  'kpi_missed',
  'response_time_rose',
  'errors_rose',
  'server_growth',
  'source_slower',
  'source_fewer',
  'source_ended',
  'sources_apart',
  'degraded',
  'server_exhausted',
  'server_busy',
  'throughput_saturated',
  'transport_errors',
  'http_errors',
  'grpc_errors',
  'websocket_errors',
  'browser_errors',
  'failed_checks',
  'inconclusive',
  'generator_warn',
  'generator_machine',
  'generator_disturbed',
  'coordinated_omission',
  'slow_endpoint',
  'server_gap',
  'connection_setup',
  'cardinality',
  'bad_lines',
  'within_noise',
  'few_samples',
  'server_moves_with',
  'server_not_recovered',
  'dropped_iterations',
  'iterations_not_begun',
  'iterations_interrupted',
  'checks_of_failed_requests',
  'observed',
  'nothing_judged',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** The findings that a comparison with a baseline adds to a run. */
const BASELINE_FINDING_KINDS = ['regression', 'improvement', 'not_comparable', 'differs_in_two_runs'] as const;
export type BaselineFindingKind = (typeof BASELINE_FINDING_KINDS)[number];

/** Findings without a rank: they are added after the others. */
type FurtherFindingKind =
  | 'warm_up'
  | 'runner_warning'
  | 'environment_warning'
  | 'other_hosts'
  | 'targets_unread'
  | 'no_baseline'
  | 'capacity';

/** A set of kinds for findings of a result, which may be of a newer version and have others. */
export function findingKinds(
  ...kinds: readonly (FindingKind | BaselineFindingKind | FurtherFindingKind)[]
): ReadonlySet<string> {
  return new Set(kinds);
}

const OF_BASELINE: ReadonlySet<string> = findingKinds(...BASELINE_FINDING_KINDS);

/** Whether a finding is from a comparison with a baseline. */
export function isOfBaseline({ kind }: { readonly kind: string }): boolean {
  return OF_BASELINE.has(kind);
}

/** All findings that are based on other runs. */
const OF_OTHER_RUNS: ReadonlySet<string> = findingKinds(...BASELINE_FINDING_KINDS, 'no_baseline', 'capacity');

/** Whether a finding is based on other runs than the one that has it. */
export function isOfOtherRuns({ kind }: { readonly kind: string }): boolean {
  return OF_OTHER_RUNS.has(kind);
}

/** The findings about failed requests, by kind of error. The most likely cause of other findings comes first. */
const OF_REQUESTS = {
  transport: 'transport_errors',
  http: 'http_errors',
  grpc: 'grpc_errors',
  ws: 'websocket_errors',
  browser: 'browser_errors',
} as const satisfies Partial<Record<ErrorKind, FindingKind>>;

/** The same findings as a list, the most likely cause first. */
export const FAILED_REQUESTS = Object.values(OF_REQUESTS);

/** The finding about errors of this kind; undefined if there is none. */
export const FINDING_OF_ERROR: Readonly<Record<ErrorKind, FindingKind | undefined>> = {
  ...OF_REQUESTS,
  check: 'failed_checks',
  exception: 'script_exceptions',
  log: undefined,
};
