// A subject and a limit, such as "p95 response time" and "< 2 s" → a KPI, or the reason why they cannot be judged.

import type { Comparison } from '../model/kpi.ts';
import type { Limit } from './limit.ts';
import { kpiRow, type Place, type Row, unread } from './row.ts';
import type { ReadSubject } from './target-words.ts';
import { LARGEST_SURE_SHARE, type Quantity, readUnit, scaled } from './unit.ts';

const QUANTITY_OF: Readonly<Record<ReadSubject['subject'], Quantity>> = {
  latency: 'time',
  errors: 'share',
  checks: 'share',
  success: 'share',
  throughput: 'rate',
};

const NAMES: Readonly<Record<Quantity, string>> = {
  time: 'a time',
  share: 'a share',
  rate: 'a rate',
  size: 'a size',
  transfer: 'a transfer rate',
  count: 'a number of things',
};

/** A smaller latency without a unit could be in seconds or in milliseconds. */
const SURELY_MS = 20;
/** A longer response time is probably a misreading, such as `1,500 s`. */
const LONGEST_SURE_MS = 15 * 60_000;

/** The row with the KPI, or an unread row if the limit does not fit the subject or is ambiguous. `id`: the text of a sentence. */
export function kpiOf(subject: ReadSubject, limit: Limit, place: Place, id?: string): Row[] {
  const { subject: about } = subject;
  const refuse = (reason: string) => [unread(place, id ?? written(limit), reason)];
  const unit = limit.unit === '' ? subject.unit : limit.unit;
  const quantity = readUnit(unit);
  if (unit !== '' && quantity?.of !== QUANTITY_OF[about]) {
    return refuse(
      `${unit} is ${quantity === undefined ? 'not a known unit' : `${NAMES[quantity.of]}, not ${NAMES[QUANTITY_OF[about]]}`}`,
    );
  }
  if (limit.unit !== '' && subject.unit !== '' && readUnit(subject.unit)?.factor !== quantity?.factor) {
    return refuse(`the unit is ${subject.unit} in its name and ${limit.unit} in its value`);
  }
  const { statistic: ofLimit, ...condition } = limit.condition;
  if (limit.value < 0) return refuse(`${limit.value} is negative`);
  const isLessBetter = about === 'latency' || about === 'errors';
  const [sign] = limit.comparison ?? '';
  if (sign === (isLessBetter ? '>' : '<')) {
    const [required, better] = isLessBetter ? ['more', 'less'] : ['less', 'more'];
    return refuse(`it requires ${required}, but ${better} is better: is this what must not happen?`);
  }
  if (about === 'latency') {
    const statistic = subject.statistic ?? ofLimit;
    if (statistic === undefined) return refuse('it has no statistic, such as p95');
    if (ofLimit !== undefined && ofLimit !== statistic) return refuse(`it names both ${statistic} and ${ofLimit}`);
    if (limit.value * (quantity?.factor ?? 1) > LONGEST_SURE_MS)
      return refuse(`${limit.value} ${unit} is too long for a response time`);
    if (unit === '' && limit.value < SURELY_MS) return refuse(`${limit.value} has no unit: it could be ms or s`);
    return finish('http_req_duration', statistic, limit.comparison ?? '<=', limit.value, unit || 'ms');
  }
  if (
    ofLimit !== undefined ||
    subject.statistic === 'avg' ||
    subject.statistic === 'med' ||
    subject.statistic?.startsWith('p(')
  ) {
    return refuse(`${about} have no ${ofLimit ?? subject.statistic}`);
  }
  if (about === 'throughput') {
    return finish('http_reqs', 'rate', limit.comparison ?? '>=', limit.value, unit || '/s');
  }
  const share = quantity === undefined ? limit.value : scaled(limit.value, quantity.factor);
  if (quantity === undefined && !isSureFraction(about, share, place)) {
    return refuse(
      share > 1 || share < 0
        ? `a share without a unit must be from 0 to 1: write "${limit.value} %", or end the name in _percent`
        : `${share} could be ${scaled(share, 100)} % or ${share} %: write the unit, or end the name in _percent`,
    );
  }
  if (share < 0 || share > 1) return refuse(`${limit.value} % is not a share from 0 % to 100 %`);
  if (about === 'checks') return finish('checks', 'rate', limit.comparison ?? '>=', share, '');
  if (about === 'errors') return finish('http_req_failed', 'rate', limit.comparison ?? '<=', share, '');
  // 12 digits, so that 1 - 0.999 is 0.001 and not 0.0010000000000000009.
  const failed = Number((1 - share).toPrecision(12));
  return finish('http_req_failed', 'rate', MIRRORED[limit.comparison ?? '>='], failed, '');

  function finish(metric: string, statistic: string, comparison: Comparison, target: number, unitText: string): Row[] {
    return kpiRow({ metric, statistic, comparison, target, unit: unitText }, place, condition, id);
  }
}

/**
 * Whether a share without a unit is certainly a fraction, as in k6's `rate<0.01`: a small share of failures or a large one of successes.
 * 0.5 could also mean 0.5 %.
 */
function isSureFraction(about: ReadSubject['subject'], share: number, { path }: Place): boolean {
  if (share < 0 || share > 1) return false;
  if (/ratio|fraction/i.test(path.at(-1) ?? '')) return true;
  return about === 'errors' ? share < LARGEST_SURE_SHARE : share > 1 - LARGEST_SURE_SHARE;
}

function written(limit: Limit): string {
  return `${limit.comparison ?? ''} ${limit.value} ${limit.unit}`.trim();
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};
