// A target in the unit that its author wrote (s, %, requests a minute) becomes one in the unit that k6 measures in.

import type { Kpi, Statistic } from '../model/kpi.ts';
import type { Metric } from '../model/metrics.ts';

export const MS_PER: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    μs: 1e-3,
    ms: 1,
    millisecond: 1,
    milliseconds: 1,
    s: 1000,
    sec: 1000,
    second: 1000,
    seconds: 1000,
    min: 60_000,
    minute: 60_000,
    minutes: 60_000,
  }),
);

export const BYTES_PER: ReadonlyMap<string, number> = new Map(
  Object.entries({
    b: 1,
    byte: 1,
    bytes: 1,
    kb: 1e3,
    mb: 1e6,
    gb: 1e9,
    kib: 1024,
    mib: 1024 ** 2,
    gib: 1024 ** 3,
  }),
);

const PER_SECOND = ['/s', '1/s', 'rps', 'tps', 'per second', 'per_second', 'req/s', 'requests/s', 'iterations/s'];
export const PER_MINUTE = ['/min', '1/min', 'rpm', 'tpm', 'per minute', 'per_minute', 'req/min', 'requests/min'];
export const PERCENT = ['%', 'percent', 'pct'];

/** What one of `unit` is in k6's own unit for this statistic; undefined where the unit is only a label. */
function factorOf(unit: string, metric: Pick<Metric, 'type' | 'contains'>, statistic: string): number | undefined {
  const word = unit.trim().toLowerCase();
  if (metric.type === 'rate') return PERCENT.includes(word) ? 0.01 : undefined;
  if (metric.type === 'counter' && statistic === 'rate') {
    if (PER_SECOND.includes(word)) return 1;
    if (PER_MINUTE.includes(word)) return 1 / 60;
    const [amount, time] = word.split('/');
    const bytes = metric.contains === 'data' ? BYTES_PER.get(amount ?? '') : undefined;
    return bytes === undefined || time !== 's' ? undefined : bytes;
  }
  if (metric.contains === 'time') return MS_PER.get(word);
  if (metric.contains === 'data') return BYTES_PER.get(word);
  return undefined;
}

/**
 * The unit of a statistic: ms and B by what k6 says the metric contains, per second for the rate of a counter, '' for
 * plain numbers and for shares from 0 to 1.
 */
export function unitOf(metric: Pick<Metric, 'type' | 'contains'>, statistic: Statistic): string {
  if (metric.type === 'rate') return '';
  const unit = metric.contains === 'time' ? 'ms' : metric.contains === 'data' ? 'B' : '';
  return metric.type === 'counter' && statistic === 'rate' ? `${unit}/s` : unit;
}

/**
 * The KPI with its target in k6's unit: milliseconds, bytes, shares from 0 to 1, per second. A unit that says nothing of
 * the kind stays as a label with its number; an empty one is filled in. Doing it twice changes nothing.
 */
export function inK6Unit<K extends Pick<Kpi, 'statistic' | 'target' | 'unit'>>(
  kpi: K,
  metric: Pick<Metric, 'type' | 'contains'>,
): K {
  const own = unitOf(metric, kpi.statistic);
  if (kpi.unit === '' || kpi.unit === own) return { ...kpi, unit: own };
  const factor = factorOf(kpi.unit, metric, kpi.statistic);
  if (factor === undefined) return kpi;
  // 12 digits: 0.3 % is to be 0.003, not 0.0030000000000000001.
  return { ...kpi, target: Number((kpi.target * factor).toPrecision(12)), unit: own };
}
