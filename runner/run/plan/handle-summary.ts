// A script's handleSummary(): whether this run calls it, and the warning about its cost.

import type { ScenarioPlan } from '../../model/plan.ts';

/** k6 keeps every value for its summary, so longer runs do not call it by default. */
const LONGEST_BY_DEFAULT_MS = 30 * 60_000;

/** Whether to call it. `asked`: --handle-summary or --no-handle-summary; undefined: neither. */
export function callsHandleSummary(
  { hasHandleSummary, totalDurationMs }: Pick<ScenarioPlan, 'hasHandleSummary' | 'totalDurationMs'>,
  asked: boolean | undefined,
): boolean {
  return hasHandleSummary && (asked ?? totalDurationMs <= LONGEST_BY_DEFAULT_MS);
}

/** A sentence for the report if the script has a handleSummary(). */
export function aboutSummary(
  { hasHandleSummary }: Pick<ScenarioPlan, 'hasHandleSummary'>,
  isCalled: boolean,
): string[] {
  if (!hasHandleSummary) return [];
  return isCalled
    ? [
        'the k6 summary was enabled for handleSummary() of the script, so k6 kept every value in memory (8 bytes each); --no-handle-summary disables it',
      ]
    : [
        'handleSummary() of the script was not called, because k6 would keep every value in memory; --handle-summary enables it',
      ];
}
