// The name and the text of a limit as people jot them down, `p95ResponseTimeMs` and `< 300 ms`, become what they speak of.

import type { Comparison } from '../model/kpi.ts';
import { parseStatistic } from './threshold.ts';

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
  }),
);

const UNIT_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    ms: 'ms',
    milliseconds: 'ms',
    s: 's',
    sec: 's',
    seconds: 's',
    percent: '%',
    pct: '%',
    rps: 'rps',
    tps: 'rps',
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
]);

export interface Limit {
  readonly comparison: Comparison | undefined;
  readonly value: number;
  readonly unit: string;
}

/** The words of a key: `p95ResponseTimeMs`, `p99_9_ms` and `p(95) ms` alike. */
export function wordsOf(key: string): string[] {
  return key
    .replace(/p\((\d+(?:\.\d+)?)\)/gi, 'p$1')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/(^|_)p(\d{2})_(\d+)(?=_|$)/g, '$1p$2.$3')
    .split(/[\s_-]+/)
    .filter((word) => word !== '');
}

const LIMIT = /^(<=|>=|==|!=|<|>)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s].*)?$/;

/** `300`, `"300 ms"`, `"<= 1 %"`; undefined for anything else. */
export function limitOf(value: unknown): Limit | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? { comparison: undefined, value, unit: '' } : undefined;
  if (typeof value !== 'string') return undefined;
  const match = LIMIT.exec(value.trim());
  if (match === null) return undefined;
  const comparison = COMPARISON_OF[match[1] ?? ''];
  return { comparison, value: Number(match[2]), unit: match[3]?.trim() ?? '' };
}

const COMPARISON_OF: Readonly<Record<string, Comparison>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '==': '==',
  '!=': '!=',
};

/** What the name of a limit speaks of. */
export interface ReadSubject {
  readonly subject: Subject;
  readonly statistic: string | undefined;
  readonly unit: string;
}

/** What a key speaks of; undefined unless every one of its words is known. */
export function subjectOf(key: string): ReadSubject | undefined {
  let statistic: string | undefined;
  let subject: Subject | undefined;
  let unit = '';
  const words = wordsOf(key);
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
  if (subject === undefined && words.join(' ') === 'requests per second') subject = 'throughput';
  if (subject === undefined && statistic !== undefined) subject = 'latency';
  if (subject === undefined || (subject === 'latency' && statistic === undefined)) return undefined;
  return { subject, statistic, unit };
}

/** The statistic that a word names: `p95`, `p99.9`, `mean`, `median`; undefined for any other word. */
export function statisticOf(word: string): string | undefined {
  return STATISTIC_WORDS.get(word) ?? (/^p\d/.test(word) ? parseStatistic(`p(${word.slice(1)})`) : undefined);
}

/** The unit that the last words of a key name: `percent` gives `%`; '' for any other word. */
export function unitOfWord(word: string | undefined): string {
  return word === undefined ? '' : (UNIT_WORDS.get(word) ?? '');
}
