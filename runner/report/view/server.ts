// The system under test before, during and after the load, as tables: the panels' metrics, their sources, and other metrics.

import type { Result } from '../../model/result.ts';
import { bareName } from '../../model/server-metrics.ts';
import type { ServerFigures, ServerLine, ServerMetricResult, ServerSourceResult } from '../../model/server-result.ts';
import { lineText, panelsOf } from '../../monitor/panels.ts';
import { count, elapsed, withUnit } from '../../text/format.ts';
import type { ChartInput } from '../charts/chart.ts';
import { numberCell, numberColumn, table, textCell, textColumn } from './cells.ts';
import type { Cell, Section } from './model.ts';

/** Exporters have hundreds of metrics; more rows would make the page heavy. */
const MOST_OTHERS = 40;

const COLUMNS = ['Before', 'During, avg', 'During, p95', 'During, max', 'After, last'].map(numberColumn);

/** The tables of the system under test; empty if it was not monitored. */
export function serverSections(result: Result, input: ChartInput): Section[] {
  const { sources = [], metrics = [], summary = [] } = result.server;
  if (sources.length === 0 && metrics.length === 0) return [];
  const { others } = panelsOf(metrics);
  const sections: Section[] = [
    {
      id: 'server',
      title: 'System under test: before, during, after',
      note: 'Recovered: at least 80 % of the change under load is gone after it.',
      table: panelTable(summary),
    },
    {
      id: 'server-sources',
      title: 'Sources of these metrics',
      note: 'Each source is sampled once a second. Charts have gaps where samples are missing.',
      table: sourceTable(sources, input),
    },
    {
      id: 'server-other',
      title: 'Other metrics of the system under test',
      note: 'Metrics that changed under load, largest change first. result.json has all of them.',
      table: otherTable(others),
    },
  ];
  return sections.filter(({ table: { isEmpty } }) => !isEmpty);
}

function figureCells(
  unit: string,
  before: ServerFigures | null,
  during: ServerFigures | null,
  after: ServerFigures | null,
  recovered: boolean | null,
): Cell[] {
  const cell = (value: number | undefined) => numberCell(value, (shown) => withUnit(shown, unit));
  const back = recovered === null ? '–' : recovered ? 'yes' : 'no';
  return [
    cell(before?.avg),
    cell(during?.avg),
    cell(during?.p95),
    cell(during?.max),
    cell(after?.last),
    textCell(back, recovered === false ? { tone: 'warn', icon: 'warn' } : {}),
  ];
}

function panelTable(summary: readonly ServerLine[]) {
  const rows = summary.map((line) => [
    textCell(lineText(line)),
    textCell(line.source),
    ...figureCells(line.unit, line.before, line.during, line.after, line.recovered),
  ]);
  const columns = [textColumn('What'), textColumn('Source'), ...COLUMNS, textColumn('Recovered')];
  return table('server', 'System under test', columns, rows, '');
}

function sourceTable(sources: readonly ServerSourceResult[], input: ChartInput) {
  const marks = {
    ok: { tone: 'good', icon: 'pass', word: 'complete' },
    gaps: { tone: 'warn', icon: 'warn', word: 'with gaps' },
    failed: { tone: 'bad', icon: 'fail', word: 'no data' },
  } as const;
  const rows = sources.map(({ name, kind, target, state, samples, gaps, remarks }) => {
    const { word, ...mark } = marks[state];
    return [
      textCell(name),
      textCell(kind),
      textCell(target),
      textCell(word, mark),
      numberCell(samples, count),
      textCell(gapText(gaps, input), { note: remarks.join('; ') }),
    ];
  });
  const columns = [
    textColumn('Source'),
    textColumn('Kind'),
    textColumn('Read from'),
    textColumn('Data'),
    numberColumn('Samples'),
  ];
  return table('server-sources', 'Sources', [...columns, textColumn('Gaps')], rows, '');
}

function gapText(gaps: ServerSourceResult['gaps'], input: ChartInput): string {
  const [first] = gaps;
  if (first === undefined) return 'none';
  const at = (iso: string) => {
    const ms = Date.parse(iso) - input.loadStartMs;
    return ms < 0 ? `${elapsed(-ms)} before the load` : elapsed(ms);
  };
  const more = gaps.length === 1 ? '' : `, and ${count(gaps.length - 1)} more`;
  return `${at(first.from)} to ${at(first.to)}: ${first.reason}${more}`;
}

function otherTable(others: readonly ServerMetricResult[]) {
  const rows = others
    .filter(isMoving)
    .toSorted((a, b) => movedBy(b) - movedBy(a))
    .slice(0, MOST_OTHERS)
    .map((metric) => {
      const labels = Object.entries(metric.labels).map(([label, value]) => `${label} = ${value}`);
      return [
        textCell(bareName(metric.name), { note: labels.join(', ') }),
        textCell(metric.source),
        ...figureCells(metric.unit, metric.before, metric.during, metric.after, metric.recovered),
      ];
    });
  return table(
    'server-other',
    'Other metrics',
    [textColumn('Metric'), textColumn('Source'), ...COLUMNS, textColumn('Recovered')],
    rows,
    '',
  );
}

/** False for constants, such as a limit or a start time. */
function isMoving({ before, during, after }: ServerMetricResult): boolean {
  if (during === null) return false;
  const phases = [before, during, after].filter((phase) => phase !== null);
  return phases.some(({ min, max }) => min !== during.min || max !== during.max || min !== max);
}

/** The change under load, as a share of the larger of both averages. */
function movedBy({ before, during }: ServerMetricResult): number {
  if (before === null || during === null) return 0;
  const size = Math.max(Math.abs(before.avg), Math.abs(during.avg));
  return size === 0 ? 0 : Math.abs(during.avg - before.avg) / size;
}
