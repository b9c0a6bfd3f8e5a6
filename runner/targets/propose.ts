// A sentence about performance ("Search answers within 2 s for 95 % of requests") becomes targets for a person to approve.
// Rules, no model: what the sentence does not say for certain becomes a question.

import { stringify } from 'yaml';
import type { Comparison, LoadCondition } from '../model/kpi.ts';
import { unitAtStart } from './limit.ts';
import { parseStatistic } from './threshold.ts';
import { readUnit, scaled, type Unit } from './unit.ts';
import { writtenNumber } from './written-number.ts';

/** A target as it would stand in the list `targets` of a PerformanceTargets item. */
export interface ProposedTarget {
  readonly metric: string;
  readonly filter?: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly comparison: Comparison;
  readonly target: number;
  readonly unit?: string;
  readonly load?: { readonly requests_per_second?: number; readonly vus?: number };
  readonly during?: string;
}

export interface Proposal {
  readonly target: ProposedTarget;
  /** What a person has to decide before it can be used; empty where the sentence says it all. */
  readonly questions: readonly string[];
}

/** A quantity within a sentence. */
interface Found {
  readonly value: number;
  readonly unitText: string;
  readonly unit: Unit;
  readonly before: string;
  readonly after: string;
  readonly question: string | undefined;
}

const PERFORMANCE_WORDS =
  /\b(?:performan\w*|latenc\w+|response times?|respon(?:d|ds|se|ses|sive\w*)|throughput|p\(?\d{2}(?:\.\d+)?\)?|percentiles?|rps|tps|error rates?|requests? (?:per|\/)|under (?:load|peak)|concurrent|scalab\w+|fast(?:er)?|quick\w*|slow\w*|load times?|answers?|availability|uptime|availab\w+)\b|\/s\b|\b(?:errors?|failed|failures?)\b.*%|%.*\b(?:errors?|failed|fail|failures?)\b|\b(?:zero|no) (?:errors?|failures?)\b|% of (?:all |the )*(?:requests?|responses?|calls?)/i;
/** Times that are no response times. */
const OTHER_TIMES =
  /\b(?:expir\w*|time-?outs?|timed out|retention|retain\w*|kept for|valid for|session|lock\w*|log(?:ged)? out|remind\w*|polls?|every|cache[sd]?|cached)\b/i;
const DOES =
  /\b(?:within|in (?:less|under)|finish\w*|complet\w*|load(?:s|ed)?|render\w*|open\w*|takes?|at most|under|below)\b/i;

/** Whether a text is about how fast, how much or how reliably the system answers. */
export function speaksOfPerformance(text: string): boolean {
  if (OTHER_TIMES.test(text) && !PERFORMANCE_WORDS.test(text)) return false;
  if (PERFORMANCE_WORDS.test(text)) return true;
  return DOES.test(text) && quantitiesIn(text).some(({ unit }) => unit.of === 'time' && unit.factor <= 60_000);
}

/** The targets that a sentence asks for; none where it names no limit. */
export function proposeTargets(sentence: string): Proposal[] {
  const text = sentence.replace(/\s+/g, ' ').trim();
  const found = quantitiesIn(text);
  const load = loadIn(text);
  const percentile = statisticIn(text);
  const proposals: Proposal[] = [];
  for (const quantity of found) {
    const proposal = proposalOf(quantity, text, percentile, load);
    if (proposal !== undefined) proposals.push(proposal);
  }
  if (/\b(?:zero|no|without(?: any)?) (?:\w+ )?(?:errors?|failures?|failed requests)\b/i.test(text)) {
    proposals.push({
      questions: [],
      target: { metric: 'http_req_failed', statistic: 'rate', comparison: '<=', target: 0, unit: '%' },
    });
  }
  // A load alone is no target: something has to hold at it.
  if (proposals.length === 0 && load?.vus !== undefined) {
    const question = `${load.vus} users are a load. What must hold at it? Here: fewer than 1 % failed requests.`;
    const failed = { metric: 'http_req_failed', statistic: 'rate', comparison: '<', target: 1, unit: '%' } as const;
    proposals.push({ questions: [question], target: { ...failed, load: { vus: load.vus } } });
  }
  return proposals;
}

/** Proposals as the entries of a YAML list, each with its questions as comments above. */
export function proposalsYaml(proposals: readonly Proposal[]): string {
  return proposals
    .map(({ target, questions }) => {
      const comments = questions.map((question) => `# ${question}\n`).join('');
      return comments + stringify([target], { lineWidth: 0 });
    })
    .join('');
}

