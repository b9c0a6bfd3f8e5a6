// The quantities of a sentence, with the words around them and the direction of the limit.

import type { Comparison } from '../model/kpi.ts';
import { unitAtStart } from './limit.ts';
import { readUnit, type Unit } from './unit.ts';
import { writtenNumber } from './written-number.ts';

/** A number with a unit in a sentence. */
export interface FoundQuantity {
  readonly value: number;
  readonly unitText: string;
  readonly unit: Unit;
  /** Where number and unit begin and end. */
  readonly start: number;
  readonly end: number;
  /** The part of its clause before and after it. */
  readonly before: string;
  readonly after: string;
  /** An open question about the number itself. */
  readonly question: string | undefined;
}

/** A number without a unit that is a share or a time. */
export interface BareNumber {
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

const NUMBER_START = /(?<![\w.,])[+-]?\d/g;
/** Where one requirement ends and the next begins. */
const CLAUSE = /;|,(?!\d)|\b(?:and|while|whereas|but)\b/gi;

/** All quantities in their order. A list of numbers with one unit (`100/250/600 ms`) gives several quantities. */
export function quantitiesIn(text: string): FoundQuantity[] {
  const found: FoundQuantity[] = [];
  const bounds = [...text.matchAll(CLAUSE)].map(({ index, 0: mark }) => [index, index + mark.length] as const);
  const clauseStart = (at: number) => Math.max(0, ...bounds.filter(([, end]) => end <= at).map(([, end]) => end));
  const clauseEnd = (at: number) =>
    Math.min(text.length, ...bounds.filter(([start]) => start >= at).map(([start]) => start));
  const push = (value: number, unitText: string, unit: Unit, start: number, end: number, question?: string) => {
    const before = text.slice(clauseStart(start), start);
    found.push({ value, unitText, unit, start, end, before, after: text.slice(end, clauseEnd(end)), question });
  };
  NUMBER_START.lastIndex = 0;
  for (let match = NUMBER_START.exec(text); match !== null; match = NUMBER_START.exec(text)) {
    const start = match.index;
    const list = /^(\d[\d.]*(?: ?\/ ?\d[\d.]*)+) ?(?=[a-zµ%])/i.exec(text.slice(start));
    const number = writtenNumber(text.slice(start));
    if (number === undefined) continue;
    const length = list?.[0].length ?? (number.kind === 'number' ? number.length : number.text.length);
    const rest = text.slice(start + length);
    const trimmed = rest.trimStart();
    const range = list === null ? /^(?:-|–|\.\.|to|and)\s*(\d[\d.,]*)\s*/.exec(trimmed) : null;
    const skipped = rest.length - trimmed.length + (range?.[0].length ?? 0);
    const [unitText] = unitAtStart(trimmed.slice(range?.[0].length ?? 0));
    const unit = unitText === '' ? undefined : readUnit(unitText);
    NUMBER_START.lastIndex = start + length + (range === null ? 0 : skipped);
    if (unit === undefined || unit.of === 'count') continue;
    const end = start + length + skipped + unitText.length;
    if (list !== null) {
      for (const each of (list[1] ?? '').split('/')) push(Number(each), unitText, unit, start, end);
      continue;
    }
    const upper = range === null ? undefined : writtenNumber(range[1] ?? '');
    const value = upper?.kind === 'number' ? upper.value : number.kind === 'number' ? number.value : number.values[0];
    const question =
      range !== null
        ? `The sentence gives a range, ${number.kind === 'number' ? number.value : number.text} to ${value}. Is its upper end the limit?`
        : number.kind === 'ambiguous'
          ? `${number.text} could be ${number.values[0]} or ${number.values[1]}. Which is it?`
          : undefined;
    push(value, unitText, unit, start, end, question);
  }
  return found;
}

/** Numbers without a unit directly after matches of `lead`. */
export function bareNumbersAfter(text: string, lead: RegExp): BareNumber[] {
  return [...text.matchAll(lead)].flatMap(({ index, 0: words }) => {
    const start = index + words.length;
    const number = writtenNumber(text.slice(start));
    if (number?.kind !== 'number') return [];
    const end = start + number.length;
    return /^\s*(?:[a-zµ%/]|-\d)/i.test(text.slice(end)) && unitAtStart(text.slice(end).trimStart())[0] !== ''
      ? []
      : [{ value: number.value, start, end }];
  });
}

const BEFORE: ReadonlyArray<readonly [words: RegExp, comparison: Comparison]> = [
  [/(?:<=|=<|≤|⩽|at (?:the )?most|up to|within|max(?:imum)?\.?(?: of)?|limit(?:ed)?(?: (?:of|to))?)$/, '<='],
  [/(?:>=|=>|≥|⩾|at least|min(?:imum)?\.?(?: of)?)$/, '>='],
  [/(?:no|not?)(?: \w+)? (?:more|longer|slower|greater|higher) than$/, '<='],
  [/(?:no|not?)(?: \w+)? (?:less|fewer|lower) than$/, '>='],
  [/(?:<|less than|under|below|(?:faster|quicker|shorter|lower|fewer|smaller|sooner|better) than)$/, '<'],
  [/(?:>|(?:more|longer|slower|greater|higher|larger) than|over|above|exceed(?:s|ing|ed)?|beyond)$/, '>'],
];
const NOT = /\b(?:not|no|never|none|nobody|cannot|without|nor|neither)\b|n't\b/i;
/** "must not fall below" is a lower limit. */
const NOT_BELOW =
  /\b(?:not|never|cannot|n't)\b(?: \w+){0,2} (?:fall|falls|drop|drops|go|goes|sink|sinks|be|get)\b[^<]*$/i;

/** The comparison of a limit, from the words around the quantity; undefined if they do not say it. */
export function comparisonAround({ before, after }: Pick<FoundQuantity, 'before' | 'after'>): Comparison | undefined {
  const near = before
    .toLowerCase()
    .replace(/\s+$/, '')
    .replace(/(?:\s(?:the|an?|only|just|about|around|roughly|approximately|ca\.?|~))+$/, '')
    .trimEnd();
  const rule = BEFORE.find(([words]) => words.test(near));
  if (rule !== undefined) {
    const lead = near.replace(rule[0], '');
    if (rule[1] === '>' && NOT.test(lead)) return '<=';
    if (rule[1] === '<' && NOT_BELOW.test(lead)) return '>=';
    return rule[1];
  }
  const next = after.trimStart().toLowerCase();
  if (
    /^(?:or|and) (?:less|fewer|faster|quicker|below|under|lower|sooner)\b|^(?:max(?:imum|\.)?|at (?:the )?most|tops)(?![a-z])|^(?:(?:may|must|shall|should|can|is|are|to|be) )*not(?: to)?(?: be)? exceed/.test(
      next,
    )
  ) {
    return '<=';
  }
  if (/^(?:or|and) (?:more|higher|above|greater|over)\b|^(?:min(?:imum)|at least)(?![a-z])/.test(next)) return '>=';
  return undefined;
}
