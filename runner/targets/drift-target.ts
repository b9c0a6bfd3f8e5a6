// Statistics of change during a run: `p(95) drift`, per hour, and `degradation` and `rise`, over the steady load.

import type { Comparison, Kpi, Statistic } from '../model/kpi.ts';
import { UserError } from '../system/errors.ts';
import { parseStatistic } from './threshold.ts';
import { readUnit } from './unit.ts';

const DRIFT = 'drift';
/** The largest rise of any endpoint's p50 or p95; the judged KPI names the endpoint. */
export const DEGRADATION = 'degradation';
/** The largest rise of any process's memory; the judged KPI names the process. */
export const RISE = 'rise';

/** Statistics of a trend that support a drift target. */
const BASES = /^(?:avg|med|p\(.+\))$/;

/** `p(95)` of `p(95) drift`; undefined for any other statistic. */
export function driftBase(statistic: Statistic): Statistic | undefined {
  const [base, word, ...rest] = statistic.trim().split(/\s+/);
  if (base === undefined || word !== DRIFT || rest.length > 0) return undefined;
  const parsed = parseStatistic(base);
  return parsed !== undefined && BASES.test(parsed) ? parsed : undefined;
}

/** A drift statistic in its canonical spelling, `p(95) drift`; undefined for any other text. */
export function parseDrift(text: string): Statistic | undefined {
  const base = driftBase(text);
  return base === undefined ? undefined : `${base} ${DRIFT}`;
}

/** Whether a statistic needs the whole run over time, so that it cannot be judged during the run. */
export function isOverTime(statistic: Statistic): boolean {
  return driftBase(statistic) !== undefined || statistic.endsWith(DEGRADATION) || statistic === RISE;
}

const EXPRESSION = /^(.+?)\s*(<=|>=|<|>)\s*([+-]?\d+(?:\.\d+)?)\s*(.*)$/;

/** Parses `p(95) drift < 10 %/h`; undefined for a text without a drift. */
export function parseDriftExpression(
  text: string,
): { statistic: Statistic; comparison: Comparison; target: number; unit: string } | undefined {
  const [, before = '', sign = '', number = '', unit = ''] = EXPRESSION.exec(text.trim()) ?? [];
  const statistic = parseDrift(before);
  const comparison = (['<=', '>=', '<', '>'] as const).find((known) => known === sign);
  return statistic === undefined || comparison === undefined
    ? undefined
    : { statistic, comparison, target: Number(number), unit: unit.trim() };
}

const HOUR_MS = 3_600_000;

/**
 * The KPI with its target in percent of the first level per hour (`%/h`), which is also the default, or in milliseconds per hour (`ms/h`).
 * Throws a UserError for any other unit.
 */
export function inDriftUnit(kpi: Kpi, where: string): Kpi {
  const text = kpi.unit.trim().toLowerCase();
  if (text === '') return { ...kpi, unit: '%/h' };
  const [, amount = '', time = ''] = /^(.*?)\s*(?:\/|per)\s*([a-z]+)$/.exec(text) ?? [];
  const [of, per] = [readUnit(amount), readUnit(time)];
  const perHour = per?.of === 'time' ? HOUR_MS / per.factor : undefined;
  const isShare = of?.of === 'share';
  const factor = isShare ? 1 : of?.of === 'time' ? of.factor : undefined;
  if (perHour === undefined || factor === undefined) {
    throw new UserError(`Expected a drift per hour such as 10 %/h or 5 ms/h, found the unit "${kpi.unit}".`, { where });
  }
  const target = Number((kpi.target * factor * perHour).toPrecision(12));
  return { ...kpi, target, unit: isShare ? '%/h' : 'ms/h' };
}
