// The --baseline of a call is checked before any load: a run that it names must exist.

import type { BaselineChoice } from '../../compare/baseline-runs.ts';
import { findRun } from '../../runs/find-run.ts';

/** Checks before any load that a baseline that is named exists. Throws a UserError where it does not. */
export async function checkBaseline(
  baseline: BaselineChoice | undefined,
  out: string,
): Promise<BaselineChoice | undefined> {
  if (baseline?.kind !== 'run') return baseline;
  return { kind: 'run', run: await findRun(baseline.run, out) };
}
