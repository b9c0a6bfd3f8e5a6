// The text of a k6 threshold → data: `p(95)<250` is a statistic, a comparison and a target, `http_reqs{name:x}` a metric and its tags.

import type { Comparison, Statistic } from '../model/kpi.ts';
import type { MetricType, TagFilter } from '../model/metrics.ts';
import { UserError } from '../system/errors.ts';

export interface ThresholdExpression {
  /** Canonical, so that `p(99.90)` and `p(99.9)` are the same. */
  readonly statistic: Statistic;
  readonly comparison: Comparison;
  readonly target: number;
}

export interface Selector {
  readonly metric: string;
  readonly filter: TagFilter;
}

// k6 v2.2.0, metrics/thresholds_parser.go:
//
//   assertion           -> aggregation_method whitespace* operator whitespace* float
//   aggregation_method  -> "count" | "rate" | "value" | "avg" | "min" | "max" | "med" | percentile
//   percentile          -> "p(" float ")" | "p"          a bare p is p(0), as k6's zero value has it
//   operator            -> "<=" | "<" | ">=" | ">" | "===" | "==" | "!="
//
// The operator is the first of this list that occurs anywhere with text to its right, so the order of the list is part of the grammar:
// `count=>5` is a method `count=`, which does not exist. A float is whatever Go's strconv.ParseFloat accepts. We accept its decimal
// forms, but neither hexadecimal ones nor Inf and NaN, which a report could not show.

const OPERATORS: ReadonlyArray<readonly [token: string, comparison: Comparison]> = [
  ['<=', '<='],
  ['<', '<'],
  ['>=', '>='],
  ['>', '>'],
  ['===', '=='],
  ['==', '=='],
  ['!=', '!='],
];
const KEYWORDS = ['count', 'rate', 'value', 'avg', 'min', 'max', 'med'];
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const GRAMMAR = 'avg, min, max, med, p(N), count, rate or value, then < <= > >= == or !=, then a number';

/** A finite decimal number that Go's ParseFloat accepts; undefined for any other text. */
function parseFloatStrictly(text: string): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * An aggregation method of k6 in its canonical spelling: `p(99.90)` becomes `p(99.9)`, `p` becomes `p(0)`. undefined if k6 has no such
 * method or the percentile is not from 0 to 100.
 */
export function parseStatistic(text: string): Statistic | undefined {
  if (KEYWORDS.includes(text)) return text;
  if (text === 'p') return 'p(0)';
  if (!text.startsWith('p(') || !text.endsWith(')')) return undefined;
  const percentile = parseFloatStrictly(text.slice(2, -1));
  if (percentile === undefined || percentile < 0 || percentile > 100) return undefined;
  return `p(${percentile + 0})`;
}

/**
 * Parses `p(95)<250` as k6 does. `where` is the place of the expression for the error. Throws a UserError with the expected and the
 * found text.
 */
export function parseThreshold(expression: string, where?: string): ThresholdExpression {
  const place = where === undefined ? {} : { where };
  for (const [token, comparison] of OPERATORS) {
    const at = expression.indexOf(token);
    const right = expression.slice(at + token.length);
    if (at < 0 || right === '') continue;
    const method = expression.slice(0, at).trim();
    const statistic = parseStatistic(method);
    if (statistic === undefined) {
      throw new UserError(
        `Expected avg, min, max, med, count, rate, value or p(N) with N from 0 to 100 before ${token}, found "${method}" in the threshold "${expression}".`,
        place,
      );
    }
    const target = parseFloatStrictly(right.trim());
    if (target === undefined) {
      throw new UserError(
        `Expected a number after ${token}, found "${right.trim()}" in the threshold "${expression}".`,
        place,
      );
    }
    return { statistic, comparison, target };
  }
  throw new UserError(`Expected a threshold such as p(95)<250, found "${expression}".`, {
    ...place,
    next: `write ${GRAMMAR}`,
  });
}

// k6 v2.2.0, metrics/metric.go, ParseMetricName and AddSubmetric:
//
//   selector  -> metric | metric "{" tag ("," tag)* "}"
//   tag       -> key ":" value                           the first colon divides; the value may hold more
//
// The braces are the first "{" and the last "}", which must be the end of the text, so values may contain braces. Commas always separate
// tags, even within quotes, so values cannot contain commas. Spaces, and after them any number of single or double quotes, are removed
// from both ends of keys and values. Of a repeated key the last value counts.

const QUOTES = /^["']+|["']+$/g;

function unquoted(text: string): string {
  return text.trim().replace(QUOTES, '');
}

/**
 * Parses `http_req_duration{name:GET /x,status:200}` as k6 does; without braces the filter is empty. Throws a UserError for braces or
 * tags that k6 refuses.
 */
export function parseSelector(selector: string, where?: string): Selector {
  const place = where === undefined ? {} : { where };
  const open = selector.indexOf('{');
  const close = selector.lastIndexOf('}');
  if (open < 0 && close < 0) return { metric: nonEmptyMetric(selector, selector, place), filter: {} };
  if (open < 0 || close < open || close !== selector.length - 1) {
    throw new UserError(`Expected tags in braces at the end, such as {name:value}, found "${selector}".`, place);
  }
  const filter: Record<string, string> = {};
  for (const tag of selector.slice(open + 1, close).split(',')) {
    const colon = tag.indexOf(':');
    const key = unquoted(tag.slice(0, Math.max(colon, 0)));
    if (colon < 0 || colon === tag.length - 1 || key === '') {
      throw new UserError(`Expected tag:value between commas, found "${tag.trim()}" in "${selector}".`, {
        ...place,
        next: 'k6 splits at every comma, quoted or not, so tag values with a comma cannot be selected',
      });
    }
    Object.defineProperty(filter, key, {
      value: unquoted(tag.slice(colon + 1)),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return { metric: nonEmptyMetric(selector.slice(0, open), selector, place), filter };
}

function nonEmptyMetric(metric: string, selector: string, place: { where?: string }): string {
  if (metric === '') throw new UserError(`Expected the name of a metric, found "${selector}".`, place);
  return metric;
}

/** A metric and its tags as k6 writes them: `http_reqs{name:x,status:200}`. */
export function formatSelector({ metric, filter }: Selector): string {
  const tags = Object.entries(filter).map(([key, value]) => `${key}:${value}`);
  return tags.length === 0 ? metric : `${metric}{${tags.join(',')}}`;
}

/** The statistics that k6 allows for thresholds on a metric of this type, `p(N)` for any percentile. */
export const STATISTICS_OF: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['count', 'rate'],
  gauge: ['value'],
  rate: ['rate'],
  trend: ['avg', 'min', 'max', 'med', 'p(N)'],
};

/** Whether k6 accepts a threshold with this statistic on a metric of this type. */
export function isStatisticOf(type: MetricType, statistic: Statistic): boolean {
  return STATISTICS_OF[type].includes(statistic.startsWith('p(') ? 'p(N)' : statistic);
}