const NUMBER_START = /(?<![\w.,])[+-]?\d/g;

function quantitiesIn(text: string): Found[] {
  const found: Found[] = [];
  NUMBER_START.lastIndex = 0;
  for (let match = NUMBER_START.exec(text); match !== null; match = NUMBER_START.exec(text)) {
    const number = writtenNumber(text.slice(match.index));
    if (number === undefined) continue;
    const length = number.kind === 'number' ? number.length : number.text.length;
    const rest = text.slice(match.index + length);
    const trimmed = rest.trimStart();
    const range = /^(?:-|–|\.\.|to|and)\s*(\d[\d.,]*)\s*/.exec(trimmed);
    const [unitText, after] = unitAtStart(range === null ? trimmed : trimmed.slice(range[0].length));
    const unit = unitText === '' ? undefined : readUnit(unitText);
    NUMBER_START.lastIndex =
      match.index + length + (range === null ? 0 : rest.length - trimmed.length + range[0].length);
    if (unit === undefined || unit.of === 'count') continue;
    const upper = range === null ? undefined : writtenNumber(range[1] ?? '');
    const value = upper?.kind === 'number' ? upper.value : number.kind === 'number' ? number.value : number.values[0];
    const question =
      range !== null
        ? `The sentence gives a range, ${number.kind === 'number' ? number.value : number.text} to ${value}: is its upper end the limit?`
        : number.kind === 'ambiguous'
          ? `${number.text} could be ${number.values[0]} or ${number.values[1]}: which is it?`
          : undefined;
    found.push({ value, unitText, unit, before: text.slice(0, match.index), after, question });
  }
  return found;
}

/** The load that a sentence gives as a condition: `under 100 requests per second`, `with 50 concurrent users`. */
function loadIn(text: string): LoadCondition | undefined {
  const users =
    /(\d[\d., ]*?)\s*(?:concurrent |simultaneous |virtual |parallel |active )*(?:users?|vus?|clients)\b/i.exec(text);
  const vus = users === null ? undefined : writtenNumber(users[1] ?? '');
  const rate = quantitiesIn(text).find(({ unit, before }) => unit.of === 'rate' && LOAD_BEFORE.test(before));
  const load = {
    ...(rate === undefined ? {} : { requestsPerSecond: scaled(rate.value, rate.unit.factor) }),
    ...(vus?.kind === 'number' && Number.isInteger(vus.value) ? { vus: vus.value } : {}),
  };
  return Object.keys(load).length === 0 ? undefined : load;
}

/** "under" before a rate is a load that something else must hold at. */
const LOAD_BEFORE =
  /\b(?:under|at|with|while (?:serving|handling)|for|during)(?: (?:a|the))?(?: load of)?(?: up to)?\s*$/i;

/** The statistic that a sentence names; undefined where it names none, or several. */
function statisticIn(text: string): string | undefined {
  const named = [
    ...[...text.matchAll(/\bp\(?(\d{1,2}(?:\.\d+)?)\)?(?![\d%])/gi)].map(([, n]) => `p(${n})`),
    ...[...text.matchAll(/\b(\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)[ -]percentile/gi)].map(([, n]) => `p(${n})`),
    ...[
      ...text.matchAll(
        /\b([5-9]\d(?:\.\d+)?) ?(?:%|percent) of (?:all |the |our )*(?:requests?|responses?|calls?|users?|cases|searches|queries|transactions?|time)/gi,
      ),
    ].map(([, n]) => `p(${n})`),
    ...(/\b(?:on average|average|mean|avg)\b/i.test(text) ? ['avg'] : []),
    ...(/\bmedian\b/i.test(text) ? ['med'] : []),
    ...(/\bmax(?:imum|imal)? (?:response|latency|page|load|duration|time)/i.test(text) ? ['max'] : []),
    ...[...text.matchAll(/\b([5-9]) (?:out )?of (?:10|ten)\b/gi)].map(([, n]) => `p(${n}0)`),
  ].flatMap((name) => parseStatistic(name) ?? []);
  const distinct = [...new Set(named)];
  return distinct.length === 1 ? distinct[0] : undefined;
}

