// What changed since the baseline → a section of the report: a sentence, and every figure with its verdict.

import type { Result } from '../../model/result.ts';
import { baselineRows, baselineTitle, baseText, leftOutText } from './baseline.ts';
import { numberColumn, table, textCell, textColumn } from './cells.ts';
import type { Section } from './model.ts';

const ICONS = { slower: 'warn', faster: 'pass', same: 'pass', undecided: 'unknown' } as const;

/** None where no baseline was asked for. */
export function baselineSections({ baseline }: Pick<Result, 'baseline'>): Section[] {
  if (baseline === undefined) return [];
  const { percent, ms } = baseline.least_change;
  const columns = [
    textColumn('Figure'),
    ...['Baseline', 'This run', 'Change (interval)'].map(numberColumn),
    textColumn('Verdict'),
  ];
  const rows = baselineRows(baseline).map(({ what, from, to, change, said, word, tone }) => [
    textCell(what),
    ...[from, to, change].map((text) => textCell(text, { isNumeric: true })),
    textCell(said, { tone, icon: ICONS[word] }),
  ]);
  const rule = `Response times count as changed if they differ by at least ${percent} % and ${ms} ms.`;
  const notes = [`${baselineTitle(baseline)}.`, leftOutText(baseline), baseline.runs_needed > 0 ? '' : rule];
  return [
    {
      id: 'baseline',
      title: `What changed since ${baseText(baseline)}`,
      note: notes.filter((text) => text !== '').join(' '),
      table: table('baseline', 'Changes since the baseline', columns, rows, 'No figure could be compared.'),
    },
  ];
}
