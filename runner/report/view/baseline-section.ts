// The comparison with the baseline → a section of the report: one sentence and a table of every figure with its verdict.

import type { Result } from '../../model/result.ts';
import { baselineRows, baselineTitle, baseText, leftOutText } from './baseline.ts';
import { numberColumn, table, textCell, textColumn } from './cells.ts';
import type { Section } from './model.ts';

const ICONS = { slower: 'warn', faster: 'pass', same: 'pass', undecided: 'unknown' } as const;

/** The section on what changed since the baseline; none if the run was compared with no baseline. */
export function baselineSections({ baseline }: Pick<Result, 'baseline'>): Section[] {
  if (baseline === undefined) return [];
  const { percent, ms } = baseline.least_change;
  const columns = [
    textColumn('Figure'),
    ...['Baseline', 'This run', 'Change (interval)'].map(numberColumn),
    textColumn('Verdict'),
  ];
  const rows = baselineRows(baseline).map(({ what, from, to, change, verdictText, verdict, tone }) => [
    textCell(what),
    ...[from, to, change].map((text) => textCell(text, { isNumeric: true })),
    textCell(verdictText, { tone, icon: ICONS[verdict] }),
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
