// A written unit (s, %, requests per minute, MB/s) → a quantity and a factor, with which targets are converted to k6's unit.

import type { Kpi, Statistic } from '../model/kpi.ts';
import type { Metric } from '../model/metrics.ts';

/** The quantity of a unit. `transfer` is size per time, `count` a number of things. */
export type Quantity = 'time' | 'rate' | 'share' | 'size' | 'transfer' | 'count';

export interface Unit {
  readonly of: Quantity;
  /** The factor to milliseconds, per second, a share from 0 to 1, bytes or bytes per second; 1 for a count. */
  readonly factor: number;
}

const SECOND = 1000;
const TIMES: ReadonlyMap<string, number> = table([
  [1e-6, 'ns nanosecond nanoseconds'],
  [1e-3, 'us µs μs microsecond microseconds'],
  [1, 'ms msec msecs millis millisecond milliseconds'],
  [SECOND, 's sec secs second seconds'],
  [60 * SECOND, 'min mins minute minutes'],
  [3600 * SECOND, 'h hr hrs hour hours'],
  [24 * 3600 * SECOND, 'd day days'],
]);

const SIZES: ReadonlyMap<string, number> = table([
  [1, 'b byte bytes'],
  [1e3, 'kb kilobyte kilobytes'],
  [1e6, 'mb megabyte megabytes'],
  [1e9, 'gb gigabyte gigabytes'],
  [1024, 'kib'],
  [1024 ** 2, 'mib'],
  [1024 ** 3, 'gib'],
  [1 / 8, 'bit bits'],
  [1e3 / 8, 'kbit kbits kilobit kilobits'],
  [1e6 / 8, 'mbit mbits megabit megabits'],
  [1e9 / 8, 'gbit gbits gigabit gigabits'],
]);

/** Abbreviations of rates and transfers. */
const RATES: ReadonlyMap<string, number> = table([
  [1, 'rps tps qps'],
  [1 / 60, 'rpm tpm qpm'],
  [1 / 3600, 'rph tph'],
]);
const TRANSFERS: ReadonlyMap<string, number> = table([
  [1e3 / 8, 'kbps'],
  [1e6 / 8, 'mbps'],
  [1e9 / 8, 'gbps'],
]);

const SHARES: ReadonlyMap<string, number> = table([
  [0.01, '% percent pct percentage'],
  [0.001, '‰ permille'],
]);

/** A smaller share of failures without a unit is certainly a fraction, as in k6's `rate<0.01`; 0.5 could also mean 0.5 %. */
export const LARGEST_SURE_SHARE = 0.1;

/** Words for requests. A rate of other things, such as orders or mails, is not a request rate. */
const COUNTED = new Set(
  'req reqs request requests call calls hit hits query queries transaction transactions iteration iterations 1'.split(
    ' ',
  ),
);

function table(rows: ReadonlyArray<readonly [factor: number, words: string]>): ReadonlyMap<string, number> {
  return new Map(rows.flatMap(([factor, words]) => words.split(' ').map((word) => [word, factor] as const)));
}

const PER = /^(.*?)\s*(?:\/|\bper\b|\bevery\b|\ban?\b|\beach\b)\s*([a-zµμ]+)$/;

/** The unit of a text such as `sec.`, `req/s`, `requests per minute`, `%` or `MB/s`; undefined for any other text. */
export function readUnit(text: string): Unit | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[\s_]+/g, ' ')
    .replace('per cent', 'percent');
  const single =
    unitIn(TIMES, word, 'time') ??
    unitIn(SHARES, word, 'share') ??
    unitIn(SIZES, word, 'size') ??
    unitIn(RATES, word, 'rate') ??
    unitIn(TRANSFERS, word, 'transfer');
  if (single !== undefined) return single;
  if (COUNTED.has(word) && word !== '1') return { of: 'count', factor: 1 };
  const [, amount = '', per = ''] = PER.exec(word) ?? [];
  const timeMs = TIMES.get(per);
  if (timeMs === undefined) return undefined;
  const seconds = timeMs / SECOND;
  if (amount === '' || COUNTED.has(amount)) return { of: 'rate', factor: 1 / seconds };
  const bytes = SIZES.get(amount);
  return bytes === undefined ? undefined : { of: 'transfer', factor: bytes / seconds };
}

function unitIn(units: ReadonlyMap<string, number>, word: string, of: Quantity): Unit | undefined {
  const factor = units.get(word);
  return factor === undefined ? undefined : { of, factor };
}

/** The quantity of a statistic of a metric. */
export function quantityOf(metric: Pick<Metric, 'type' | 'contains'>, statistic: Statistic): Quantity {
  if (metric.type === 'rate') return 'share';
  const perSecond = metric.type === 'counter' && statistic === 'rate';
  if (metric.contains === 'data') return perSecond ? 'transfer' : 'size';
  if (perSecond) return 'rate';
  return metric.contains === 'time' ? 'time' : 'count';
}

/** k6's unit of a statistic: ms for times, B for data, per second for the rate of a counter, '' for numbers and shares from 0 to 1. */
export function unitOf(metric: Pick<Metric, 'type' | 'contains'>, statistic: Statistic): string {
  if (metric.type === 'rate') return '';
  const unit = metric.contains === 'time' ? 'ms' : metric.contains === 'data' ? 'B' : '';
  return metric.type === 'counter' && statistic === 'rate' ? `${unit}/s` : unit;
}

/** Whether a unit fits a statistic: '' and k6's unit always do, `MB` does not fit a time. For plain numbers any unit is a label. */
export function fitsMetric(unit: string, metric: Pick<Metric, 'type' | 'contains'>, statistic: Statistic): boolean {
  if (unit.trim() === '' || unit === unitOf(metric, statistic)) return true;
  const quantity = quantityOf(metric, statistic);
  return quantity === 'count' || readUnit(unit)?.of === quantity;
}

/**
 * The KPI with its target in k6's unit: milliseconds, bytes, per second, or shares from 0 to 1. A unit that is only a label is kept; a
 * missing one is added. Repeating the conversion changes nothing.
 */
export function inK6Unit<K extends Pick<Kpi, 'statistic' | 'target' | 'unit'>>(
  kpi: K,
  metric: Pick<Metric, 'type' | 'contains'>,
): K {
  const own = unitOf(metric, kpi.statistic);
  if (kpi.unit === '' || kpi.unit === own) return { ...kpi, unit: own };
  const unit = readUnit(kpi.unit);
  const quantity = quantityOf(metric, kpi.statistic);
  if (unit === undefined || unit.of !== quantity || quantity === 'count') return kpi;
  return { ...kpi, target: scaled(kpi.target, unit.factor), unit: own };
}

/** A product to 12 digits, so that 0.3 % is 0.003 and not 0.0030000000000000001. */
export function scaled(value: number, factor: number): number {
  return Number((value * factor).toPrecision(12));
}
