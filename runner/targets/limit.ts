// The text of a limit (`< 2 s under 100 RPS`) → a comparison, a quantity and a condition. Partly understood texts are not read.

import type { Comparison, LoadCondition } from '../model/kpi.ts';
import { PROFILES } from '../model/plan.ts';
import { parseStatistic } from './threshold.ts';
import { readUnit, scaled, type Unit } from './unit.ts';
import { writtenNumber } from './written-number.ts';

/** The conditions of a limit. */
export interface Condition {
  readonly load?: LoadCondition;
  /** The phase, `steady`. */
  readonly during?: string;
  readonly profiles?: readonly string[];
  /** The limited statistic, as in `for 95 % of requests`. */
  readonly statistic?: string;
}

/** A limit that was read. */
export interface Limit {
  readonly comparison: Comparison | undefined;
  readonly value: number;
  /** The unit as written; '' for none. */
  readonly unit: string;
  /** The meaning of the unit; undefined for no unit. */
  readonly quantity: Unit | undefined;
  readonly condition: Condition;
}

/** A text that is not a limit, and the reason as a clause. */
export interface Unread {
  readonly unread: string;
}

/** Whether a text was not read. */
export function isUnread(value: object): value is Unread {
  return 'unread' in value;
}

/** Words before a number, longest first, so that "no more than" is not read as "more than". */
const COMPARISONS: ReadonlyArray<readonly [words: RegExp, comparison: Comparison]> = [
  [/^(?:<=|=<|≤|⩽)/, '<='],
  [/^(?:>=|=>|≥|⩾)/, '>='],
  [/^!=|^≠/, '!='],
  [/^={1,3}/, '=='],
  [/^</, '<'],
  [/^>/, '>'],
  [/^(?:less|lower|fewer|smaller) than or (?:equal to|equals?)\b/, '<='],
  [/^(?:more|greater|higher) than or (?:equal to|equals?)\b/, '>='],
  [/^(?:no|not) (?:more|greater|higher|longer|slower) than\b/, '<='],
  [/^(?:no|not) (?:less|lower|fewer) than\b/, '>='],
  [/^(?:not (?:exceed|be exceeding)(?:ing)?|at most|up to|within|max(?:imum)?\.?(?: of)?|in)(?![a-z])/, '<='],
  [/^(?:at least|min(?:imum)?\.?(?: of)?)(?![a-z])/, '>='],
  [/^(?:less|lower|fewer|smaller|shorter|faster) than\b/, '<'],
  [/^(?:under|below)\b/, '<'],
  [/^(?:more|greater|higher) than\b/, '>'],
  [/^(?:over|above|exceeds?)\b/, '>'],
];

const FILLERS =
  /^(?:must|should|shall|has to|have to|needs? to|to|be|is|are|stays?|remains?|kept|a|an|the|of|with|:|,)(?![a-z])\s*/;

/** Reads `300`, `"300 ms"`, `"<= 1 %"` or `"< 2 s under 100 RPS"`; for other values returns the reason why it is not a limit. */
export function readLimit(value: unknown): Limit | Unread {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return { unread: `${value} is not a limit` };
    return { comparison: undefined, value, unit: '', quantity: undefined, condition: {} };
  }
  if (typeof value !== 'string') return { unread: 'it is neither a number nor a text' };
  const text = normal(value);
  const [comparison, rest] = comparisonOf(text);
  const number = writtenNumber(rest);
  if (number === undefined) {
    return { unread: rest === '' ? 'it is empty' : `"${value.trim()}" does not begin with a number` };
  }
  if (number.kind === 'ambiguous') {
    return { unread: `${number.text} could be ${number.values[0]} or ${number.values[1]}` };
  }
  const after = rest.slice(number.length).trimStart();
  if (/^(?:-|–|\.\.|±|\+\/-|to\b|and\b|or\b)\s*\d/.test(after)) {
    return { unread: `"${value.trim()}" is a range: it does not say which end is the limit` };
  }
  const [unit, tail] = unitAtStart(after);
  const condition = readCondition(tail);
  if (isUnread(condition)) {
    return unit === '' ? { unread: `"${tail}" is not a known unit or condition` } : condition;
  }
  return { comparison, value: number.value, unit, quantity: unit === '' ? undefined : readUnit(unit), condition };
}

/** A text with dashes, spaces and the end of the sentence in one spelling. */
function normal(text: string): string {
  return text
    .replace(/[\u2012-\u2015\u2212]/g, '-')
    .replace(/[\u00a0\u202f\u2009]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.;,]+$/, '')
    .trim();
}

function withoutFillers(text: string): string {
  let rest = text;
  for (let found = FILLERS.exec(rest.toLowerCase()); found !== null && found[0] !== ''; ) {
    rest = rest.slice(found[0].length);
    found = FILLERS.exec(rest.toLowerCase());
  }
  return rest;
}

