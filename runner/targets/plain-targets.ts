// Targets in the informal ways that teams write them (`p95_ms: 300`, `p95_response_time: < 2 s under 100 RPS`) → KPIs.
// A row that is not understood wholly goes into `unread`, with the reason and proposed targets.

import { BUILTIN_METRICS } from '../model/builtin-metrics.ts';
import { PROFILES } from '../model/plan.ts';
import { isRecord } from '../system/json.ts';
import { speaksOfPerformance } from './about-performance.ts';
import { isUnread, type Limit, readLimit } from './limit.ts';
import { kpiOf } from './limited-subject.ts';
import { readMetric } from './metric-rows.ts';
import {
  MIXED_BLOCKS,
  type Place,
  type Row,
  type RowsContext,
  sentence,
  spoken,
  TARGET_BLOCKS,
  type TargetsRead,
  unread,
} from './row.ts';
import { namesRequestsOnly, type ReadSubject, subjectOf } from './target-words.ts';
import { readUnit } from './unit.ts';

// The shapes:
//
//   rows      -> ( subject ":" limit | metric ":" thresholds | part ":" rows | sentence )*
//   limit     -> number | "[comparison] number [unit] [condition]"
//   metric    -> a k6 metric name with or without {tags}
//   thresholds-> "p(95)<300" | list of those | map of statistic to limit
//   part      -> a profile's name | "profiles" | "endpoints" with names of requests below | a block such as "performance"
//   sentence  -> "subject limit" within a block of targets, as in "p95 < 300 ms"
//
// A subject is a name in snake_case, camelCase or words. All its words must be known:
//   latency      p95 p99.9 avg mean med median min max, with latency, response, time, duration; needs a statistic
//   errors       error(s) failure(s) failed           as http_req_failed rate <=
//   success      success availability                 as http_req_failed rate <= (1 - limit)
//   checks       check(s)                             as checks rate >=
//   throughput   throughput rps tps requests          as http_reqs rate >=

/** Keys about the record itself, which are no targets. */
const ABOUT = new Set(
  (
    'schema_version version component components description id name title status owner author source notes created ' +
    'created_at updated updated_at date priority feature tags severity'
  ).split(' '),
);

/**
 * Reads rows of any shape at `path` of a record. With `targetsOnly` everything that is not understood is reported as unread; otherwise only
 * what is about performance. Throws a UserError for a k6 threshold or selector that k6 would refuse.
 */
export function readRows(
  value: unknown,
  path: readonly string[],
  context: RowsContext,
  targetsOnly: boolean,
): TargetsRead {
  const rows = readValue(value, { ...context, path, filter: {}, targetsOnly });
  return {
    kpis: rows.flatMap((row) => ('kpi' in row ? [row.kpi] : [])),
    unread: rows.flatMap((row) => ('unread' in row ? [row.unread] : [])),
  };
}

function readValue(value: unknown, place: Place): Row[] {
  if (typeof value === 'string') return readSentence(value, place);
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => readValue(item, { ...place, path: [...place.path, String(index)] }));
  }
  return isRecord(value) ? readMap(value, place) : [];
}

/** Fields of an entry with the limited subject in one and the limit in another. */
const NAMED_IN = ['metric', 'kpi', 'name', 'criterion', 'title', 'id'];
const LIMITED_IN = ['target', 'limit', 'threshold', 'value', 'goal', 'max', 'expected'];

/** `{ name: p95 response time, target: 300, unit: ms }` as a sentence; undefined for any other map. */
export function namedLimit(map: Record<string, unknown>): string | undefined {
  const field = (names: readonly string[]) =>
    names.map((name) => map[name]).find((found) => typeof found === 'string' || typeof found === 'number');
  const [name, limit] = [field(NAMED_IN), field(LIMITED_IN)];
  if (typeof name !== 'string' || limit === undefined) return undefined;
  const unit = typeof map.unit === 'string' ? ` ${map.unit}` : '';
  return `${name.replaceAll('_', ' ')}: ${limit}${unit}`;
}

