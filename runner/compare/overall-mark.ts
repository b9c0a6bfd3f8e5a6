// The headline of a comparison: over several runs of both builds if there are some, otherwise in these two runs.

import type { Change, ComparedMetric, Comparison } from '../model/comparison.ts';
import { mark } from '../report/view/cells.ts';
import type { Mark } from '../report/view/model.ts';

/** True if more figures are the same than undecided. */
function mostlySame(verdicts: readonly (Change | undefined)[]): boolean {
  const count = (verdict: Change) => verdicts.filter((each) => each === verdict).length;
  return count('same') > count('unknown');
}

/** The headline for several runs of both builds: the whole run first, then any endpoint; undefined without further runs. */
function marksOverRuns(metrics: readonly ComparedMetric[]): Mark | undefined {
  const over = metrics.filter(({ over_runs }) => over_runs !== null);
  const whole = over.filter(({ endpoint }) => endpoint === null);
  const has = (some: readonly ComparedMetric[], verdict: Change) =>
    some.some(({ over_runs }) => over_runs?.verdict === verdict);
  if (over.length === 0) return undefined;
  if (has(over, 'worse') && has(over, 'better')) return mark('warn', 'warn', 'Slower and faster over several runs');
  if (has(whole, 'worse')) return mark('warn', 'warn', 'Slower over several runs');
  if (has(over, 'worse')) return mark('warn', 'warn', 'Some endpoints slower over several runs');
  if (has(whole, 'better')) return mark('good', 'pass', 'Faster over several runs');
  if (has(over, 'better')) return mark('good', 'pass', 'Some endpoints faster over several runs');
  // Undecided over several runs stays undecided, even if the two runs alone differ.
  return mostlySame(over.map(({ over_runs }) => over_runs?.verdict))
    ? mark('neutral', 'pass', 'About the same over several runs')
    : mark('neutral', 'unknown', 'Undecided over several runs');
}

/** The headline of the page. Worse is a warning and not a failure, because one run of each build cannot prove a regression. */
export function overallMark({ metrics }: Pick<Comparison, 'metrics'>): Mark {
  const overRuns = marksOverRuns(metrics);
  if (overRuns !== undefined) return overRuns;
  const has = (verdict: Change) => metrics.some((metric) => metric.verdict === verdict);
  if (has('worse') && has('better')) return mark('warn', 'warn', 'Worse and better in these two runs');
  if (has('worse')) return mark('warn', 'warn', 'Worse in these two runs');
  if (has('better')) return mark('good', 'pass', 'Better in these two runs');
  return mostlySame(metrics.map(({ verdict }) => verdict))
    ? mark('neutral', 'pass', 'About the same in these two runs')
    : mark('neutral', 'unknown', 'No clear difference');
}
