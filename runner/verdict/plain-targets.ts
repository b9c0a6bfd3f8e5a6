// Targets as teams jot them down (`p95_ms: 300`, `error_rate_percent: 1`, `throughput_rps: 50`) become KPIs; what cannot be
// read for certain becomes a letter, never a guess.

import { Letter } from '../errors.ts';
import type { TagFilter } from '../metrics/model.ts';
import { PROFILES } from '../scenario/plan.ts';
import type { Comparison, Kpi } from './model.ts';
import { formatSelector, parseSelector, parseStatistic, parseThreshold } from './threshold.ts';

// The shapes:
//
//   limits    -> ( subject ":" limit | metric ":" thresholds | part ":" limits )*
//   limit     -> number | "[comparison] number [unit]"
//   metric    -> a k6 metric name with or without {tags}
//   thresholds-> "p(95)<300" | list of those | map of statistic to limit
//   part      -> a profile's name | "profiles" | "endpoints" with names of requests below
//
// A subject is a name in snake_case, camelCase or words, all of whose words must be known:
//   latency      p95 p99.9 avg mean med median min max, with latency, response, time, duration; needs a statistic
//   errors       error(s) failure(s) failed           as http_req_failed rate <=
//   success      success availability                 as http_req_failed rate <= (1 - limit)
//   checks       check(s)                             as checks rate >=
//   throughput   throughput rps tps requests          as http_reqs rate >=

/** Keys of a record that are about the record, not targets. */
const ABOUT = new Set([
  'schema_version',
  'version',
  'component',
  'description',
  'id',
  'name',
  'title',
  'status',
  'owner',
  'author',
  'source',
  'notes',
  'created',
  'created_at',
  'updated',
  'updated_at',
  'date',
  'priority',
  'feature',
  'tags',
]);

const STATISTIC_WORDS: Readonly<Record<string, string>> = {
  avg: 'avg',
  average: 'avg',
  mean: 'avg',
  med: 'med',
  median: 'med',
  min: 'min',
  minimum: 'min',
  max: 'max',
  maximum: 'max',
};

type Subject = 'latency' | 'errors' | 'success' | 'checks' | 'throughput';

const SUBJECT_WORDS: Readonly<Record<string, Subject>> = {
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
};

const UNIT_WORDS: Readonly<Record<string, string>> = {
  ms: 'ms',
  milliseconds: 'ms',
  s: 's',
  sec: 's',
  seconds: 's',
  percent: '%',
  pct: '%',
  rps: 'rps',
  tps: 'rps',
};

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

interface Limit {
  readonly comparison: Comparison | undefined;
  readonly value: number;
  readonly unit: string;
}

/** The words of a key: `p95ResponseTimeMs`, `p99_9_ms` and `p(95) ms` alike. */
function wordsOf(key: string): string[] {
  return key
    .replace(/p\((\d+(?:\.\d+)?)\)/gi, 'p$1')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/(^|_)p(\d{2})_(\d+)(?=_|$)/g, '$1p$2.$3')
    .split(/[\s_-]+/)
    .filter((word) => word !== '');
}

const LIMIT = /^(<=|>=|==|!=|<|>)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s].*)?$/;

