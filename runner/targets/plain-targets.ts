// Targets as teams jot them down (`p95_ms: 300`, `error_rate_percent: 1`, `throughput_rps: 50`) become KPIs; what cannot be
// read for certain becomes a letter, never a guess.

import type { Comparison, Kpi } from '../model/kpi.ts';
import type { TagFilter } from '../model/metrics.ts';
import { PROFILES } from '../model/plan.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { type Limit, limitOf, type ReadSubject, statisticOf, subjectOf, unitOfWord, wordsOf } from './target-words.ts';
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

interface Place {
  readonly where: string;
  readonly path: readonly string[];
  readonly filter: TagFilter;
}

/**
 * KPIs of a map of limits, for one profile: limits under the name of another profile are left out. `at` is the path of the
 * map within its record, `where` the record. Throws a UserError naming the field for a number or a limit that it cannot read.
 */
export function kpisFromMap(map: object, at: string, where: string, profile: string): Kpi[] {
  const path = at === '' ? [] : [at];
  return readMap(map, { where, path, filter: {} }, profile);
}

function readMap(map: object, place: Place, profile: string): Kpi[] {
  return Object.entries(map).flatMap(([key, value]): Kpi[] => {
    const here = { ...place, path: [...place.path, key] };
    if (ABOUT.has(key) || value === null) return [];
    if (key === 'profiles' && isRecord(value)) return readMap(value, here, profile);
    if (PROFILES.some((name) => name === key) && isRecord(value)) {
      return key === profile ? readMap(value, here, profile) : [];
    }
    if (key === 'endpoints' && isRecord(value)) {
      return Object.entries(value).flatMap(([name, limits]) => {
        const below = { ...here, path: [...here.path, name], filter: { ...place.filter, name } };
        return isRecord(limits) ? readMap(limits, below, profile) : unreadable(below, limits);
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
  const found = isRecord(value) || Array.isArray(value) ? 'a structure' : JSON.stringify(value);
  throw new UserError(
    `Expected a limit such as p95_ms: 300, error_rate_percent: 1 or throughput_rps: 50, found ${found}.`,
    {
      where: `${place.where}: ${place.path.join('.')}`,
      next: 'Write it as an entry of a list `targets`, with metric, statistic, comparison and target.',
    },
  );
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
  throw new UserError(`Expected a share below 1, or a percentage, found ${value}.`, {
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
  if (!isRecord(value)) return undefined;
  return Object.entries(value).map(([name, below]) => {
    const here = { ...place, path: [...place.path, name] };
    const [word = '', ...more] = wordsOf(name);
    const statistic = statisticOf(word) ?? parseStatistic(word);
    const limit = limitOf(below);
    const unit = unitOfWord(more[0]);
    if (statistic === undefined || limit === undefined || more.length > 1) return unreadable(here, below);
    const { metric, filter } = selector();
    const comparison = limit.comparison ?? (statistic === 'rate' || statistic === 'count' ? undefined : '<=');
    if (comparison === undefined) return unreadable(here, below);
    return plain(metric, statistic, comparison, limit.value, limit.unit || unit, { ...here, filter });
  });
}
