// A sentence about performance ("Search answers within 2 s for 95 % of requests") becomes targets for a person to approve.
// Rules, no model: what the sentence does not say for certain becomes a question.

import { stringify } from 'yaml';
import type { Comparison } from '../model/kpi.ts';
import { RELATIVE } from './about-performance.ts';
import { inPlainWords } from './plain-words.ts';
import { bareNumbersAfter, comparisonAround, type FoundQuantity, quantitiesIn } from './quantities.ts';
import { circumstanceQuestions, isLoad, isWindow, loadIn } from './spoken-conditions.ts';
import { statisticsIn, statisticsOfTimes } from './spoken-statistics.ts';
import { LARGEST_SURE_SHARE, scaled } from './unit.ts';

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

/** The targets that a text asks for, sentence by sentence; none where it names no limit. */
export function proposeTargets(text: string): Proposal[] {
  return text
    .split('\n')
    .flatMap((line) => inPlainWords(line).split(/(?<=[\p{L}\d%)])[.!?](?=\s+\p{Lu})/u))
    .flatMap(ofSentence);
}

/** What the whole sentence says about each of its quantities. */
interface Sentence {
  readonly text: string;
  readonly conditions: Pick<ProposedTarget, 'load' | 'during'>;
  readonly questions: readonly string[];
}

const ZERO_ERRORS =
  /\b(?:zero|no|without(?: any)?|0) (?:\w+ )?(?:errors?|failures?|failed requests)\b(?! ?rate)|\b(?:errors?|failed|failures?)(?: ?rates?)?(?: (?:must|should|shall|be|is|of|to|at))*:? ?(?:zero|0)(?![\d.,]| ?%)|\b(?:no|none of the) (?:\w+ )?requests? (?:may |must |should |can |is allowed to )?fails?\b|\berror-free\b/i;

function ofSentence(text: string): Proposal[] {
  const quantities = quantitiesIn(text);
  const growth = memoryGrowth(text, quantities);
  if (growth !== undefined) return [growth];
  if (RELATIVE.test(text) || /\bapdex\b/i.test(text)) return [];
  const windows = quantities.filter(isWindow);
  const named = statisticsIn(text, quantities);
  const times = quantities.filter((quantity) => quantity.unit.of === 'time' && !windows.includes(quantity));
  const statistics = statisticsOfTimes(times, named);
  const load = loadIn(text, quantities);
  const sentence: Sentence = {
    text,
    conditions: {
      ...(load === undefined
        ? {}
        : {
            load: {
              ...(load.requestsPerSecond === undefined ? {} : { requests_per_second: load.requestsPerSecond }),
              ...(load.vus === undefined ? {} : { vus: load.vus }),
            },
          }),
      ...(/\bsteady(?:[ -]state)?\b/i.test(text) && !/\bsteady load of\b/i.test(text) ? { during: 'steady' } : {}),
    },
    questions: circumstanceQuestions(text, windows, load !== undefined),
  };
  const proposals = quantities.flatMap((quantity) => {
    const { unit, start } = quantity;
    if (unit.of === 'time') {
      const index = times.indexOf(quantity);
      return index < 0 ? [] : [ofTime(quantity, statistics[index], sentence)];
    }
    if (unit.of === 'share')
      return times.length > 0 && named.some((each) => each.start === start) ? [] : ofShare(quantity, sentence);
    if (unit.of === 'rate') return isLoad(quantity) ? [] : [ofRate(quantity, sentence)];
    return unit.of === 'size' ? ofMemory(quantity, sentence) : [];
  });
  for (const [index, each] of proposals.entries()) {
    if (!proposals.some((other) => other !== each && isOtherLimit(other.target, each.target))) continue;
    const question = `Several limits for ${each.target.statistic}: which requests is each about?`;
    proposals[index] = { ...each, questions: [...each.questions, question] };
  }
  if (times.length === 0) proposals.push(...ofBareTime(sentence, named[0]?.statistic));
  proposals.push(...ofBareShare(sentence));
  if (ZERO_ERRORS.test(text)) {
    const zero = { metric: 'http_req_failed', statistic: 'rate', comparison: '<=', target: 0, unit: '%' } as const;
    proposals.push({ questions: sentence.questions, target: { ...zero, ...sentence.conditions } });
  }
  if (proposals.length === 0) proposals.push(...ofOtherRate(sentence));
  // A load alone is no target: something has to hold at it.
  if (proposals.length === 0 && load?.vus !== undefined) {
    const question = `${load.vus} users are a load. What must hold at it? Here: fewer than 1 % failed requests.`;
    const failed = { metric: 'http_req_failed', statistic: 'rate', comparison: '<', target: 1, unit: '%' } as const;
    proposals.push({ questions: [question], target: { ...failed, load: { vus: load.vus } } });
  }
  return proposals;
}