function proposalOf(
  found: Found,
  text: string,
  statistic: string | undefined,
  load: LoadCondition | undefined,
): Proposal | undefined {
  const questions = found.question === undefined ? [] : [found.question];
  const near = `${found.before.slice(-60)} ${found.after.slice(0, 60)}`;
  if (/\b(?:about|around|approximately|approx\.?|roughly|~)\s*$/i.test(found.before)) {
    questions.push('The number is only approximate: what is the limit?');
  }
  const asked = comparisonIn(found.before);
  const conditions = {
    ...(load === undefined
      ? {}
      : {
          load: {
            ...(load.requestsPerSecond === undefined ? {} : { requests_per_second: load.requestsPerSecond }),
            ...(load.vus === undefined ? {} : { vus: load.vus }),
          },
        }),
    ...(/\bsteady(?:[ -]state)?\b/i.test(text) ? { during: 'steady' } : {}),
  };
  const peak = /\b(?:during|at|in|under) (?:\w+ ){0,2}peak\w*(?: \w+)?/i.exec(text);
  if (peak !== null) questions.push(`"${peak[0]}": at how many requests per second or users is that?`);
  switch (found.unit.of) {
    case 'time': {
      const names = endpointIn(text);
      if (statistic === undefined) questions.push('Which percentile? The sentence names none, or several.');
      if (names !== undefined) questions.push(`Is "${names}" the value of the tag name in the scenario?`);
      return {
        questions,
        target: {
          metric: 'http_req_duration',
          ...(names === undefined ? {} : { filter: { name: names } }),
          statistic: statistic ?? 'p(95)',
          comparison: asked ?? '<=',
          target: found.value,
          unit: found.unitText,
          ...conditions,
        },
      };
    }
    case 'share': {
      // "95 % of requests" is the percentile of a time, not a target of its own.
      if (
        /^\s*of (?:all |the |our )*(?:requests?|responses?|calls?|users?|cases|searches|queries|transactions?|time)\b/i.test(
          found.after,
        ) &&
        !/\b(?:fail\w*|errors?|succe\w+)\b/i.test(near)
      )
        return undefined;
      if (/\b(?:cpu|memory|disk|heap|utili[sz]ation)\b/i.test(near)) return undefined;
      const isSuccess = /\b(?:succe\w+|availab\w+|uptime|up ?time)\b/i.test(near);
      const isChecks = /\bchecks?\b/i.test(near);
      if (!isSuccess && !isChecks && !/\b(?:errors?|fail\w*)\b/i.test(near)) return undefined;
      if (/\b(?:availab\w+|uptime)\b/i.test(near)) {
        questions.push('Availability over weeks is no matter of a load test: is the share of answered requests meant?');
      }
      const value = isSuccess ? Number((100 - found.value).toPrecision(12)) : found.value;
      return {
        questions,
        target: {
          metric: isChecks ? 'checks' : 'http_req_failed',
          statistic: 'rate',
          comparison: isSuccess ? '<=' : (asked ?? (isChecks ? '>=' : '<=')),
          target: value,
          unit: '%',
          ...conditions,
        },
      };
    }
    case 'rate': {
      if (load?.requestsPerSecond !== undefined && LOAD_BEFORE.test(found.before)) return undefined;
      const { load: _load, ...rest } = conditions;
      return {
        questions,
        target: {
          metric: 'http_reqs',
          statistic: 'rate',
          comparison: asked ?? '>=',
          target: scaled(found.value, found.unit.factor),
          unit: '/s',
          ...rest,
        },
      };
    }
    default:
      return undefined;
  }
}

function comparisonIn(before: string): Comparison | undefined {
  const near = before.slice(-40).toLowerCase();
  const rules: ReadonlyArray<readonly [RegExp, Comparison]> = [
    [
      /(?:<=|≤|at most|no(?:t)? (?:more|longer|slower) than|not exceed(?:ing)?|up to|within|max(?:imum)?(?: of)?)\s*(?:the |a |an )?$/,
      '<=',
    ],
    [/(?:>=|≥|at least|no(?:t)? (?:less|fewer) than|min(?:imum)?(?: of)?)\s*$/, '>='],
    [/(?:<|less than|under|below|faster than|lower than|fewer than)\s*$/, '<'],
    [/(?:>|more than|over|above|greater than|higher than)\s*$/, '>'],
  ];
  return rules.find(([words]) => words.test(near))?.[1];
}

/** `GET /search`, or a path alone. */
function endpointIn(text: string): string | undefined {
  return (
    /\b(?:GET|POST|PUT|PATCH|DELETE) \/[\w/{}:.-]*/.exec(text)?.[0] ?? /(?<![\w/])\/[a-z][\w/{}-]+/i.exec(text)?.[0]
  );
}
