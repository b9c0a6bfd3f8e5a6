// Checks --baseline before any load: a named run must exist.

import type { BaselineChoice } from '../../model/baseline-choice.ts';
import { findRun } from '../../runs/find-run.ts';

/** Throws a UserError if the named baseline does not exist. */
export async function checkBaseline(
  baseline: BaselineChoice | undefined,
  out: string,
): Promise<BaselineChoice | undefined> {
  if (baseline?.kind !== 'run') return baseline;
  return { kind: 'run', run: await findRun(baseline.run, out) };
}
