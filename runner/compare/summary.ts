// A Comparison → what the terminal says of it.

import Table from 'cli-table3';
import type { Comparison } from '../model/comparison.ts';
import type { Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { changeInterval, changeText, comparedTitle, figureName, overallMark, valueText, whereText } from './view.ts';
import { caveatText, comparisonSentence, historyText, overRunsText, verdictText } from './words.ts';

const COLOURS = { worse: 'yellow', better: 'green', same: 'dim', unknown: 'dim' } as const;

/** The page has them all. */
const MOST_ROWS = 30;

/** A table of the figures, why the two may not be alike, and where the page is. */
export function comparisonSummary(comparison: Comparison, reportPath: string, terminal: Terminal): string {
  const table = new Table({
    head: [
      ...['where', 'figure', 'a', 'b', 'difference', '95 % interval', 'these two runs'],
      ...(comparison.history === null ? [] : ['builds']),
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const metric of comparison.metrics.slice(0, MOST_ROWS)) {
    table.push([
      whereText(metric),
      figureName(metric),
      valueText(metric, metric.a.value),
      valueText(metric, metric.b.value),
      changeText(metric),
      changeInterval(metric),
      terminal.style(COLOURS[metric.verdict], verdictText(metric)),
      ...(comparison.history === null ? [] : [overRunsText(metric)]),
    ]);
  }
  const notes = comparison.notes.map(
    ({ level, topic, text }) => `  ${level === 'info' ? '·' : '!'} ${topic}: ${visible(text)}`,
  );
  return [
    `${overallMark(comparison).word}: ${comparedTitle(comparison)}`,
    `  a, baseline  ${visible(comparison.a.run)}`,
    `  b            ${visible(comparison.b.run)}`,
    ...notes,
    ...(comparison.metrics.length === 0 ? [] : [table.toString()]),
    comparisonSentence(comparison.metrics),
    ...[historyText(comparison), caveatText(comparison)].filter((text) => text !== ''),
    `  report  ${reportPath}`,
  ].join('\n');
}
