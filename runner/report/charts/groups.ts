// The duration of the script's groups over time, one line per group.

import { oneLine } from '../../text/display-text.ts';
import { duration } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import type { Ink } from './ink.ts';
import { percentileLines, samplesFor } from './percentile-lines.ts';
import { tableOverTime } from './timeline.ts';

const METRIC = 'group_duration';
/** Colours of the lines. More lines could not be distinguished; the table of groups has all groups. */
const INKS: readonly Ink[] = ['p95', 'p50', 'sent', 'p99', 'waiting', 'vus'];

function nameOf(path: string): string {
  return oneLine(path.replace(/^::/, '').split('::').join(' › '), 60);
}

/** p95 of the slowest groups; undefined if the script has no groups, or too few samples of each. */
export function groupsChart(input: ChartInput): ChartFigure | undefined {
  const groups = input.metrics
    .groupBy(METRIC, ['group'])
    .filter(({ tags, aggregate }) => (tags.group ?? '') !== '' && aggregate.count >= samplesFor(0.95))
    .map(({ tags, aggregate }) => ({ path: tags.group ?? '', p95: aggregate.quantile(0.95) ?? 0 }))
    .sort((a, b) => b.p95 - a.p95)
    .slice(0, INKS.length);
  const [slowest] = groups;
  if (slowest === undefined) return undefined;
  const bands = groups.map(({ path }, index): Band => {
    const { lines } = percentileLines(input, { metric: METRIC, filter: { group: path } }, [0.95], input.mostPoints);
    return { name: nameOf(path), ink: INKS[index] ?? 'max', style: 'line', points: lines[0] ?? [] };
  });
  return {
    name: 'groups',
    title: 'Groups, p95',
    takeaway: `Slowest: ${nameOf(slowest.path)} with a p95 of ${duration(slowest.p95)}.`,
    ...bandsPlot(input, 210, bands, 'duration'),
    table: tableOverTime(
      input,
      groups.map(({ path }) => nameOf(path)),
      (range) =>
        groups.map(({ path }) => {
          const part = input.metrics.total(METRIC, { group: path }, range);
          return part !== undefined && part.count >= samplesFor(0.95) ? duration(part.quantile(0.95)) : '–';
        }),
    ),
  };
}
