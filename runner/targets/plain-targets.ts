// Targets as teams jot them down (`p95_ms: 300`, `error_rate: "< 1 %"`, `p95_response_time: < 2 s under 100 RPS`) become KPIs.
// A row is read whole or not at all: one that is not goes into `unread`, with the reason and the targets that would say it.

import { BUILTIN_METRICS } from '../model/builtin-metrics.ts';
import type { Comparison, Kpi, TargetOrigin } from '../model/kpi.ts';
import type { TagFilter } from '../model/metrics.ts';
import { PROFILES } from '../model/plan.ts';
import { isRecord } from '../system/json.ts';
import { speaksOfPerformance, whyNoTarget } from './about-performance.ts';
import { parseDriftExpression } from './drift-target.ts';
import { type Condition, isUnread, type Limit, readLimit } from './limit.ts';
import { type Proposal, proposeTargets } from './propose.ts';
import { namesRequestsOnly, type ReadSubject, statisticOf, subjectOf, unitOfWord, wordsOf } from './target-words.ts';
import { formatSelector, parseSelector, parseStatistic, parseThreshold } from './threshold.ts';
import { LARGEST_SURE_SHARE, type Quantity, readUnit, scaled } from './unit.ts';

// The shapes:
//
//   rows      -> ( subject ":" limit | metric ":" thresholds | part ":" rows | sentence )*
//   limit     -> number | "[comparison] number [unit] [condition]"
//   metric    -> a k6 metric name with or without {tags}
//   thresholds-> "p(95)<300" | list of those | map of statistic to limit
//   part      -> a profile's name | "profiles" | "endpoints" with names of requests below | a block such as "performance"
//   sentence  -> "subject limit" within a block of targets, as in "p95 < 300 ms"
//
// A subject is a name in snake_case, camelCase or words, all of whose words must be known:
//   latency      p95 p99.9 avg mean med median min max, with latency, response, time, duration; needs a statistic
//   errors       error(s) failure(s) failed           as http_req_failed rate <=
//   success      success availability                 as http_req_failed rate <= (1 - limit)
//   checks       check(s)                             as checks rate >=
//   throughput   throughput rps tps requests          as http_reqs rate >=

/** Keys of a record that are about the record, not targets. */
const ABOUT = new Set(
  (
    'schema_version version component components description id name title status owner author source notes created ' +
    'created_at updated updated_at date priority feature tags severity'
  ).split(' '),
);

/** Blocks that hold targets. In the second group among other things. */
const TARGET_BLOCKS = /^(?:performance|performance_?(?:targets|criteria|requirements|goals)|kpis?|slos?|slas?)$/i;
const MIXED_BLOCKS = /^(?:non_?-?functional(?:_?requirements|_?criteria)?|nfrs?|quality(?:_?attributes)?)$/i;

/** A row that was not read. */
export interface UnreadTarget {
  /** From the record's value to the row. */
  readonly path: readonly string[];
  /** `p95_response_time: < 2 s during peak` */
  readonly text: string;
  /** A clause. */
  readonly reason: string;
  /** Targets that would say it; none where nothing can be guessed. */
  readonly proposals: readonly Proposal[];
}

export interface TargetsRead {
  readonly kpis: readonly Kpi[];
  readonly unread: readonly UnreadTarget[];
}

export interface RowsContext {
  readonly where: string;
  /** Rows under the name of another profile are left out. */
  readonly profile: string;
  readonly source: Kpi['source'];
  readonly origin: Omit<TargetOrigin, 'field'> | undefined;
}

interface Place extends RowsContext {
  readonly path: readonly string[];
  readonly filter: TagFilter;
  /** Every row is about performance; otherwise only those that say so. */
  readonly targetsOnly: boolean;
}

type Row = { readonly kpi: Kpi } | { readonly unread: UnreadTarget };