function comparisonOf(text: string): [comparison: Comparison | undefined, rest: string] {
  const rest = withoutFillers(text);
  for (const [words, comparison] of COMPARISONS) {
    const found = words.exec(rest.toLowerCase());
    if (found !== null) return [comparison, withoutFillers(rest.slice(found[0].length).trimStart())];
  }
  return [undefined, rest];
}

const MOST_UNIT_WORDS = 3;

/** The longest unit at the start of a text ('' if none), and the rest of the text. */
export function unitAtStart(text: string): [unit: string, rest: string] {
  const words = text.split(' ');
  for (let count = Math.min(MOST_UNIT_WORDS, words.length); count > 0; count--) {
    const unit = words
      .slice(0, count)
      .join(' ')
      .replace(/[.,;]+$/, '');
    if (readUnit(unit) !== undefined) return [unit, words.slice(count).join(' ')];
  }
  return ['', text];
}

const USERS = /^(?:concurrent |simultaneous |virtual |parallel |active )*(?:users?|vus?|clients?|sessions?)\b/;
const STATISTICS: ReadonlyArray<readonly [words: RegExp, statistic: (number: string) => string | undefined]> = [
  [/^(?:at |in |for |on |as )?(?:the )?p\(?(\d+(?:\.\d+)?)\)?(?![\d.])/, (number) => parseStatistic(`p(${number})`)],
  [
    /^(?:at |in |for |on )?(?:the )?(\d+(?:\.\d+)?)(?:st|nd|rd|th)?[ -]?percentile\b/,
    (number) => parseStatistic(`p(${number})`),
  ],
  [
    /^(?:for|in|on) (\d+(?:\.\d+)?) ?(?:%|percent|per cent)(?: of (?:all |the |our )*(?:requests?|responses?|calls?|users?|cases|time|transactions?))?/,
    (number) => parseStatistic(`p(${number})`),
  ],
  [/^(?:on |in |as )?(?:the |an )?(?:average|avg|mean)\b/, () => 'avg'],
  [/^(?:in |at )?(?:the )?median\b/, () => 'med'],
];

/** Reads the words after a quantity. All of them must be understood, because a condition that is not checked would change the target. */
export function readCondition(text: string): Condition | Unread {
  let condition: Condition = {};
  let rest = normal(text.replace(/[()]/g, ' '));
  while (rest !== '') {
    rest = rest.replace(/^(?:and|,|;)\s*/, '');
    const read = onePart(rest);
    if (read === undefined) return { unread: `the condition "${rest}" cannot be checked by a run` };
    condition = {
      ...condition,
      ...read.condition,
      ...(condition.load === undefined && read.condition.load === undefined
        ? {}
        : { load: { ...condition.load, ...read.condition.load } }),
    };
    rest = rest.slice(read.length).trimStart();
  }
  return condition;
}

function onePart(rest: string): { condition: Condition; length: number } | undefined {
  const lower = rest.toLowerCase();
  for (const [words, statisticOf] of STATISTICS) {
    const found = words.exec(lower);
    const statistic = found === null ? undefined : statisticOf(found[1] ?? '');
    if (found !== null && statistic !== undefined) return { condition: { statistic }, length: found[0].length };
  }
  const steady = /^(?:during|in|over)(?: the)? steady(?:[ -]state)?(?: phase)?\b/.exec(lower);
  if (steady !== null) return { condition: { during: 'steady' }, length: steady[0].length };
  const profile = /^(?:in|during|for|under)(?: a| the)? ([\w-]+)(?: tests?| profile| runs?)\b/.exec(lower);
  if (profile !== null && PROFILES.some((name) => name === profile[1])) {
    return { condition: { profiles: [profile[1] ?? ''] }, length: profile[0].length };
  }
  return loadPart(rest);
}

/** `under 100 RPS`, `with 50 concurrent users`, `at a load of 600 requests per minute`. */
function loadPart(rest: string): { condition: Condition; length: number } | undefined {
  const lead =
    /^(?:(?:under|at|with|for|while|when|during)(?: serving| handling)?|@)(?: (?:a|the))?(?: load of)?(?: up to)? ?/i.exec(
      rest,
    );
  if (lead === null) return undefined;
  const at = rest.slice(lead[0].length);
  const number = writtenNumber(at);
  if (number?.kind !== 'number' || number.value <= 0) return undefined;
  const after = at.slice(number.length);
  const words = after.trimStart();
  const before = rest.length - words.length;
  const users = USERS.exec(words.toLowerCase());
  if (users !== null && Number.isInteger(number.value)) {
    return { condition: { load: { vus: number.value } }, length: before + users[0].length };
  }
  const [unit, tail] = unitAtStart(words);
  const rate = unit === '' ? undefined : readUnit(unit);
  if (rate?.of !== 'rate') return undefined;
  const load = /^(?: ?(?:of )?load)\b/i.exec(tail)?.[0].length ?? 0;
  return {
    condition: { load: { requestsPerSecond: scaled(number.value, rate.factor) } },
    length: rest.length - tail.length + load,
  };
}
