// The k6 processes of a run as a table: figures, completeness of the stream and state of the load generator for each.

import type { Result } from '../../model/result.ts';
import { count, duration, perSecond, plural } from '../../text/format.ts';
import { momentCell, numberCell, numberColumn, shareCell, table, textCell, textColumn } from './cells.ts';
import { GENERATOR_MARKS } from './environment.ts';
import type { Cell, Section } from './model.ts';

type Source = NonNullable<Result['sources']>[number];

/** The section on several load generators; its table is empty if one k6 process made the load. */
export function sourcesSection(result: Result): Section {
  const sources = result.sources ?? [];
  const numbers = ['Requests', 'Rate', 'Errors', 'VUs', 'p50', 'p95', 'p99', 'max'];
  return {
    id: 'sources',
    title: 'Load generators',
    note: sources.length === 0 ? '' : `The run is the sum of ${plural(sources.length, 'stream')}. ${clockNote(result)}`,
    table: {
      ...table(
        'sources',
        'Load generators',
        [
          textColumn('Source'),
          textColumn('Began'),
          ...numbers.map(numberColumn),
          textColumn('Stream'),
          textColumn('Generator'),
        ],
        sources.map(row),
        'One k6 process generated the load.',
      ),
      isLong: false,
    },
  };
}

function row(source: Source): Cell[] {
  const { generator, latency } = source;
  const { icon, tone, word } = GENERATOR_MARKS[generator.state];
  const began = source.load_started_at ?? source.started_at;
  return [
    textCell(source.name, { note: exitNote(source) }),
    began === null ? textCell('–') : momentCell(began.slice(11, 23), Date.parse(began)),
    numberCell(source.requests, count),
    numberCell(source.rate_per_s, perSecond),
    shareCell(source.failed_rate, (source.failed_rate ?? 0) > 0 ? 'bad' : 'neutral'),
    numberCell(source.vus_max, count),
    ...[latency?.med, latency?.p95, latency?.p99, latency?.max].map((value) => numberCell(value, duration)),
    streamCell(source),
    textCell(word, { icon, tone }),
  ];
}

function exitNote({ exit_code, problem }: Source): string {
  if (problem !== null) return problem;
  return exit_code === null || exit_code === 0 ? '' : `exit code ${exit_code}`;
}

function streamCell({ complete, gaps, cut_at, started_at, lost_lines }: Source): Cell {
  if (complete && lost_lines === 0) return textCell('complete', { icon: 'pass', tone: 'good' });
  if (complete) {
    return textCell('all samples', { icon: 'pass', tone: 'good', note: `${plural(lost_lines, 'other line')} lost` });
  }
  const missing = [
    ...gaps.map(({ from, to }) => `${from.slice(11, 19)} to ${to.slice(11, 19)}`),
    ...(cut_at === null ? [] : [`from ${cut_at.slice(11, 19)} on`]),
    ...(started_at === null ? ['all of it'] : []),
  ];
  const shown = missing.length > 4 ? [...missing.slice(0, 4), `${missing.length - 4} more`] : missing;
  return textCell('incomplete', {
    icon: 'fail',
    tone: 'bad',
    note: `missing: ${shown.join(', ') || 'time not known'}`,
  });
}

/** How far the clocks of the sources may differ. */
function clockNote({ clocks }: Result): string {
  const placed = 'The times of a source are those of its own clock; counts and percentiles do not depend on it.';
  if (clocks === undefined || clocks === null) return `${placed} The clock difference is not known.`;
  const bound = duration(clocks.bound_ms);
  return clocks.basis === 'measured'
    ? `${placed} The clocks differ by at most ${bound}, as measured during the run.`
    : `${placed} The sources began their load within ${bound} of each other. If they were started together, their clocks differ by no more than that.`;
}