/**
 * Reads rows of any shape at `path` of a record. `targetsOnly`: the record is about nothing else, so that whatever is not
 * understood is unread; in other records only what speaks of performance is. Throws a UserError for a k6 threshold or
 * selector that k6 would refuse.
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

/** Fields of an entry that says what is limited in one and the limit in another. */
const NAMED_IN = ['metric', 'kpi', 'name', 'criterion', 'title', 'id'];
const LIMITED_IN = ['target', 'limit', 'threshold', 'value', 'goal', 'max', 'expected'];

/** `{ name: p95 response time, target: 300, unit: ms }` as the sentence that it is; undefined for any other map. */
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
  // A unit in a row of its own belongs to the numbers next to it.
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
        return isRecord(limits) ? readMap(limits, below) : [unread(below, limits, 'it is no map of limits')];
      });
    }
    return readRow(key, value, here);
  });
}

function readRow(key: string, value: unknown, here: Place): Row[] {
  // A metric of k6's own with its expressions, before its name is read as words.
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
    return [unread(here, value, 'it is no limit such as "< 300 ms"')];
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
    return speaksOfPerformance(text) ? [unread(here, value, `not every word of "${key}" is known`)] : [];
  }
  return [
    unread(
      here,
      value,
      statisticLess ? 'it names no statistic, such as p95' : `"${key}" is no name of a target, such as p95_ms`,
    ),
  ];
}

/** Below a name that says nothing, rows are still rows. */
function nested(place: Place): Place {
  return { ...place, targetsOnly: true };
}

/** `requests: 600 requests per minute`: the unit says what the name does not. */
function requestsOf(key: string, limit: Limit): ReadSubject | undefined {
  if (limit.quantity?.of !== 'rate' || !namesRequestsOnly(key)) return undefined;
  return { subject: 'throughput', statistic: undefined, unit: '' };
}

/** A text that is no limit: unread where it speaks of performance, otherwise somebody's remark. */
function mentioned(text: string, here: Place, key = ''): Row[] {
  const whole = key === '' ? text : `${key.replace(/[_-]+/g, ' ')}: ${text}`;
  if (!speaksOfPerformance(whole)) return [];
  return [sentence(here, text)];
}

/** A text in a list or in place of a map: read like a row where the record holds nothing but targets. */
function readSentence(text: string, here: Place): Row[] {
  if (here.targetsOnly) {
    const read = rowOf(text);
    if (read !== undefined) return kpiOf(read.subject, read.limit, here, text);
    return [sentence(here, text)];
  }
  return mentioned(text, here);
}

/** `p95 response time < 2 s` as a subject and a limit, every word of which is understood. */
function rowOf(text: string): { subject: ReadSubject; limit: Limit } | undefined {
  for (const { index } of text.matchAll(/[<>=≤≥]|\s+/g)) {
    const limit = readLimit(text.slice(index));
    if (isUnread(limit)) continue;
    const subject = subjectOf(text.slice(0, index).replace(/:\s*$/, ''), limit.condition.statistic);
    if (subject !== undefined) return { subject, limit };
  }
  return undefined;
}

