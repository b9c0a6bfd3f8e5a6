// Times of a sentence → proposals on response times: percentile, endpoint and load.

import { aboutNumber, type Proposal, type Sentence } from './proposal.ts';
import { bareNumbersAfter, comparisonAround, type FoundQuantity } from './quantities.ts';

const LATENCY = 'http_req_duration';

/** The proposal for a time with a unit. `statistic`: that of the sentence, if it has one. */
export function ofTime(found: FoundQuantity, statistic: string | undefined, sentence: Sentence): Proposal {
  const { text, conditions } = sentence;
  const questions = [...aboutNumber(found), ...sentence.questions];
  const asked = comparisonAround(found);
  // "No more than 2 % of requests over 1 s" limits the percentile from above.
  const isCounted = statistic !== undefined && /%[^,;]*$/.test(found.before) && (asked === '>' || asked === '>=');
  if (!isCounted && (asked === '>' || asked === '>=')) {
    questions.push('The sentence says "more than". Is this what must not happen?');
  }
  const filter = endpointIn(text);
  if (statistic === undefined) questions.push('Which percentile? The sentence names none, or several.');
  if (filter !== undefined) questions.push(`Is "${filter}" the value of the tag name in the scenario?`);
  if (/\bpage loads?\b|\bload times?\b|\brender\w*/i.test(text)) {
    questions.push('A page needs many requests, and this target is on single requests. Is that meant?');
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

/** The proposal for a time without a unit, always with a question on the unit. */
export function ofBareTime({ text, questions, conditions }: Sentence, statistic: string | undefined): Proposal[] {
  const lead =
    /(?:p ?\(?\d{2}(?:\.\d+)?\)?|percentile|median|average|latency|response times?|ttfb)(?: (?:latency|response times?|time|of|is|must|should|shall|be|stay|stays|remain|remains|not exceed))*:? ?(?:[<>≤≥]=?|under|below|within|at most|less than|of|=|max\.?)? ?(?=\d)/gi;
  const [found] = bareNumbersAfter(text, lead);
  if (found === undefined) return [];
  const unit = found.value < 20 ? 's' : 'ms';
  const asked = /(?:<(?!=)|under|below|less than) ?$/i.test(text.slice(0, found.start)) ? '<' : '<=';
  return [
    {
      questions: [
        `${found.value} has no unit. Assumed: ${unit}. Which unit is it?`,
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

/** The endpoint that a text names: `GET /search`, or only a path. */
function endpointIn(text: string): string | undefined {
  const found =
    /\b(?:GET|POST|PUT|PATCH|DELETE) \/[\w/{}:.-]*/.exec(text)?.[0] ?? /(?<![\w/])\/[a-z][\w/{}-]+/i.exec(text)?.[0];
  return found?.replace(/[:.,-]+$/, '');
}
