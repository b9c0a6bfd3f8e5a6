// The conditions of a sentence: a load that a run can check, and circumstances that it cannot check, which become questions.

import type { LoadCondition } from '../model/kpi.ts';
import type { FoundQuantity } from './quantities.ts';
import { scaled } from './unit.ts';
import { writtenNumber } from './written-number.ts';

/** Words before a rate that make it a load at which the rest of the sentence must hold, such as "under". */
export const LOAD_BEFORE =
  /(?:\b(?:under|at|with|while (?:serving|handling)|for|during|when (?:serving|handling)|(?:serving|handling))(?: (?:a|the))?(?: (?:constant |steady |sustained )?load of)?(?: up to)?|@)\s*$/i;
/** In "handles 500 rps with p95 below 300 ms" the rate is both a target and the load of the other target. */
const SUSTAINS =
  /\b(?:handle|support|sustain|serve|process|cope)\w*(?: with)?(?: (?:at least|up to|a (?:rate|load) of))?\s*$/i;
const USERS =
  /(?<![\w.,])(\d[\d., ]*?)\s*(?:(?:concurrent|simultaneous|virtual|parallel|active|users in parallel) )*(?:users?|vus?|clients|sessions|threads|visitors)\b/i;

/** Whether a rate is a load. */
export function isLoad({ unit, before }: FoundQuantity): boolean {
  return unit.of === 'rate' && LOAD_BEFORE.test(before);
}

/** The load in a sentence: `under 100 requests per second`, `with 50 concurrent users`. */
export function loadIn(text: string, quantities: readonly FoundQuantity[]): LoadCondition | undefined {
  const users = USERS.exec(text);
  const vus = users === null ? undefined : writtenNumber(users[1] ?? '');
  const rate =
    quantities.find(isLoad) ?? quantities.find(({ unit, before }) => unit.of === 'rate' && SUSTAINS.test(before));
  const load = {
    ...(rate === undefined ? {} : { requestsPerSecond: scaled(rate.value, rate.unit.factor) }),
    ...(vus?.kind === 'number' && Number.isInteger(vus.value) && vus.value > 0 ? { vus: vus.value } : {}),
  };
  return Object.keys(load).length === 0 ? undefined : load;
}

const PEAK =
  /\b(?:during|at|in|under)(?: \w+){0,2} (?:peak|rush|busiest|busy)\b(?:[- ](?:hours?|times?|load|traffic|periods?))*|\bduring peak\b(?:[- ]\w+)?/i;
const VAGUE_LOAD =
  /\b(?:under|at|with|during) (?:(?:the|a|an) )?(?:normal|heavy|high|low|average|typical|expected|full|maximum|max|usual|production|real|realistic|anticipated|nominal|moderate|light)(?:[- ]\w+)? ?(?:load|conditions?|traffic|operations?|usage|stress)\b|\bunder (?:load|stress)\b/i;
/** Words that begin a circumstance, which a run cannot check. */
const CIRCUMSTANCE =
  /\b(?:when(?:ever)?|if|unless|except(?:ing)?(?: for)?|excluding|apart from|after|before|outside(?: of)?|despite|even (?:with|under|if)|provided(?: that)?|assuming)\b[^,;]*/i;
const NETWORK =
  /\b(?:on|over|via|with)(?: an?| the)? (?:\w+ )?(?:[2345]g|lte|mobile|wi-?fi|slow|desktop|phones?|connection|network|browser|cache|cold|warm)\b[\w -]{0,30}/i;
const PLACE = /\bin (?:production|staging|(?:the )?(?:eu|us|usa|europe|asia|germany)|all regions?)\b/i;
const OTHER_LOAD =
  /\b(?:at|under|with)(?: an?)? (?:load|rate) of [^,;]*|\bat \d[\d.,]* ?(?:x|times)\b[^,;]*|\bat (?:\d[\d.,]* )[a-z-]+ per [a-z]+|\b(?:at|with|under|during)(?: the)? (?:current|existing|present|today's|twice|double|black friday|holiday|campaign)\b[^,;]*/i;
/** Words about what happens above a rate, instead of a rate that must be served. */
const LIMITER = /\b(?:rate[- ]limit\w*|429|throttl\w*|quota\w*|reject\w*)\b/i;
/** A remark of unknown meaning: "(soft)", "± 10 %", a footnote mark. */
const REMARK = /\((?![^)]*(?:\d|average|avg|mean|median|percentile|max))[^)]+\)|±[^,;]*|[\w%]\*/i;
const OR =
  /\bor (?!less\b|fewer\b|faster\b|quicker\b|below\b|under\b|lower\b|more\b|higher\b|above\b|better\b|greater\b|sooner\b|equal)[^,;]*/i;
