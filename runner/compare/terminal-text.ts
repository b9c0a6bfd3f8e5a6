// A Comparison → its text in the terminal.

import type { Comparison } from '../model/comparison.ts';
import type { Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { type FittedColumn, fittedTable } from '../text/fitted-table.ts';
import { hanging } from '../text/text-columns.ts';
import { changeInterval, changeText, figureName, valueText, whereText } from './figure-texts.ts';
import { overallMark } from './overall-mark.ts';
import { comparedTitle } from './view.ts';
import { caveatText, comparisonSentence, historyText, overRunsText, verdictText } from './words.ts';

const COLOURS = { worse: 'yellow', better: 'green', same: 'dim', unknown: 'dim' } as const;

/** The most rows in the terminal. The page has all rows. */
const MOST_ROWS = 30;

/** A narrow window first hides the interval, then the values of a and b. */
const COLUMNS: readonly FittedColumn[] = [
  { head: 'where', align: 'left', least: 14 },
  { head: 'figure', align: 'left', least: 8 },
  { head: 'a', align: 'right', rank: 1 },
  { head: 'b', align: 'right', rank: 1 },
  { head: 'difference', align: 'right' },
  { head: '95 % interval', align: 'right', rank: 2 },
  { head: 'these two runs', align: 'left', least: 12 },
];
const BUILDS: FittedColumn = { head: 'builds', align: 'left', least: 14 };

/** The reasons why the runs may not be comparable, a table of the figures, and the path of the page. */
export function comparisonSummary(comparison: Comparison, reportPath: string, terminal: Terminal): string {
  const hasHistory = comparison.history !== null;
  const rows = comparison.metrics
    .slice(0, MOST_ROWS)
    .map((metric) => [
      whereText(metric),
      figureName(metric),
      valueText(metric, metric.a.value),
      valueText(metric, metric.b.value),
      changeText(metric),
      changeInterval(metric),
      terminal.style(COLOURS[metric.verdict], verdictText(metric)),
      ...(hasHistory ? [overRunsText(metric)] : []),
    ]);
  const columns = hasHistory ? [...COLUMNS, BUILDS] : COLUMNS;
  const notes = comparison.notes.map(({ level, topic, text }) =>
    hanging(`  ${level === 'info' ? '·' : '!'} `, `${topic}: ${visible(text)}`, terminal),
  );
  return [
    hanging('', `${overallMark(comparison).word}: ${comparedTitle(comparison)}`, terminal),
    `  a, baseline  ${visible(comparison.a.run)}`,
    `  b            ${visible(comparison.b.run)}`,
    ...notes,
    ...(rows.length === 0 ? [] : [fittedTable(columns, rows, terminal.columns)]),
    ...[comparisonSentence(comparison.metrics), historyText(comparison), caveatText(comparison)].flatMap((text) =>
      text === '' ? [] : hanging('', text, terminal),
    ),
    '  report',
    `    ${reportPath}`,
  ].join('\n');
}
