// Shares of a sentence → proposals on failed requests, checks and CPU.

import type { Comparison } from '../model/kpi.ts';
import { aboutNumber, type Proposal, type Sentence, upper } from './proposal.ts';
import { bareNumbersAfter, comparisonAround, type FoundQuantity } from './quantities.ts';
import { LARGEST_SURE_SHARE } from './unit.ts';

const SUCCESS = /\b(?:succe\w+|availab\w+|up ?time|error-free|without (?:an? |any )?errors?)\b/i;
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  ...{ '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' },
};

/** The proposals for a share in percent; empty if it is about nothing that a load test measures. */
export function ofShare(found: FoundQuantity, sentence: Sentence): Proposal[] {
  const near = `${found.before.slice(-60)} ${found.after.slice(0, 80)}`;
  const asked = comparisonAround(found);
  const questions = [...aboutNumber(found), ...sentence.questions];
  if (/\b(?:cpu|processor)\b/i.test(near)) {
    questions.push(
      'Of the machine, or of a process (server.cpu_percent, where 100 % is one core)? Maximum or average?',
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
    questions.push('A load test cannot measure availability over weeks. Is the share of successful requests meant?');
  }
  const counts = isSuccess || isChecks || isNotFailing;
  const least = asked === undefined ? '>=' : asked;
  if (counts ? least === '<' || least === '<=' : asked === '>' || asked === '>=') {
    questions.push(`The sentence says "${counts ? 'less' : 'more'} than". Is this what must not happen?`);
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

/** The proposal for a share without a unit, such as "Success rate above 0.99", with a question on the unit. */
export function ofBareShare({ text, questions, conditions }: Sentence): Proposal[] {
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
          ? `${found.value} has no unit. Is it ${share} %?`
          : `${found.value} could be ${asFraction} % or ${found.value} %. Which is it?`,
        ...questions,
      ],
      target: { metric: 'http_req_failed', statistic: 'rate', comparison: '<=', target, unit: '%', ...conditions },
    },
  ];
}
