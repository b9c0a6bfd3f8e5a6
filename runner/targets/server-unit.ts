// A target on the system under test, in the unit that its author wrote (MB, %, MB/h), becomes one in the unit of its metric.

import type { Kpi } from '../model/kpi.ts';
import { BYTES_PER, MS_PER, PER_MINUTE, PERCENT } from './unit.ts';

/** Change per hour, by the word behind the slash. */
const PER_HOUR: ReadonlyMap<string, number> = new Map([
  ['h', 1],
  ['hour', 1],
  ['min', 60],
  ['minute', 60],
  ['s', 3600],
  ['day', 1 / 24],
  ['d', 1 / 24],
]);

/** The statistic that is a change per hour of the load; see judge-growth.ts. */
export const GROWTH = 'growth';

/** What a metric of the system under test can be judged by. */
export const SERVER_STATISTICS = ['avg', 'med', 'min', 'max', 'p(N)', GROWTH] as const;

export function isServerStatistic(statistic: string): boolean {
  return SERVER_STATISTICS.some((known) => known === (statistic.startsWith('p(') ? 'p(N)' : statistic));
}

/** What one of `word` is in `unit`; undefined where the word is only a label. */
function factorOf(word: string, unit: string): number | undefined {
  switch (unit) {
    case 'bytes':
      return BYTES_PER.get(word);
    case 'bytes/s':
      return word.endsWith('/s') ? BYTES_PER.get(word.slice(0, -2)) : undefined;
    case 's': {
      const ms = MS_PER.get(word);
      return ms === undefined ? undefined : ms / 1000;
    }
    case 'ms':
      return MS_PER.get(word);
    case 'share':
      return PERCENT.includes(word) ? 0.01 : undefined;
    case '1/s':
      return PER_MINUTE.includes(word) ? 1 / 60 : undefined;
    default:
      return undefined;
  }
}

/** The unit of a statistic of a metric with this unit: growth is per hour. */
export function serverUnit(unit: string, statistic: string): string {
  return statistic === GROWTH ? `${unit}/h` : unit;
}

/** The KPI with its target in the metric's own unit; an unknown unit stays as a label with its number. */
export function inServerUnit(kpi: Kpi, metricUnit: string): Kpi {
  const own = serverUnit(metricUnit, kpi.statistic);
  const word = kpi.unit.trim().toLowerCase();
  if (word === '' || word === own.toLowerCase()) return { ...kpi, unit: own };
  let amount = word;
  let factor = 1;
  if (kpi.statistic === GROWTH) {
    const [, before = word, time = 'h'] = /^(.*?)\s*(?:\/|per)\s*([a-z]+)$/.exec(word) ?? [];
    amount = before;
    factor = PER_HOUR.get(time) ?? Number.NaN;
  }
  if (amount !== '' && amount !== metricUnit.toLowerCase()) factor *= factorOf(amount, metricUnit) ?? Number.NaN;
  if (Number.isNaN(factor)) return kpi;
  return { ...kpi, target: Number((kpi.target * factor).toPrecision(12)), unit: own };
}
