// Rates of a sentence → proposals on throughput: requests, or other things that the sentence counts.

import { aboutNumber, type Proposal, type Sentence } from './proposal.ts';
import { comparisonAround, type FoundQuantity } from './quantities.ts';
import { scaled } from './unit.ts';

/** The proposal for requests per time. */
export function ofRate(found: FoundQuantity, sentence: Sentence): Proposal {
  const { load: _load, ...conditions } = sentence.conditions;
  const asked = comparisonAround(found);
  const questions = [...aboutNumber(found), ...sentence.questions];
  const each = /^ (?:per|for each|for every|and|\/) ?(?:user|client|vu|tenant|customer|node|instance|core|pod)\b/i.exec(
    found.after,
  );
  if (each !== null) questions.push(`"${each[0].trim()}": for how many of them?`);
  if (asked === '<' || asked === '<=')
    questions.push('The sentence gives an upper limit. Is it the rate that must at least be served?');
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

/** The proposal for "120 orders per minute", with a question on which requests these are. */
export function ofOtherRate({ text, questions, conditions }: Sentence): Proposal[] {
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
  const question = `Is one of the "${things}" one iteration of the scenario? If not, which requests belong to one?`;
  return [{ questions: [question, ...questions], target: { ...target, ...rest } }];
}
