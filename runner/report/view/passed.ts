// The number of passed runs of a cycle in words.

import type { Result } from '../../model/result.ts';
import { passedScenarios } from '../../text/format.ts';

/** `2 of 3 scenarios passed`, or `3 of 4 runs passed` if a scenario ran several times. `notRun`: the number of scenarios without a result. */
export function passedText(results: ReadonlyArray<Pick<Result, 'scenario' | 'status'>>, notRun: number): string {
  const passed = results.filter(({ status }) => status === 'pass').length;
  const scenarios = new Set(results.map(({ scenario }) => scenario)).size;
  return passedScenarios(passed, results.length + notRun, scenarios < results.length ? 'run' : 'scenario');
}
