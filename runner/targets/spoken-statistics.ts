// The statistics in a sentence ("95 % of requests", "p99", "on average", "no request takes longer") and their positions.

import type { FoundQuantity } from './quantities.ts';
import { parseStatistic } from './threshold.ts';

/** A statistic in a sentence. */
export interface NamedStatistic {
  readonly statistic: string;
  readonly start: number;
  readonly end: number;
}

const THINGS =
  'requests?|reqs?|responses?|calls?|users?|cases|searches|queries|transactions?|time|times|page loads?|pages?|loads|hits?|orders?|checkouts?|customers?|visitors?|clients|operations|reads|writes|page views?|visits|lookups|logins|answers';
/** "of all GET /search requests" */
const OF_THINGS = `of (?:(?:all|the|our|these|those|any) )*(?:(?:GET|POST|PUT|PATCH|DELETE) [^ ]+ )?(?:[\\w/-]+ ){0,2}(?:${THINGS})\\b`;
/** Words after a share that make it a share of failures or successes instead of a percentile. */
const ENDS_SO =
  /^(?: (?:may|must|should|shall|will|can|are|is|have|has|be|been|to|do|does|not|allowed|return\w*|end\w*|result\w*|in|with|an?|get|receive|complete\w*|pass(?:es)?|answered|served|handled|processed))*? ?(?:fail\w*|succe\w+|errors?|error-free|without (?:an? )?errors?|lost|dropped|rejected|timed? ?out|[45]xx|http [45]\w\w|available)\b/i;
const VERB_OF_ONE =
  '(?:(?:may|must|should|shall|can|will|is|are|allowed|permitted|to|ever) )*(?:take|takes|last|lasts|need|needs|exceed|exceeds|be|wait|waits|run|runs|have)\\b';

const PATTERNS: ReadonlyArray<readonly [words: RegExp, statistic: (digits: string) => string]> = [
  [/(?<![a-z])p ?\(?(\d{1,2}(?:\.\d+)?)\)?(?![\d%.]*\d|%)/gi, (digits) => `p(${digits})`],
  [/(?<![\d.])(\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)?[ -]percentile\b/gi, (digits) => `p(${digits})`],
  [/percentile (\d{1,2}(?:\.\d+)?)(?!\d)/gi, (digits) => `p(${digits})`],
  [/\b(?:average|averages|mean|avg)\b/gi, () => 'avg'],
  [/\bmedian\b/gi, () => 'med'],
  [/\bmax(?:imum|imal)? (?=response|latency|page|load|duration|time)/gi, () => 'max'],
];
const WORST: readonly RegExp[] = [
  new RegExp(`\\b(?:no|not a single|none of the) (?:single )?(?:[\\w/-]+ ){0,2}?(?:${THINGS}) ${VERB_OF_ONE}`, 'gi'),
  new RegExp(`\\b(?:all|every|each)(?: single)?(?: of the)? (?:[\\w/-]+ ){0,1}?(?:${THINGS})\\b`, 'gi'),
  new RegExp(`\\b(?:the )?(?:slowest|longest) (?:[\\w/-]+ ){0,1}?(?:${THINGS}|one)\\b`, 'gi'),
  /\bworst[- ]case\b/gi,
];

/** All statistics of a sentence in their order: shares that stand for percentiles, and other names of statistics. */
export function statisticsIn(text: string, quantities: readonly FoundQuantity[]): NamedStatistic[] {
  const named = PATTERNS.flatMap(([pattern, statisticOf]) =>
    [...text.matchAll(pattern)].flatMap(({ index, 0: words, 1: digits = '' }) => {
      const statistic = parseStatistic(statisticOf(digits));
      return statistic === undefined ? [] : [{ statistic, start: index, end: index + words.length }];
    }),
  );
  const all = [...named, ...quantities.flatMap((quantity) => ofShare(quantity, text))];
  // Only without another statistic, because "p95 of all requests" is a p95 and not a maximum.
  if (all.length === 0) {
    for (const pattern of WORST) {
      const [found] = text.matchAll(pattern);
      if (found !== undefined) all.push({ statistic: 'max', start: found.index, end: found.index + found[0].length });
      if (all.length > 0) break;
    }
  }
  return all.sort((a, b) => a.start - b.start);
}

/** The percentile of `95 % of requests`, `for 95 %`, `99 % < 1 s`, and of `2 % of requests take longer than`, which is a p98. */
function ofShare({ unit, value, start, end }: FoundQuantity, text: string): NamedStatistic[] {
  if (unit.of !== 'share') return [];
  const after = text.slice(end);
  const things = new RegExp(`^,? ?${OF_THINGS}`, 'i').exec(after);
  const isLed = /\b(?:for|in|on|at)(?: at least)? ?$/i.test(text.slice(0, start));
  const isCompared = /^:? ?(?:<=?|≤|under|below|within|in under|in less than|faster than) ?\d/.test(after);
  if (things === null && !isLed && !isCompared) return [];
  const behind = after.slice(things?.[0].length ?? 0);
  if (ENDS_SO.test(behind)) return [];
  const isSlow = /^(?: \w+){0,3}? ?(?:longer|slower|more|over|above|exceed\w*) (?:than )?/i.test(behind);
  const isNegated = /^(?: \w+){0,3}? ?(?:not|never|no|cannot)\b/i.test(behind);
  const share = isSlow && !isNegated ? 100 - value : value;
  if (share < 50) return [];
  const statistic = share === 100 ? 'max' : parseStatistic(`p(${Number(share.toPrecision(12))})`);
  return statistic === undefined ? [] : [{ statistic, start, end: end + (things?.[0].length ?? 0) }];
}

/**
 * The statistic of each time, in order; undefined if the sentence does not say it. A single statistic applies to all times. If there are as
 * many statistics as times, they belong together if they are in pairs or in two lists.
 */
export function statisticsOfTimes(
  times: readonly FoundQuantity[],
  named: readonly NamedStatistic[],
): ReadonlyArray<string | undefined> {
  const distinct = new Set(named.map(({ statistic }) => statistic));
  if (distinct.size === 1) return times.map(() => named[0]?.statistic);
  if (named.length !== times.length) return times.map(() => undefined);
  const inOrder = times.map((time, index) => (named[index]?.start ?? 0) < time.start);
  const [first] = inOrder;
  const isPaired = times.every((time, index) => {
    const [previous, next] = [times[index - 1], times[index + 1]];
    const start = named[index]?.start ?? 0;
    return first === true
      ? start < time.start && (previous === undefined || start > previous.start)
      : start > time.start && (next === undefined || start < next.start);
  });
  const areLists =
    named.every(({ start }) => start < (times[0]?.start ?? 0)) ||
    named.every(({ start }) => start > (times.at(-1)?.start ?? 0));
  return isPaired || areLists ? named.map(({ statistic }) => statistic) : times.map(() => undefined);
}