function isOtherLimit(a: ProposedTarget, b: ProposedTarget): boolean {
  return a.metric === b.metric && a.statistic === b.statistic && a.comparison[0] === b.comparison[0];
}

const LATENCY = 'http_req_duration';

function ofTime(found: FoundQuantity, statistic: string | undefined, sentence: Sentence): Proposal {
  const { text, conditions } = sentence;
  const questions = [...aboutNumber(found), ...sentence.questions];
  const asked = comparisonAround(found);
  // "No more than 2 % of requests over 1 s" limits the percentile from above.
  const isCounted = statistic !== undefined && /%[^,;]*$/.test(found.before) && (asked === '>' || asked === '>=');
  if (!isCounted && (asked === '>' || asked === '>=')) {
    questions.push('The sentence says more than: is that what must not happen?');
  }
  const filter = endpointIn(text);
  if (statistic === undefined) questions.push('Which percentile? The sentence names none, or several.');
  if (filter !== undefined) questions.push(`Is "${filter}" the value of the tag name in the scenario?`);
  if (/\bpage loads?\b|\bload times?\b|\brender\w*/i.test(text)) {
    questions.push('A page has many requests, and this is the time of one. Is that meant?');
  }
  return {
    questions,
    target: {
      metric: /\b(?:ttfb|time to first byte)\b/i.test(text) ? 'http_req_waiting' : LATENCY,
      ...(filter === undefined ? {} : { filter: { name: filter } }),
      statistic: statistic ?? 'p(95)',
      comparison: asked === undefined || asked === '>' || asked === '>=' ? '<=' : asked,
      target: found.value,
      unit: found.unitText,
      ...conditions,
    },
  };
}

function aboutNumber({ question, before }: FoundQuantity): string[] {
  const isAbout = /(?:\b(?:about|around|approximately|approx\.?|roughly|nearly|ca\.?)|~)\s*$/i.test(before);
  return [
    ...(question === undefined ? [] : [question]),
    ...(isAbout ? ['The number is only approximate: what is the limit?'] : []),
  ];
}

const SUCCESS = /\b(?:succe\w+|availab\w+|up ?time|error-free|without (?:an? |any )?errors?)\b/i;
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  ...{ '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' },
};

