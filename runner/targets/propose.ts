// A sentence about performance ("Search answers within 2 s for 95 % of requests") → proposed targets for a person to approve. It works
// with rules, not with a language model; whatever is uncertain becomes a question.

import { RELATIVE } from './about-performance.ts';
import { inPlainWords } from './plain-words.ts';
import type { Proposal, ProposedTarget, Sentence } from './proposal.ts';
import { memoryGrowth, ofMemory } from './proposed-memory.ts';
import { ofOtherRate, ofRate } from './proposed-rates.ts';
import { ofBareShare, ofShare } from './proposed-shares.ts';
import { ofBareTime, ofTime } from './proposed-times.ts';
import { quantitiesIn } from './quantities.ts';
import { circumstanceQuestions, isLoad, isWindow, loadIn } from './spoken-conditions.ts';
import { statisticsIn, statisticsOfTimes } from './spoken-statistics.ts';

/** The proposed targets of a text, sentence by sentence; empty if it has no limit. */
export function proposeTargets(text: string): Proposal[] {
  return text
    .split('\n')
    .flatMap((line) => inPlainWords(line).split(/(?<=[\p{L}\d%)])[.!?](?=\s+\p{Lu})/u))
    .flatMap(ofSentence);
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
    const question = `There are several limits for ${each.target.statistic}: which requests is each about?`;
    proposals[index] = { ...each, questions: [...each.questions, question] };
  }
  if (times.length === 0) proposals.push(...ofBareTime(sentence, named[0]?.statistic));
  proposals.push(...ofBareShare(sentence));
  if (ZERO_ERRORS.test(text)) {
    const zero = { metric: 'http_req_failed', statistic: 'rate', comparison: '<=', target: 0, unit: '%' } as const;
    proposals.push({ questions: sentence.questions, target: { ...zero, ...sentence.conditions } });
  }
  if (proposals.length === 0) proposals.push(...ofOtherRate(sentence));
  // A load alone is no target, so an error rate is proposed for it.
  if (proposals.length === 0 && load?.vus !== undefined) {
    const question = `${load.vus} users are a load. What is the target at this load? Assumed: fewer than 1 % failed requests.`;
    const failed = { metric: 'http_req_failed', statistic: 'rate', comparison: '<', target: 1, unit: '%' } as const;
    proposals.push({ questions: [question], target: { ...failed, load: { vus: load.vus } } });
  }
  return proposals;
}

function isOtherLimit(a: ProposedTarget, b: ProposedTarget): boolean {
  return a.metric === b.metric && a.statistic === b.statistic && a.comparison[0] === b.comparison[0];
}
