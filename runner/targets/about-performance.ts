// Whether a text is about performance, and why a text about performance gives no target.

import { inPlainWords } from './plain-words.ts';
import { quantitiesIn } from './quantities.ts';

const PERFORMANCE_WORDS =
  /\b(?:performan\w*|latenc\w+|response times?|respon(?:d|ds|se|ses|sive\w*)|throughput|p ?\(?\d{2}(?:\.\d+)?\)?(?![\w%])|percentiles?|rps|tps|error (?:rates?|budgets?)|requests? (?:per|\/)|under (?:load|peak)|concurrent|scalab\w+|fast(?:er)?|quick\w*|slow\w*|load times?|answers?|availability|uptime|downtime|availab\w+|apdex|ttfb|time to first byte|success rates?|instant(?:ly|aneous\w*)?|immediate(?:ly)?|without (?:noticeable |any )?delays?|no (?:noticeable )?delays?|real[- ]?time|(?:not|never|no \w+|n't) (?:have to |need to )?waits?|waiting times?|failed requests?|without (?:any )?errors?|dropped|checks? (?:\w+ )?pass\w*|snapp\w*|smooth\w*|requests? (?:\w+ ){0,2}(?:fail|succeed)\w*|schnell\w*|langsam\w*|performant\w*)\b|\/s\b|\b(?:errors?|failed|failures?)\b.*%|%.*\b(?:errors?|failed|fail|failures?)\b|\b(?:zero|no) (?:\w+ )?(?:errors?|failures?)\b|% of (?:[\w/-]+ )*?(?:requests?|responses?|calls?|searches|queries|transactions?)|\d ?% ?[<≤] ?\d/i;
/** Words for times that are not response times. */
const OTHER_TIMES =
  /\b(?:expir\w*|time-?outs?|timed out|retention|retain\w*|kept for|valid for|session|lock\w*|log(?:ged)? out|remind\w*|polls?|every|cache[sd]?|cached|retr(?:y|ies|ied)|g[uü]ltig\w*)\b/i;
const DOES =
  /\b(?:within|in (?:less|under)|finish\w*|complet\w*|load(?:s|ed)?|render\w*|open\w*|takes?|at most|under|below|less than|exceed\w*|longer than|or (?:less|faster)|average|avg|mean|median)\b/i;
const ONLY_A_LIMIT =
  /^(?:[<>≤≥]=?|under|below|within|at most|less than|max\.?)? ?\d[\d.,]* ?(?:ms|s|sec|seconds|milliseconds|rps)\.?$/i;

/** Whether a text is about the speed, throughput or reliability of a system. */
export function speaksOfPerformance(sentence: string): boolean {
  const text = inPlainWords(sentence);
  if (OTHER_TIMES.test(text) && !PERFORMANCE_WORDS.test(text)) return false;
  if (PERFORMANCE_WORDS.test(text) || ONLY_A_LIMIT.test(text)) return true;
  const quantities = quantitiesIn(text);
  if (quantities.some(({ unit }) => unit.of === 'rate')) return true;
  if (/\b(?:cpu|memory|heap)\b/i.test(text) && quantities.length > 0) return true;
  return DOES.test(text) && quantities.some(({ unit }) => unit.of === 'time' && unit.factor <= 60_000);
}

/** Limits relative to another run, without a number. */
export const RELATIVE =
  /\b(?:than (?:today|now|before|yesterday|currently|at present|the (?:last|previous|current|old|present)\b|in (?:version|release)|last|previous|v?\d+\.\d+\.\d+)|compared (?:to|with)|relative to|(?:twice|half|double|(?:\d+|two|three|four|ten) ?(?:x|times)) (?:as )?(?:fast|quick|slow|long)\w*|(?:increase|grow|rise|degrad|regress|deviat|worsen|deteriorat|slow down|improve|reduce|decrease)\w*\b(?:(?!\d).)*\b(?:by|of|more than|over|at most)\b|faster than (?![<>]?\d)|(?:no|without|any) (?:\w+ )?(?:regressions?|degradation|slow-?down)|(?:not|never) (?:\w+ )?(?:grow|degrade|rise|increase|regress|slow down)|as fast as (?!possible))/i;

/** Why a sentence about performance gives no target, as a clause about what is missing. */
export function whyNoTarget(sentence: string): string {
  const text = inPlainWords(sentence);
  if (RELATIVE.test(text)) {
    return 'it compares with another run and gives no limit; `novaperf run --baseline … --fail-on regression` makes such comparisons';
  }
  if (/\bapdex\b/i.test(text)) return 'Apdex is not supported: which percentile may take how long?';
  if (/\b(?:couple of|a few|some|several) (?:milli)?seconds\b/i.test(text)) return 'it does not say how many seconds';
  if (/\b(?:flat|stable|constant)\b/i.test(text)) {
    return 'it requires that there is no drift: use a target with `statistic: p(95) drift` and a limit in %/h';
  }
  const quantities = quantitiesIn(text);
  if (quantities.some(({ unit }) => unit.of === 'size')) return 'k6 does not measure the size of one response';
  if (/\d+ (?:failed|failures?|errors?)\b/i.test(text)) return 'it counts failures: of how many requests?';
  if (quantities.length > 0)
    return 'its number is not a response time, rate or share of requests: what is to be measured?';
  return /\d/.test(text) ? 'its number has no unit, or an unknown one' : 'it has no number: what is the limit?';
}