const SUBSET =
  /\bfor (?:(?:the|all|any|every|each|our|a|an) )*(?!(?:the|all|any|every|each|our|a|an) )(?!\d|p\d|requests?\b|responses?\b|calls?\b|users?\b|api\b|service\b|system\b|application\b|app\b|endpoints?\b|least\b|more\b|it\b|(?:average|median|mean)\b|search\b)[a-z][\w/-]*(?: [\w/-]+){0,2}/i;
const OF_SUBSET =
  /\bof (?:(?:all|the|our|these|those|any|its) )*(?:(?!all\b|the\b|our\b|these\b|those\b|any\b|its\b|GET\b|POST\b|PUT\b|PATCH\b|DELETE\b|response\b|http\b|api\b|load\b|page\b|\d)[a-z][\w-]* ){1,2}(?:services?|endpoints?|pages?|requests?|responses?|calls?|queries|operations?|transactions?)\b/i;
const WINDOW_BEFORE =
  /\b(?:over|for|during|across|throughout|in any|within any|in every|every|each|per|rolling|last|past|of)(?: (?:a|an|any|the|at least|each|every|period of|windows? of|rolling|last))*\s*$/i;
const WINDOW_AFTER =
  /^[ -]?(?:windows?|periods?|long|rolling|averages?|intervals?|of (?:load|traffic|operation|test\w*))\b/i;

/** Whether a time is a period and not a response time: "over 30 days", "in any 5 minute window". */
export function isWindow({ unit, before, after, value }: FoundQuantity): boolean {
  if (unit.of !== 'time') return false;
  if (WINDOW_AFTER.test(after)) return true;
  const isLong = unit.factor * value >= 60_000;
  if (/\b(?:no|not)\b[^,;]*$/i.test(before) && /\bover\s*$/i.test(before)) return false;
  if (/\b(?:for|during|across|throughout|in any|every|each|last|past)(?: (?:a|an|any|the|at least))*\s*$/i.test(before))
    return true;
  return isLong && WINDOW_BEFORE.test(before);
}

/** Open questions about the circumstances in a sentence. */
export function circumstanceQuestions(text: string, windows: readonly FoundQuantity[], hasLoad: boolean): string[] {
  const questions: string[] = [];
  const peak = PEAK.exec(text) ?? VAGUE_LOAD.exec(text);
  if (peak !== null) questions.push(`"${peak[0].trim()}": at how many requests per second or users is that?`);
  for (const { value, unitText, after } of windows) {
    const what = `${value} ${unitText}${WINDOW_AFTER.exec(after)?.[0] ?? ''}`;
    questions.push(
      `"${what}" is a period: a target is judged over the whole run, or over every such period with \`over\`. Which is meant?`,
    );
  }
  const rest = peak === null ? text : text.replace(peak[0], ' ');
  const stated = /\bwhen(?:ever)? (?:serving|handling)\b/i.test(rest) ? null : CIRCUMSTANCE.exec(rest);
  for (const found of [stated, NETWORK.exec(rest), PLACE.exec(rest)]) {
    if (found !== null) questions.push(`"${found[0].trim()}" cannot be checked. Which runs or requests are meant?`);
  }
  const otherLoad = hasLoad ? null : OTHER_LOAD.exec(rest);
  if (otherLoad !== null) questions.push(`"${otherLoad[0].trim()}": at how many requests per second or users is that?`);
  const remark = REMARK.exec(rest);
  if (remark !== null) questions.push(`"${remark[0].trim()}": what does it change?`);
  const limiter = LIMITER.exec(rest);
  if (limiter !== null) questions.push(`"${limiter[0]}": is this a limit of the load instead of a target?`);
  const other = OR.exec(rest);
  if (other !== null) questions.push(`"${other[0].trim()}": which of the two is the limit?`);
  const subset = SUBSET.exec(rest) ?? OF_SUBSET.exec(rest);
  if (subset !== null)
    questions.push(`"${subset[0].trim()}": which requests are these? Select them with \`filter\`, or leave it out.`);
  return questions;
}