function ofShare(found: FoundQuantity, sentence: Sentence): Proposal[] {
  const near = `${found.before.slice(-60)} ${found.after.slice(0, 80)}`;
  const asked = comparisonAround(found);
  const questions = [...aboutNumber(found), ...sentence.questions];
  if (/\b(?:cpu|processor)\b/i.test(near)) {
    questions.push(
      'Of the machine, or of a process (server.cpu_percent, where 100 % is one core)? At most, or on average?',
    );
    const target = {
      metric: 'server.machine_cpu_percent',
      statistic: 'max',
      comparison: upper(asked),
      target: found.value,
    } as const;
    return [{ questions, target: { ...target, unit: '%' } }];
  }
  if (/\b(?:memory|disk|heap|ram|utili[sz]ation)\b/i.test(near)) return [];
  const isSuccess = SUCCESS.test(near) && !/\b(?:un|in)succe/i.test(near);
  const isChecks = /\bchecks?\b/i.test(near);
  const isNotFailing = /\b(?:not|never) (?:be )?(?:fail|error|reject)/i.test(near);
  if (!isSuccess && !isChecks && !/\b(?:errors?|fail\w*|4xx|5xx|reject\w*|time ?out\w*)\b/i.test(near)) return [];
  if (/\b(?:availab\w+|up ?time)\b/i.test(near)) {
    questions.push('Availability over weeks is no matter of a load test: is the share of answered requests meant?');
  }
  const counts = isSuccess || isChecks || isNotFailing;
  const least = asked === undefined ? '>=' : asked;
  if (counts ? least === '<' || least === '<=' : asked === '>' || asked === '>=') {
    questions.push(`The sentence says ${counts ? 'less' : 'more'} than: is that what must not happen?`);
  }
  if (isChecks) {
    const comparison = least === '<' || least === '<=' ? '>=' : least;
    const target = { metric: 'checks', statistic: 'rate', comparison, target: found.value, unit: '%' } as const;
    return [{ questions, target: { ...target, ...sentence.conditions } }];
  }
  const failed = counts ? Number((100 - found.value).toPrecision(12)) : found.value;
  const comparison = upper(counts ? MIRRORED[least] : asked);
  const target = { metric: 'http_req_failed', statistic: 'rate', comparison, target: failed, unit: '%' } as const;
  return [{ questions, target: { ...target, ...sentence.conditions } }];
}

function upper(asked: Comparison | undefined): Comparison {
  return asked === undefined || asked === '>' || asked === '>=' ? '<=' : asked;
}

function ofRate(found: FoundQuantity, sentence: Sentence): Proposal {
  const { load: _load, ...conditions } = sentence.conditions;
  const asked = comparisonAround(found);
  const questions = [...aboutNumber(found), ...sentence.questions];
  const each = /^ (?:per|for each|for every|and|\/) ?(?:user|client|vu|tenant|customer|node|instance|core|pod)\b/i.exec(
    found.after,
  );
  if (each !== null) questions.push(`"${each[0].trim()}": for how many of them?`);
  if (asked === '<' || asked === '<=')
    questions.push('The sentence gives an upper end: is at least that rate to be served?');
  return {
    questions,
    target: {
      metric: 'http_reqs',
      statistic: 'rate',
      comparison: asked === undefined || asked === '<' || asked === '<=' ? '>=' : asked,
      target: scaled(found.value, found.unit.factor),
      unit: '/s',
      ...conditions,
    },
  };
}

const PER_SECOND: ReadonlyMap<string, number> = new Map([
  ...([
    ['second', 1],
    ['minute', 1 / 60],
    ['hour', 1 / 3600],
    ['day', 1 / 86_400],
  ] as const),
]);

/** "120 orders per minute": of which requests that is the rate, only people know. */
function ofOtherRate({ text, questions, conditions }: Sentence): Proposal[] {
  const [, digits = '', things = '', per = ''] =
    /(?<![\w.,])(\d[\d,]*) ((?:[a-z-]+ )?[a-z-]+) (?:per|an?|every|each|\/) ?(second|minute|hour|day)\b/i.exec(text) ??
    [];
  const factor = PER_SECOND.get(per.toLowerCase());
  const count = Number(digits.replaceAll(',', ''));
  if (factor === undefined || !Number.isFinite(count) || count === 0) return [];
  const target = {
    metric: 'iterations',
    statistic: 'rate',
    comparison: '>=',
    target: scaled(count, factor),
    unit: '/s',
  } as const;
  const { load: _load, ...rest } = conditions;
  const question = `Is one of the "${things}" one iteration of the scenario? Otherwise: which requests make one?`;
  return [{ questions: [question, ...questions], target: { ...target, ...rest } }];
}

