// The steps to each verdict, the same that `novaperf explain` prints.

import { explainKpi } from '../../analysis/verdict/explain.ts';
import type { Result } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import { fact } from './cells.ts';
import { orderedKpis } from './kpis.ts';
import type { ExplainedKpi } from './model.ts';
import { verdictMark, verdictWord } from './verdict-words.ts';

/** Each target with the steps to its verdict, in the order of the table of targets. */
export function explainedView(result: Result): ExplainedKpi[] {
  return orderedKpis(result).map((kpi) => ({
    expression: oneLine(kpi.expression, 240),
    mark: { ...verdictMark(kpi), ...(kpi.verdict === 'inconclusive' ? { word: verdictWord(kpi) } : {}) },
    steps: explainKpi(kpi, result).steps.map(({ label, text }) => fact(label === '' ? '…' : label, text, 2400)),
  }));
}
