// How severe failures are by their share, the same for requests, sessions and checks.

import type { Severity } from '../../model/kpi.ts';

/** A share of failures from which a finding is at least this severe. */
const SHARES: ReadonlyArray<readonly [share: number, severity: Severity]> = [
  [0.5, 'critical'],
  [0.05, 'high'],
  [0.001, 'medium'],
  [0, 'low'],
];

export function severityOf(share: number): Severity {
  return SHARES.find(([from]) => share >= from)?.[1] ?? 'low';
}
