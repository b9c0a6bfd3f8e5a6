// What a KPI asks for, what was measured, by how much they differ and how sure that is: each as one short text.

import type { Result, ResultKpi } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import { besideTarget, compact, isFigure, NO_DATA, percent, targetWithUnit, withUnit } from '../../text/format.ts';

export const COMPARISON_SIGNS: Readonly<Record<ResultKpi['comparison'], string>> = {
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
  '==': '=',
  '!=': '≠',
};

/** The unit to write values in: k6's rates carry none, and are shares. */
export function unitOf(kpi: ResultKpi, result: Result): string {
  const isShare =
    result.metrics[kpi.metric]?.type === 'rate' || (kpi.statistic === 'rate' && kpi.unit === '' && kpi.target <= 1);
  return isShare && kpi.unit === '' ? 'share' : oneLine(kpi.unit, 20);
}

/** `< 500 ms`. */
export function targetText(kpi: ResultKpi, result: Result): string {
  return `${COMPARISON_SIGNS[kpi.comparison]} ${targetWithUnit(kpi.target, unitOf(kpi, result))}`;
}

/** The measured value with as many digits as tell it from the target. */
export function actualText(kpi: ResultKpi, result: Result): string {
  return besideTarget(kpi.actual, kpi.target, unitOf(kpi, result));
}

/** From ten times the target on, a percentage is hard to grasp. */
const MOST_MARGIN = 900;

/** By how much the value is off its target, or the room it leaves; `missed`: the words for a target that is not met. */
export function marginText(
  { margin_percent: margin, verdict, actual, target }: ResultKpi,
  missed = 'missed by',
): string {
  if (!isFigure(margin)) return '–';
  if (margin === 0) return 'on the target';
  if (Math.abs(margin) >= MOST_MARGIN && isFigure(actual))
    return `${compact(actual / target, { digits: 2 })} times the target`;
  const size = percent(Math.abs(margin) / 100, { digits: 2 });
  // A miss that is small or within noise is no miss.
  const words = margin < 0 && verdict === 'pass' ? 'off by' : missed;
  return margin < 0 || verdict === 'fail' ? `${words} ${size}` : `${size} headroom`;
}

const ABSENCES: Readonly<Record<NonNullable<ResultKpi['interval_absence']>, string>> = {
  smoke: '',
  exact: '',
  short: 'run too short',
  few_samples: 'too few samples',
  dependent: 'too few independent samples',
  stretch: 'worst stretch only',
};

/** Why a run longer than a smoke run gives no interval for a value that could have one; '' where there is nothing to explain. */
export function absenceText({ interval_absence: absence }: ResultKpi): string {
  return absence === undefined ? '' : ABSENCES[absence];
}

/** `38 ms to 52 ms`; a dash where the run gives no interval. */
export function intervalText(kpi: ResultKpi, result: Result): string {
  const unit = unitOf(kpi, result);
  if (!isFigure(kpi.actual)) return NO_DATA;
  // Results from before 0.2 have intervals of smoke runs.
  if (result.profile === 'smoke') return '–';
  if (isFigure(kpi.ci_low) && isFigure(kpi.ci_high))
    return `${withUnit(kpi.ci_low, unit)} to ${withUnit(kpi.ci_high, unit)}`;
  if (isFigure(kpi.ci_low)) return `at least ${withUnit(kpi.ci_low, unit)}`;
  return '–';
}

/** `between 480 ms and 530 ms`; '' where the run gives no interval. */
export function betweenText(kpi: ResultKpi, result: Result): string {
  if (!isFigure(kpi.ci_low) || !isFigure(kpi.ci_high)) return '';
  const unit = unitOf(kpi, result);
  return `between ${besideTarget(kpi.ci_low, kpi.target, unit)} and ${besideTarget(kpi.ci_high, kpi.target, unit)}`;
}
