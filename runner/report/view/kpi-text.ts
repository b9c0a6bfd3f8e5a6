// A KPI's target, actual value, margin and interval, each as one short text.

import { traitsOf } from '../../model/profile-traits.ts';
import type { Result, ResultKpi } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import { compact, isFigure, NO_DATA, nextToTarget, percent, targetWithUnit, withUnit } from '../../text/format.ts';

/** Comparison operators as they are shown. */
export const COMPARISON_SIGNS: Readonly<Record<ResultKpi['comparison'], string>> = {
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
  '==': '=',
  '!=': '≠',
};

/** The unit of a KPI's values. k6's rates have no unit and are shares. */
export function unitOf(kpi: ResultKpi, result: Result): string {
  const isShare =
    result.metrics[kpi.metric]?.type === 'rate' || (kpi.statistic === 'rate' && kpi.unit === '' && kpi.target <= 1);
  return isShare && kpi.unit === '' ? 'share' : oneLine(kpi.unit, 20);
}

/** `< 500 ms`. */
export function targetText(kpi: ResultKpi, result: Result): string {
  return `${COMPARISON_SIGNS[kpi.comparison]} ${targetWithUnit(kpi.target, unitOf(kpi, result))}`;
}

/** The measured value, with enough digits to differ from the target: `501 ms`. */
export function actualText(kpi: ResultKpi, result: Result): string {
  return nextToTarget(kpi.actual, kpi.target, unitOf(kpi, result));
}

/** From ten times the target on, a factor is easier to read than a percentage. */
const MOST_MARGIN_PERCENT = 900;

/** `missed by 12 %`, `38 % headroom`, `23 times the target`. `missed`: the words before the size of a miss. */
export function marginText(
  { margin_percent: margin, verdict, actual, target }: ResultKpi,
  missed = 'missed by',
): string {
  if (!isFigure(margin)) return '–';
  if (margin === 0) return 'on the target';
  if (Math.abs(margin) >= MOST_MARGIN_PERCENT && isFigure(actual))
    return `${compact(actual / target, { digits: 2 })} times the target`;
  const size = percent(Math.abs(margin) / 100, { digits: 2 });
  // A value beyond its target passes if the difference is small or within noise.
  const words = margin < 0 && verdict === 'pass' ? 'off by' : missed;
  return margin < 0 || verdict === 'fail' ? `${words} ${size}` : `${size} headroom`;
}

const ABSENCES: Readonly<Record<NonNullable<ResultKpi['interval_absence']>, string>> = {
  smoke: '',
  exact: '',
  short: 'run too short',
  few_samples: 'too few samples',
  dependent: 'too few independent samples',
  stretch: 'worst period only',
};

/** Why a value that could have an interval has none: `too few samples`; '' for smoke runs and exact values, which need none. */
export function absenceText({ interval_absence: absence }: ResultKpi): string {
  return absence === undefined ? '' : ABSENCES[absence];
}

/** Whether there is an interval to show. Results from before 0.2 have intervals of smoke runs, which are not. */
export function hasInterval({ actual, ci_low: low }: ResultKpi, { profile }: Result): boolean {
  return isFigure(actual) && isFigure(low) && traitsOf(profile).isStatistical;
}

/** `38 ms to 52 ms`; '–' if there is no interval. */
export function intervalText(kpi: ResultKpi, result: Result): string {
  const unit = unitOf(kpi, result);
  if (!isFigure(kpi.actual)) return NO_DATA;
  if (!hasInterval(kpi, result)) return '–';
  if (!isFigure(kpi.ci_high)) return `at least ${withUnit(kpi.ci_low, unit)}`;
  return `${withUnit(kpi.ci_low, unit)} to ${withUnit(kpi.ci_high, unit)}`;
}

/** `between 480 ms and 530 ms`; '' if there is no interval. */
export function betweenText(kpi: ResultKpi, result: Result): string {
  if (!isFigure(kpi.ci_low) || !isFigure(kpi.ci_high)) return '';
  const unit = unitOf(kpi, result);
  return `between ${nextToTarget(kpi.ci_low, kpi.target, unit)} and ${nextToTarget(kpi.ci_high, kpi.target, unit)}`;
}