/** A time without a unit is asked about, however likely it is. */
function ofBareTime({ text, questions, conditions }: Sentence, statistic: string | undefined): Proposal[] {
  const lead =
    /(?:p ?\(?\d{2}(?:\.\d+)?\)?|percentile|median|average|latency|response times?|ttfb)(?: (?:latency|response times?|time|of|is|must|should|shall|be|stay|stays|remain|remains|not exceed))*:? ?(?:[<>≤≥]=?|under|below|within|at most|less than|of|=|max\.?)? ?(?=\d)/gi;
  const [found] = bareNumbersAfter(text, lead);
  if (found === undefined) return [];
  const unit = found.value < 20 ? 's' : 'ms';
  const asked = /(?:<(?!=)|under|below|less than) ?$/i.test(text.slice(0, found.start)) ? '<' : '<=';
  return [
    {
      questions: [
        `${found.value} has no unit: ${unit} is a guess. Which is it?`,
        ...(statistic === undefined ? ['Which percentile? The sentence names none, or several.'] : []),
        ...questions,
      ],
      target: {
        metric: LATENCY,
        statistic: statistic ?? 'p(95)',
        comparison: asked,
        target: found.value,
        unit,
        ...conditions,
      },
    },
  ];
}

/** "Success rate above 0.99": a share without a unit is asked about. */
function ofBareShare({ text, questions, conditions }: Sentence): Proposal[] {
  const lead =
    /\b(?:success|errors?|failures?|availability)(?: ?(?:rate|ratio|budget))?(?: (?:of|is|must|should|be|stay))*:? ?(?:[<>≤≥]=?|under|below|above|over|at most|at least|more than|less than|of|=)? ?(?=\d)/gi;
  const [found] = bareNumbersAfter(text, lead);
  if (found === undefined || found.value <= 0 || found.value > 100) return [];
  const isSuccess = /\b(?:success|availability)\b/i.test(text);
  const asFraction = Number((found.value * 100).toPrecision(12));
  const share = found.value <= 1 && (isSuccess || found.value < LARGEST_SURE_SHARE) ? asFraction : found.value;
  const target = isSuccess ? Number((100 - share).toPrecision(12)) : share;
  return [
    {
      questions: [
        found.value > 1
          ? `${found.value} has no unit: is it ${share} %?`
          : `${found.value} could be ${asFraction} % or ${found.value} %: which is it?`,
        ...questions,
      ],
      target: { metric: 'http_req_failed', statistic: 'rate', comparison: '<=', target, unit: '%', ...conditions },
    },
  ];
}

function ofMemory(found: FoundQuantity, { text, questions }: Sentence): Proposal[] {
  if (!/\b(?:memory|heap|ram|rss)\b/i.test(text)) return [];
  const comparison = upper(comparisonAround(found));
  const target = {
    metric: 'server.memory',
    statistic: 'max',
    comparison,
    target: found.value,
    unit: found.unitText,
  } as const;
  const question = 'Which process? It must be watched (server_metrics of the environment).';
  return [{ questions: [...aboutNumber(found), question, ...questions], target }];
}

/** "Memory must not grow by more than 50 MB per hour". */
function memoryGrowth(text: string, quantities: readonly FoundQuantity[]): Proposal | undefined {
  if (!/\b(?:memory|heap|ram|rss)\b/i.test(text) || !/\b(?:grow\w*|leak\w*|increase\w*|ris(?:e|es|ing))\b/i.test(text))
    return undefined;
  const found = quantities.find(({ unit }) => unit.of === 'size' || unit.of === 'transfer');
  if (found === undefined) return undefined;
  const isHourly = found.unit.of === 'transfer' || /^ ?(?:\/|per|an|every|each) ?h(?:our)?\b/i.test(found.after);
  const unit = found.unit.of === 'transfer' ? found.unitText : `${found.unitText}/h`;
  return {
    questions: isHourly ? [] : [`${found.value} ${found.unitText} in what time? Here: in an hour.`],
    target: {
      metric: 'server.memory',
      statistic: 'growth',
      comparison: upper(comparisonAround(found)),
      target: found.value,
      unit,
    },
  };
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

/** `GET /search`, or a path alone. */
function endpointIn(text: string): string | undefined {
  const found =
    /\b(?:GET|POST|PUT|PATCH|DELETE) \/[\w/{}:.-]*/.exec(text)?.[0] ?? /(?<![\w/])\/[a-z][\w/{}-]+/i.exec(text)?.[0];
  return found?.replace(/[:.,-]+$/, '');
}
