// Texts of a compared figure: its name, place, values and change; and the order in which figures are listed.

import type { Change, ComparedMetric } from '../model/comparison.ts';
import { oneLine } from '../text/display-text.ts';
import { duration, isFigure, percent, perSecond, signedPercent, signedPoints } from '../text/format.ts';

const FORMATS: Readonly<Record<ComparedMetric['unit'], (value: number | null) => string>> = {
  ms: (value) => duration(value),
  share: (value) => percent(value),
  '1/s': (value) => perSecond(value),
};

/** `+12 %`, or `+0.3 points` for shares. */
export function changeText({ unit, change }: ComparedMetric): string {
  if (!isFigure(change)) return '–';
  return unit === 'share' ? signedPoints(change) : signedPercent(change * 100);
}

/** `+5 % to +20 %`, in points for shares; `–` without an interval. */
export function changeInterval({ unit, ci_low: low, ci_high: high }: ComparedMetric): string {
  if (!isFigure(low) || !isFigure(high)) return '–';
  if (unit === 'share') return `${signedPoints(low)} to ${signedPoints(high)}`;
  return `${signedPercent(low * 100)} to ${signedPercent(high * 100)}`;
}

const FIGURES: Readonly<Record<ComparedMetric['kind'], (statistic: string) => string>> = {
  latency: (statistic) => statistic,
  errors: () => 'errors',
  throughput: () => 'request rate, steady load',
};

/** `p95`, `errors` or the name of throughput. */
export function figureName({ kind, statistic }: ComparedMetric): string {
  return FIGURES[kind](statistic);
}

/** The value with its unit: a duration, a percentage or a rate. */
export function valueText({ unit }: ComparedMetric, value: number | null): string {
  return FORMATS[unit](value);
}

/** `Whole run` or the name of the endpoint. */
export function whereText({ endpoint }: ComparedMetric): string {
  return endpoint === null ? 'Whole run' : oneLine(endpoint);
}

const ORDER: readonly Change[] = ['worse', 'better', 'unknown', 'same'];

/** The whole run first, then the figures that changed, then the others, otherwise in their order. */
export function byWeight(metrics: readonly ComparedMetric[]): ComparedMetric[] {
  const weight = ({ endpoint, verdict }: ComparedMetric) => (endpoint === null ? -1 : ORDER.indexOf(verdict));
  return [...metrics].sort((x, y) => weight(x) - weight(y));
}

/** The most changes on the first screen. */
const MAX_TOP_CHANGES = 4;

/** The largest changes for the worse; if there are none, for the better. */
export function greatestChanges(metrics: readonly ComparedMetric[]): ComparedMetric[] {
  const size = ({ unit, change }: ComparedMetric) => Math.abs(change ?? 0) * (unit === 'share' ? 100 : 1);
  const having = (verdict: Change) => metrics.filter((metric) => (metric.over_runs ?? metric).verdict === verdict);
  const found = [having('worse'), having('better')].find((some) => some.length > 0) ?? [];
  return [...found].sort((x, y) => size(y) - size(x)).slice(0, MAX_TOP_CHANGES);
}