function limitOf(value: unknown): Limit | undefined {
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

interface Place {
  readonly where: string;
  readonly path: readonly string[];
  readonly filter: TagFilter;
}

/**
 * KPIs of a map of limits, for one profile: limits under the name of another profile are left out. `at` is the path of the
 * map within its record, `where` the record. Throws a Letter naming the field for a number or a limit that it cannot read.
 */
export function kpisFromMap(map: object, at: string, where: string, profile: string): Kpi[] {
  const path = at === '' ? [] : [at];
  return readMap(map, { where, path, filter: {} }, profile);
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMap(map: object, place: Place, profile: string): Kpi[] {
  return Object.entries(map).flatMap(([key, value]): Kpi[] => {
    const here = { ...place, path: [...place.path, key] };
    if (ABOUT.has(key) || value === null) return [];
    if (key === 'profiles' && isMap(value)) return readMap(value, here, profile);
    if (PROFILES.some((name) => name === key) && isMap(value)) {
      return key === profile ? readMap(value, here, profile) : [];
    }
    if (key === 'endpoints' && isMap(value)) {
      return Object.entries(value).flatMap(([name, limits]) => {
        const below = { ...here, path: [...here.path, name], filter: { ...place.filter, name } };
        return isMap(limits) ? readMap(limits, below, profile) : unreadable(below, limits);
      });
    }
    const limit = limitOf(value);
    const subject = subjectOf(key);
    if (subject !== undefined && limit !== undefined) return [kpiOf(subject, limit, here)];
    if (/^[A-Za-z_]\w*(\{.*\})?$/.test(key) && subject === undefined) {
      const kpis = readMetric(key, value, here);
      if (kpis !== undefined) return kpis;
    }
    // A sentence beside the targets is no target; a number, a limit or a map that cannot be read is a target lost.
    return typeof value === 'string' && limit === undefined ? [] : unreadable(here, value);
  });
}

function unreadable(place: Place, value: unknown): never {
  const found = isMap(value) || Array.isArray(value) ? 'a structure' : JSON.stringify(value);
  throw new Letter(
    `Expected a limit such as p95_ms: 300, error_rate_percent: 1 or throughput_rps: 50, found ${found}.`,
    {
      where: `${place.where}: ${place.path.join('.')}`,
      next: 'Write it as an entry of a list `targets`, with metric, statistic, comparison and target.',
    },
  );
}

interface ReadSubject {
  readonly subject: Subject;
  readonly statistic: string | undefined;
  readonly unit: string;
}

function subjectOf(key: string): ReadSubject | undefined {
  let statistic: string | undefined;
  let subject: Subject | undefined;
  let unit = '';
  const words = wordsOf(key);
  for (const word of words) {
    const found = STATISTIC_WORDS[word] ?? (/^p\d/.test(word) ? parseStatistic(`p(${word.slice(1)})`) : undefined);
    if (found !== undefined) statistic = found;
    if (SUBJECT_WORDS[word] !== undefined) subject = SUBJECT_WORDS[word];
    if (UNIT_WORDS[word] !== undefined) unit = UNIT_WORDS[word];
    const known = found ?? SUBJECT_WORDS[word] ?? UNIT_WORDS[word];
    if (known === undefined && !FILLERS.has(word)) return undefined;
  }
  if (subject === undefined && words.join(' ') === 'requests per second') subject = 'throughput';
  if (subject === undefined && statistic !== undefined) subject = 'latency';
  if (subject === undefined || (subject === 'latency' && statistic === undefined)) return undefined;
  return { subject, statistic, unit };
}

function kpiOf({ subject, statistic, unit }: ReadSubject, limit: Limit, place: Place): Kpi {
  const given = limit.unit === '' ? unit : limit.unit;
  switch (subject) {
    case 'latency':
      return plain(
        'http_req_duration',
        statistic ?? 'med',
        limit.comparison ?? '<=',
        limit.value,
        given || 'ms',
        place,
      );
    case 'errors':
      return plain('http_req_failed', 'rate', limit.comparison ?? '<=', share(limit.value, given, place), '', place);
    case 'checks':
      return plain('checks', 'rate', limit.comparison ?? '>=', share(limit.value, given, place), '', place);
    case 'throughput':
      return plain('http_reqs', 'rate', limit.comparison ?? '>=', limit.value, given || '/s', place);
    case 'success': {
      const comparison = MIRRORED[limit.comparison ?? '>='];
      // 12 digits: 1 - 0.999 is to be 0.001, not 0.0010000000000000009.
      const failed = Number((1 - share(limit.value, given, place)).toPrecision(12));
      return plain('http_req_failed', 'rate', comparison, failed, '', place);
    }
  }
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

/** A share from 0 to 1. Without a unit, 1 and more could be percent or a mistake, so it is asked for. */
function share(value: number, unit: string, place: Place): number {
  if (unit === '%' || unit === 'percent') return Number((value / 100).toPrecision(12));
  if (value >= 0 && value < 1) return value;
  throw new Letter(`Expected a share below 1, or a percentage, found ${value}.`, {
    where: `${place.where}: ${place.path.join('.')}`,
    next: `Write "${value} %", or end the name in _percent.`,
  });
}

function plain(
  metric: string,
  statistic: string,
  comparison: Comparison,
  target: number,
  unit: string,
  place: Place,
): Kpi {
  return {
    id: place.path.join('.'),
    metric,
    filter: place.filter,
    statistic,
    comparison,
    target,
    unit,
    severity: 'medium',
    source: 'target',
  };
}

/** `http_req_duration: ["p(95)<300"]` and `http_req_duration: {p95: 300}`; undefined where the value is neither. */
function readMetric(key: string, value: unknown, place: Place): Kpi[] | undefined {
  const where = `${place.where}: ${place.path.join('.')}`;
  const selector = () => {
    const { metric, filter } = parseSelector(key, where);
    return { metric, filter: { ...place.filter, ...filter } };
  };
  const expressions = typeof value === 'string' && /[<>=]/.test(value) ? [value] : value;
  if (Array.isArray(expressions) && expressions.every((text) => typeof text === 'string')) {
    return expressions.map((text: string) => {
      const { metric, filter } = selector();
      const { statistic, comparison, target } = parseThreshold(text, where);
      const id = `${formatSelector({ metric, filter })} ${text}`;
      return { ...plain(metric, statistic, comparison, target, '', { ...place, filter }), id };
    });
  }
  if (!isMap(value)) return undefined;
  return Object.entries(value).map(([name, below]) => {
    const here = { ...place, path: [...place.path, name] };
    const [word = '', ...more] = wordsOf(name);
    const statistic = STATISTIC_WORDS[word] ?? parseStatistic(/^p\d/.test(word) ? `p(${word.slice(1)})` : word);
    const limit = limitOf(below);
    const unit = UNIT_WORDS[more[0] ?? ''] ?? '';
    if (statistic === undefined || limit === undefined || more.length > 1) return unreadable(here, below);
    const { metric, filter } = selector();
    const comparison = limit.comparison ?? (statistic === 'rate' || statistic === 'count' ? undefined : '<=');
    if (comparison === undefined) return unreadable(here, below);
    return plain(metric, statistic, comparison, limit.value, limit.unit || unit, { ...here, filter });
  });
}