/** `performance[0].p95_ms` */
export function placeText(path: readonly string[]): string {
  return path.reduce(
    (text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

function unread(place: Place, value: unknown, reason: string): Row {
  const written = typeof value === 'object' ? 'a structure' : String(value);
  const key = place.path.at(-1) ?? '';
  const text = /^\d*$/.test(key) || TARGET_BLOCKS.test(key) ? written : `${key}: ${written}`;
  return { unread: { path: place.path, text, reason, proposals: proposeTargets(spoken(key, value)) } };
}

/** A row as a person would say it: `checkout_p95_ms: 800` is "checkout p95: 800 ms"; a map of limits is its parts. */
function spoken(key: string, value: unknown): string {
  const name = /^\d+$/.test(key) ? '' : key.replace(/[_-]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2');
  if (isRecord(value)) {
    const { unit = '', ...parts } = value;
    return `${name}: ${Object.entries(parts)
      .map(([word, part]) => `${word} ${String(part)} ${String(unit)}`)
      .join(', ')}`.trim();
  }
  if (/\busers$/i.test(name) && typeof value === 'number') return `${value} ${name}`;
  const [, words = name, unit = ''] =
    typeof value === 'number' ? (/^(.*) (ms|s|sec|seconds|percent|rps|rpm)$/i.exec(name) ?? []) : [];
  return `${words}${words === '' ? '' : ': '}${String(value)} ${unit}`.trim();
}

/** A sentence is no target; where nothing can be proposed, it says what is missing. */
function sentence(here: Place, text: string): Row {
  const row = unread(here, text, 'it is a sentence, not a target');
  if (!('unread' in row) || row.unread.proposals.length > 0) return row;
  return { unread: { ...row.unread, reason: `${row.unread.reason}: ${whyNoTarget(text)}` } };
}

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

/** Below this a latency without a unit may be in seconds as well as in milliseconds. */
const SURELY_MS = 20;
/** Above this a response time is likely misread: `1,500 s`. */
const LONGEST_SURE_MS = 15 * 60_000;

function kpiOf(subject: ReadSubject, limit: Limit, place: Place, id?: string): Row[] {
  const { subject: about } = subject;
  const refuse = (reason: string) => [unread(place, id ?? written(limit), reason)];
  const unit = limit.unit === '' ? subject.unit : limit.unit;
  const quantity = readUnit(unit);
  if (unit !== '' && quantity?.of !== QUANTITY_OF[about]) {
    return refuse(
      `${unit} is ${quantity === undefined ? 'no known unit' : `${NAMES[quantity.of]}, not ${NAMES[QUANTITY_OF[about]]}`}`,
    );
  }
  if (limit.unit !== '' && subject.unit !== '' && readUnit(subject.unit)?.factor !== quantity?.factor) {
    return refuse(`its name says ${subject.unit} and its value ${limit.unit}`);
  }
  const { statistic: ofLimit, ...condition } = limit.condition;
  if (limit.value < 0) return refuse(`${limit.value} is negative`);
  const isLessBetter = about === 'latency' || about === 'errors';
  const [sign] = limit.comparison ?? '';
  if (sign === (isLessBetter ? '>' : '<')) {
    const [asked, better] = isLessBetter ? ['more', 'less'] : ['less', 'more'];
    return refuse(`it asks for ${asked}, where ${better} is better: is that what must not happen?`);
  }
  if (about === 'latency') {
    const statistic = subject.statistic ?? ofLimit;
    if (statistic === undefined) return refuse('it names no statistic, such as p95');
    if (ofLimit !== undefined && ofLimit !== statistic) return refuse(`it names both ${statistic} and ${ofLimit}`);
    if (limit.value * (quantity?.factor ?? 1) > LONGEST_SURE_MS)
      return refuse(`${limit.value} ${unit} is long for a response`);
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
        ? `a share without a unit is below 1: write "${limit.value} %", or end the name in _percent`
        : `${share} could be ${scaled(share, 100)} % or ${share} %: write the unit, or end the name in _percent`,
    );
  }
  if (share < 0 || share > 1) return refuse(`${limit.value} % is no share`);
  if (about === 'checks') return finish('checks', 'rate', limit.comparison ?? '>=', share, '');
  if (about === 'errors') return finish('http_req_failed', 'rate', limit.comparison ?? '<=', share, '');
  // 12 digits: 1 - 0.999 is to be 0.001, not 0.0010000000000000009.
  const failed = Number((1 - share).toPrecision(12));
  return finish('http_req_failed', 'rate', MIRRORED[limit.comparison ?? '>='], failed, '');

  function finish(metric: string, statistic: string, comparison: Comparison, target: number, unitText: string): Row[] {
    return plain({ metric, statistic, comparison, target, unit: unitText }, place, condition, id);
  }
}

/**
 * A share without a unit is a fraction, as in k6's rate<0.01, where it can mean nothing else: few failures, or nearly all successes.
 * 0.5 could be half a percent.
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

type Asked = Pick<Kpi, 'metric' | 'statistic' | 'comparison' | 'target' | 'unit'>;

function plain(asked: Asked, place: Place, condition: Omit<Condition, 'statistic'>, id?: string): Row[] {
  const field = placeText(place.path);
  const { load, during, profiles } = condition;
  if (profiles !== undefined && !profiles.includes(place.profile)) return [];
  return [
    {
      kpi: {
        id: id ?? field,
        ...asked,
        filter: place.filter,
        severity: 'medium',
        source: place.source,
        ...(load === undefined ? {} : { load }),
        ...(during === undefined ? {} : { during }),
        ...(place.origin === undefined ? {} : { origin: { ...place.origin, field } }),
      },
    },
  ];
}

const K6_EXPRESSION = /^(?:avg|min|max|med|count|rate|value|p\([\d.]+\))\s*(?:[<>]=?|={2,3}|!=)\s*[+-]?[\d.]+$/;
/** Names of lists of sentences; no metric has one of them. */
const LISTS_OF_SENTENCES =
  /^(?:(?:acceptance_?)?criteri(?:a|on)|requirements?|goals?|expectations?|rules?|scenarios?|items?)$/i;

/** `http_req_duration: ["p(95)<300"]` and `http_req_duration: {p95: 300}`; undefined where the value is neither. */
function readMetric(key: string, value: unknown, place: Place): Row[] | undefined {
  const where = `${place.where}: ${placeText(place.path)}`;
  const below = () => {
    const { metric, filter } = parseSelector(key, where);
    return { metric, place: { ...place, filter: { ...place.filter, ...filter } } };
  };
  // `criteria: ["errors < 1%"]` is a list of sentences; a metric of k6's own with an expression that k6 refuses is a mistake.
  const isMetric = key.includes('{') || BUILTIN_METRICS.has(key);
  const isExpression = (text: unknown) =>
    typeof text === 'string' &&
    (parseDriftExpression(text) !== undefined ||
      (isMetric ? /^[a-z]+(?:\([^)]*\))?\s*[<>=!]/.test(text.trim()) : K6_EXPRESSION.test(text.trim())));
  if (LISTS_OF_SENTENCES.test(key) || TARGET_BLOCKS.test(key) || MIXED_BLOCKS.test(key)) return undefined;
  const expressions = typeof value === 'string' ? [value] : value;
  if (Array.isArray(expressions) && expressions.length > 0 && expressions.every(isExpression)) {
    return expressions.flatMap((text: string) => {
      const { metric, place: here } = below();
      const id = `${formatSelector({ metric, filter: here.filter })} ${text}`;
      const asked = parseDriftExpression(text) ?? { ...parseThreshold(text, where), unit: '' };
      return plain({ metric, ...asked }, here, {}, id);
    });
  }
  if (!isRecord(value) || !Object.keys(value).some((name) => statisticOfName(name) !== undefined)) return undefined;
  return Object.entries(value).flatMap(([name, written]) => {
    const here = { ...place, path: [...place.path, name] };
    const statistic = statisticOfName(name);
    const limit = readLimit(written);
    const unit = unitOfWord(wordsOf(name)[1]);
    if (statistic === undefined) return [unread(here, written, `"${name}" is no statistic`)];
    if (isUnread(limit)) return [unread(here, written, limit.unread)];
    const { metric, place: found } = below();
    const comparison = limit.comparison ?? (statistic === 'rate' || statistic === 'count' ? undefined : '<=');
    if (comparison === undefined)
      return [unread(here, written, `it does not say whether ${statistic} is to be less or more`)];
    const { statistic: _ofLimit, ...condition } = limit.condition;
    const asked = { metric, statistic, comparison, target: limit.value, unit: limit.unit || unit };
    return plain(asked, { ...here, filter: found.filter }, condition);
  });
}

/** `p95`, `p95_ms`, `p(99)`, `avg`; undefined for any other name. */
function statisticOfName(name: string): string | undefined {
  const [word = '', ...more] = wordsOf(name);
  if (more.length > 1 || (more[0] !== undefined && unitOfWord(more[0]) === '')) return undefined;
  return statisticOf(word) ?? parseStatistic(word);
}
