// The informal name of a limit, such as `p95ResponseTimeMs` or `95th percentile latency` → its subject, statistic and unit.

import { parseStatistic } from './threshold.ts';
import { readUnit } from './unit.ts';

const STATISTIC_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    avg: 'avg',
    average: 'avg',
    mean: 'avg',
    med: 'med',
    median: 'med',
    min: 'min',
    minimum: 'min',
    max: 'max',
    maximum: 'max',
  }),
);

/** What a limit can be about. */
export type Subject = 'latency' | 'errors' | 'success' | 'checks' | 'throughput';

const SUBJECT_WORDS: ReadonlyMap<string, Subject> = new Map(
  Object.entries<Subject>({
    latency: 'latency',
    response: 'latency',
    duration: 'latency',
    error: 'errors',
    errors: 'errors',
    failure: 'errors',
    failures: 'errors',
    failed: 'errors',
    success: 'success',
    availability: 'success',
    check: 'checks',
    checks: 'checks',
    throughput: 'throughput',
    rps: 'throughput',
    tps: 'throughput',
    qps: 'throughput',
    rpm: 'throughput',
  }),
);

const UNIT_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    ms: 'ms',
    msec: 'ms',
    millis: 'ms',
    milliseconds: 'ms',
    s: 's',
    sec: 's',
    secs: 's',
    seconds: 's',
    percent: '%',
    pct: '%',
    rps: 'rps',
    tps: 'rps',
    qps: 'rps',
    rpm: 'rpm',
  }),
);

const FILLERS = new Set([
  'http',
  'req',
  'request',
  'requests',
  'time',
  'rate',
  'ratio',
  'per',
  'second',
  'pass',
  'target',
  'limit',
  'the',
  'of',
  'for',
  'all',
  'api',
  'under',
  'load',
  'must',
  'should',
  'be',
  'is',
]);

/** The words of a key such as `p95ResponseTimeMs`, `p99_9_ms`, `p(95) ms` or `95th percentile (ms)`. */
export function wordsOf(key: string): string[] {
  return key
    .replace(/p\((\d+(?:\.\d+)?)\)/gi, 'p$1')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/(^|_)p(\d{2})_(\d+)(?=_|$)/g, '$1p$2.$3')
    .replace(/(?<!\d)(\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)?[\s_-]*percentile/g, 'p$1')
    .replace(/percentile[\s_-]*(\d{1,2}(?:\.\d+)?)(?!\d)/g, 'p$1')
    .split(/[\s_():,-]+/)
    .filter((word) => word !== '');
}

/** The meaning of the name of a limit. */
export interface ReadSubject {
  readonly subject: Subject;
  readonly statistic: string | undefined;
  /** The unit at the end of the name, `ms` of `p95_ms`; '' for none. */
  readonly unit: string;
}

/** The meaning of a key; undefined unless all its words are known. `otherwise`: the statistic for a key without one. */
export function subjectOf(key: string, otherwise?: string): ReadSubject | undefined {
  let statistic: string | undefined;
  let subject: Subject | undefined;
  const all = wordsOf(key);
  const rate = rateAtEnd(all);
  const words = rate === undefined ? all : all.slice(0, all.length - rate.words);
  let unit = rate?.unit ?? '';
  for (const word of words) {
    const ofStatistic = statisticOf(word);
    const ofSubject = SUBJECT_WORDS.get(word);
    const ofUnit = UNIT_WORDS.get(word);
    if (ofStatistic === undefined && ofSubject === undefined && ofUnit === undefined && !FILLERS.has(word))
      return undefined;
    statistic = ofStatistic ?? statistic;
    subject = ofSubject ?? subject;
    unit = ofUnit ?? unit;
  }
  if (subject === undefined && rate !== undefined) subject = 'throughput';
  if (subject === undefined && statistic !== undefined) subject = 'latency';
  if (subject === 'latency') statistic ??= otherwise;
  if (subject === undefined || (subject === 'latency' && statistic === undefined)) return undefined;
  return { subject, statistic, unit };
}

const MOST_RATE_WORDS = 3;

/** The unit at the end of a name such as `requests per minute`, and its number of words. */
function rateAtEnd(words: readonly string[]): { unit: string; words: number } | undefined {
  for (let count = Math.min(MOST_RATE_WORDS, words.length); count >= 2; count--) {
    const unit = words.slice(-count).join(' ');
    if (readUnit(unit)?.of === 'rate') return { unit, words: count };
  }
  return undefined;
}

/** True if a name says only that it is about requests; then the unit of the limit decides. */
export function namesRequestsOnly(key: string): boolean {
  const words = wordsOf(key);
  return words.length > 0 && words.every((word) => FILLERS.has(word));
}

/** The statistic of a word: `p95`, `p99.9`, `mean`, `median`; undefined for any other word. */
export function statisticOf(word: string): string | undefined {
  return STATISTIC_WORDS.get(word) ?? (/^p\d/.test(word) ? parseStatistic(`p(${word.slice(1)})`) : undefined);
}

/** The unit of a word: `percent` is `%`; '' for any other word. */
export function unitOfWord(word: string | undefined): string {
  return word === undefined ? '' : (UNIT_WORDS.get(word) ?? '');
}
