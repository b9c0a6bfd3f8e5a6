// Rows with the name of a k6 metric → KPIs: `http_req_duration: ["p(95)<300"]`, `http_req_duration: { p95: 300 }`.

import { BUILTIN_METRICS } from '../model/builtin-metrics.ts';
import { isRecord } from '../system/json.ts';
import { parseDriftExpression } from './drift-target.ts';
import { isUnread, readLimit } from './limit.ts';
import { kpiRow, MIXED_BLOCKS, type Place, placeText, type Row, TARGET_BLOCKS, unread } from './row.ts';
import { statisticOf, unitOfWord, wordsOf } from './target-words.ts';
import { formatSelector, parseSelector, parseStatistic, parseThreshold } from './threshold.ts';

const K6_EXPRESSION = /^(?:avg|min|max|med|count|rate|value|p\([\d.]+\))\s*(?:[<>]=?|={2,3}|!=)\s*[+-]?[\d.]+$/;
/** Names of lists of sentences, which are not metrics. */
const LISTS_OF_SENTENCES =
  /^(?:(?:acceptance_?)?criteri(?:a|on)|requirements?|goals?|expectations?|rules?|scenarios?|items?)$/i;

/** The rows of `http_req_duration: ["p(95)<300"]` or `http_req_duration: {p95: 300}`; undefined for a value of another form. */
export function readMetric(key: string, value: unknown, place: Place): Row[] | undefined {
  const where = `${place.where}: ${placeText(place.path)}`;
  const below = () => {
    const { metric, filter } = parseSelector(key, where);
    return { metric, place: { ...place, filter: { ...place.filter, ...filter } } };
  };
  // For a metric of k6, any expression counts, so that one that k6 refuses is an error. `criteria: ["errors < 1%"]` is a list of sentences.
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
      const required = parseDriftExpression(text) ?? { ...parseThreshold(text, where), unit: '' };
      return kpiRow({ metric, ...required }, here, {}, id);
    });
  }
  if (!isRecord(value) || !Object.keys(value).some((name) => statisticOfName(name) !== undefined)) return undefined;
  return Object.entries(value).flatMap(([name, written]) => {
    const here = { ...place, path: [...place.path, name] };
    const statistic = statisticOfName(name);
    const limit = readLimit(written);
    const unit = unitOfWord(wordsOf(name)[1]);
    if (statistic === undefined) return [unread(here, written, `"${name}" is not a statistic`)];
    if (isUnread(limit)) return [unread(here, written, limit.unread)];
    const { metric, place: found } = below();
    const comparison = limit.comparison ?? (statistic === 'rate' || statistic === 'count' ? undefined : '<=');
    if (comparison === undefined)
      return [unread(here, written, `it does not say whether ${statistic} must be below or above the limit`)];
    const { statistic: _ofLimit, ...condition } = limit.condition;
    const required = { metric, statistic, comparison, target: limit.value, unit: limit.unit || unit };
    return kpiRow(required, { ...here, filter: found.filter }, condition);
  });
}

/** The statistic of `p95`, `p95_ms`, `p(99)` or `avg`; undefined for any other name. */
function statisticOfName(name: string): string | undefined {
  const [word = '', ...more] = wordsOf(name);
  if (more.length > 1 || (more[0] !== undefined && unitOfWord(more[0]) === '')) return undefined;
  return statisticOf(word) ?? parseStatistic(word);
}
