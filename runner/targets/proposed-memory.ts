// Sizes of a sentence → proposals on the memory of the system under test: its size and its growth.

import { aboutNumber, type Proposal, type Sentence, upper } from './proposal.ts';
import { comparisonAround, type FoundQuantity } from './quantities.ts';

/** Proposals for a size; empty unless the sentence is about memory. */
export function ofMemory(found: FoundQuantity, { text, questions }: Sentence): Proposal[] {
  if (!/\b(?:memory|heap|ram|rss)\b/i.test(text)) return [];
  const comparison = upper(comparisonAround(found));
  const target = {
    metric: 'server.memory',
    statistic: 'max',
    comparison,
    target: found.value,
    unit: found.unitText,
  } as const;
  const question = 'Which process? It must be monitored (server_metrics of the environment).';
  return [{ questions: [...aboutNumber(found), question, ...questions], target }];
}

/** The proposal for "Memory must not grow by more than 50 MB per hour"; undefined for other sentences. */
export function memoryGrowth(text: string, quantities: readonly FoundQuantity[]): Proposal | undefined {
  if (!/\b(?:memory|heap|ram|rss)\b/i.test(text) || !/\b(?:grow\w*|leak\w*|increase\w*|ris(?:e|es|ing))\b/i.test(text))
    return undefined;
  const found = quantities.find(({ unit }) => unit.of === 'size' || unit.of === 'transfer');
  if (found === undefined) return undefined;
  const isHourly = found.unit.of === 'transfer' || /^ ?(?:\/|per|an|every|each) ?h(?:our)?\b/i.test(found.after);
  const unit = found.unit.of === 'transfer' ? found.unitText : `${found.unitText}/h`;
  return {
    questions: isHourly ? [] : [`${found.value} ${found.unitText} in what time? Assumed: in an hour.`],
    target: {
      metric: 'server.memory',
      statistic: 'growth',
      comparison: upper(comparisonAround(found)),
      target: found.value,
      unit,
    },
  };
}
