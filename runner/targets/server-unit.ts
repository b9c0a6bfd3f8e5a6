// A target on the system under test in the author's unit (MB, %, MB/h) → the target in the unit of its metric.

import type { Kpi } from '../model/kpi.ts';
import { readUnit, scaled } from './unit.ts';

/** The statistic of the change per hour of load; see judge-growth.ts. */
export const GROWTH = 'growth';

/** The statistics of targets on metrics of the system under test. */
export const SERVER_STATISTICS = ['avg', 'med', 'min', 'max', 'p(N)', GROWTH] as const;

/** Whether a target on the system under test can have this statistic. */
export function isServerStatistic(statistic: string): boolean {
  return SERVER_STATISTICS.some((known) => known === (statistic.startsWith('p(') ? 'p(N)' : statistic));
}

/** The factor from the unit `word` to `unit`; undefined if they are not units of the same quantity. */
function factorOf(word: string, unit: string): number | undefined {
  const read = readUnit(word);
  const wanted = readUnit(unit === 'bytes/s' || unit === '1/s' ? unit : unit === 'share' ? '%' : unit);
  if (read === undefined || wanted === undefined || read.of !== wanted.of) return undefined;
  return read.factor / (unit === 'share' ? 1 : wanted.factor);
}

/** The unit of a statistic of a metric; growth is per hour. */
export function serverUnit(unit: string, statistic: string): string {
  return statistic === GROWTH ? `${unit}/h` : unit;
}

const HOUR_MS = 3_600_000;

/**
 * The KPI with its target in the metric's unit. For a metric without a unit the written unit is kept as a label. undefined if the metric
 * has a unit and the written one is of another quantity.
 */
export function inServerUnit(kpi: Kpi, metricUnit: string): Kpi | undefined {
  const own = serverUnit(metricUnit, kpi.statistic);
  const word = kpi.unit.trim().toLowerCase();
  if (word === '' || word === own.toLowerCase()) return { ...kpi, unit: own };
  let amount = word;
  let factor = 1;
  if (kpi.statistic === GROWTH) {
    const [, before = word, per = 'h'] = /^(.*?)\s*(?:\/|per)\s*([a-z]+)$/.exec(word) ?? [];
    const time = readUnit(per);
    if (time?.of !== 'time') return undefined;
    amount = before;
    factor = HOUR_MS / time.factor;
  }
  if (amount !== '' && amount !== metricUnit.toLowerCase()) {
    const amountFactor = factorOf(amount, metricUnit);
    if (amountFactor === undefined) return metricUnit === '' ? kpi : undefined;
    factor *= amountFactor;
  }
  return { ...kpi, target: scaled(kpi.target, factor), unit: own };
}
