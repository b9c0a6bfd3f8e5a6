// A Comparison → what the terminal says of it.

import Table from 'cli-table3';
import type { Comparison } from '../model/comparison.ts';
import type { Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import {
  caveatsOf,
  changeInterval,
  changeText,
  comparedTitle,
  figureName,
  overallMark,
  overRunsText,
  valueText,
  whereText,
} from './view.ts';

const COLOURS = { worse: 'yellow', better: 'green', same: 'dim', unknown: 'dim' } as const;

/** The page has them all. */
const MOST_ROWS = 30;

/** A table of the figures, why the two may not be alike, and where the page is. */
export function comparisonSummary(comparison: Comparison, reportPath: string, terminal: Terminal): string {
  const table = new Table({
    head: [
      ...['where', 'figure', 'a', 'b', 'difference', '95 % interval', 'what may be said'],
      ...(comparison.history === null ? [] : ['over several runs']),
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
      terminal.style(COLOURS[metric.verdict], metric.word),
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
    comparison.sentence,
    caveatsOf({ ...comparison, alike: true })[0] ?? '',
    `  report  ${reportPath}`,
  ].join('\n');
}
