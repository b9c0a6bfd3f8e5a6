// The decision on a cycle: go, no-go or undecided.

import type { RunStatus } from '../../model/result.ts';

export type Decision = 'go' | 'no-go' | 'undecided';

/**
 * `go`: every target was met. `no-go`: one was missed, or something could not run. `undecided`: the runs are
 * inconclusive. `status`: the worst of the scenarios; `notRun`: number of scenarios that could not run.
 */
export function decisionOf(cycle: {
  readonly status: RunStatus;
  readonly isInterrupted: boolean;
  readonly notRun: number;
}): Decision {
  const { status, isInterrupted, notRun } = cycle;
  if (status === 'fail') return 'no-go';
  if (isInterrupted || status === 'inconclusive' || status === 'aborted') return 'undecided';
  if (notRun > 0) return 'no-go';
  return status === 'pass' ? 'go' : status === 'unjudged' ? 'undecided' : 'no-go';
}
