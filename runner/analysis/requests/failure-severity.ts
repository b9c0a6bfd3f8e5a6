// The severity of failures by their share; the same for requests, sessions and checks.

import type { Severity } from '../../model/kpi.ts';

/** The smallest share of failures for each severity. */
const SHARES: ReadonlyArray<readonly [share: number, severity: Severity]> = [
  [0.5, 'critical'],
  [0.05, 'high'],
  [0.001, 'medium'],
  [0, 'low'],
];

/** The severity of this share of failures, 0 to 1. */
export function severityOf(share: number): Severity {
  return SHARES.find(([from]) => share >= from)?.[1] ?? 'low';
}
