// How many runs of a cycle passed, in words.

import type { Result } from '../../model/result.ts';
import { passedScenarios } from '../../text/format.ts';

/** `2 of 3 scenarios passed`; `3 of 4 runs passed` where a scenario has several of them. `notRun`: scenarios that have no result. */
export function passedText(results: ReadonlyArray<Pick<Result, 'scenario' | 'status'>>, notRun: number): string {
  const passed = results.filter(({ status }) => status === 'pass').length;
  const scenarios = new Set(results.map(({ scenario }) => scenario)).size;
  return passedScenarios(passed, results.length + notRun, scenarios < results.length ? 'run' : 'scenario');
}