function readMap(rows: Record<string, unknown>, place: Place): Row[] {
  const named = namedLimit(rows);
  if (named !== undefined) {
    const read = readSentence(named, place);
    if (read.length > 0) return read;
  }
  // A separate row `unit` applies to the numbers in the other rows.
  const { unit, ...others } = rows;
  const map =
    typeof unit === 'string' && readUnit(unit) !== undefined
      ? Object.fromEntries(
          Object.entries(others).map(([key, value]) => [
            key,
            typeof value === 'number' && !ABOUT.has(key) ? `${value} ${unit}` : value,
          ]),
        )
      : rows;
  return Object.entries(map).flatMap(([key, value]): Row[] => {
    const here = { ...place, path: [...place.path, key] };
    if (value === null || value === undefined) return [];
    if (ABOUT.has(key)) return place.targetsOnly || typeof value !== 'string' ? [] : mentioned(value, here);
    if (TARGET_BLOCKS.test(key) && typeof value === 'object') return readValue(value, { ...here, targetsOnly: true });
    if (MIXED_BLOCKS.test(key) && typeof value === 'object') return readValue(value, { ...here, targetsOnly: false });
    if (key === 'profiles' && isRecord(value)) return readMap(value, here);
    if (PROFILES.some((name) => name === key) && isRecord(value)) {
      return key === place.profile ? readMap(value, here) : [];
    }
    if (key === 'endpoints' && isRecord(value)) {
      return Object.entries(value).flatMap(([name, limits]) => {
        const below = { ...here, path: [...here.path, name], filter: { ...place.filter, name }, targetsOnly: true };
        return isRecord(limits) ? readMap(limits, below) : [unread(below, limits, 'it is not a map of limits')];
      });
    }
    return readRow(key, value, here);
  });
}

function readRow(key: string, value: unknown, here: Place): Row[] {
  // Metrics of k6 come first, before the name is read as words.
  if (BUILTIN_METRICS.has(key.replace(/\{.*$/s, ''))) {
    const rows = readMetric(key, value, here);
    if (rows !== undefined) return rows;
  }
  const isLimit = typeof value === 'number' || typeof value === 'string';
  const limit = isLimit ? readLimit(value) : undefined;
  const ofLimit = limit === undefined || isUnread(limit) ? undefined : limit.condition.statistic;
  const subject = isLimit ? subjectOf(key, ofLimit) : undefined;
  if (limit !== undefined && !isUnread(limit)) {
    const read = subject ?? requestsOf(key, limit);
    if (read !== undefined) return kpiOf(read, limit, here);
  }
  if (subject !== undefined && limit !== undefined && isUnread(limit)) return [unread(here, value, limit.unread)];
  if (!isLimit && subjectOf(key) !== undefined && !Array.isArray(value))
    return [unread(here, value, 'it is not a limit such as "< 300 ms"')];
  if (/^[A-Za-z_]\w*(\{.*\})?$/.test(key) && subject === undefined) {
    const rows = readMetric(key, value, here);
    if (rows !== undefined) return rows;
  }
  if (typeof value === 'string') return mentioned(value, here, key);
  if (typeof value === 'object')
    return readValue(value, here.targetsOnly && !Array.isArray(value) ? nested(here) : here);
  const statisticLess = /(?:latency|response|duration)/i.test(key);
  if (!here.targetsOnly && !statisticLess) {
    const text = spoken(key, value);
    return speaksOfPerformance(text) ? [unread(here, value, `"${key}" contains an unknown word`)] : [];
  }
  return [
    unread(
      here,
      value,
      statisticLess ? 'it has no statistic, such as p95' : `"${key}" is not the name of a target, such as p95_ms`,
    ),
  ];
}

/** Below a key that is not understood, rows are still targets. */
function nested(place: Place): Place {
  return { ...place, targetsOnly: true };
}

/** The subject of `requests: 600 requests per minute`: its unit shows that it is a throughput. */
function requestsOf(key: string, limit: Limit): ReadSubject | undefined {
  if (limit.quantity?.of !== 'rate' || !namesRequestsOnly(key)) return undefined;
  return { subject: 'throughput', statistic: undefined, unit: '' };
}

/** A text without a limit: an unread row if it is about performance, otherwise nothing. */
function mentioned(text: string, here: Place, key = ''): Row[] {
  const whole = key === '' ? text : `${key.replace(/[_-]+/g, ' ')}: ${text}`;
  if (!speaksOfPerformance(whole)) return [];
  return [sentence(here, text)];
}

/** A text in a list or instead of a map. It is read like a row if everything at its place is a target. */
function readSentence(text: string, here: Place): Row[] {
  if (here.targetsOnly) {
    const read = rowOf(text);
    if (read !== undefined) return kpiOf(read.subject, read.limit, here, text);
    return [sentence(here, text)];
  }
  return mentioned(text, here);
}

/** The subject and limit of `p95 response time < 2 s`; undefined unless every word is understood. */
function rowOf(text: string): { subject: ReadSubject; limit: Limit } | undefined {
  for (const { index } of text.matchAll(/[<>=≤≥]|\s+/g)) {
    const limit = readLimit(text.slice(index));
    if (isUnread(limit)) continue;
    const subject = subjectOf(text.slice(0, index).replace(/:\s*$/, ''), limit.condition.statistic);
    if (subject !== undefined) return { subject, limit };
  }
  return undefined;
}
