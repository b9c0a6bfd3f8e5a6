// A Comparison and the views of both runs → the report of b with the differences from a at the top and in every table.

import type { Change, ComparedMetric, CompareReason, Comparison, ComparisonNote } from '../model/comparison.ts';
import type { Result } from '../model/result.ts';
import { fact, mark, numberCell, numberColumn, table, textCell, textColumn, timeFact } from '../report/view/cells.ts';
import { actualText } from '../report/view/kpi-text.ts';
import type { Cell, ComparisonView, Mark, ReportView, Table } from '../report/view/model.ts';
import { statusMark } from '../report/view/verdict.ts';
import { VERDICTS } from '../report/view/verdict-words.ts';
import { oneLine } from '../text/display-text.ts';
import { count, duration, isFigure, signedPercent } from '../text/format.ts';
import { profileAfterName } from '../text/profile-name.ts';
import {
  byWeight,
  changeInterval,
  changeText,
  figureName,
  greatestChanges,
  valueText,
  whereText,
} from './figure-texts.ts';
import { joinTables } from './join-tables.ts';
import { optionsDifference } from './options-difference.ts';
import { overallMark } from './overall-mark.ts';
import {
  caveatText,
  commonReason,
  comparisonSentence,
  historyText,
  overRunsText,
  REASON_TEXTS,
  seenText,
  verdictText,
} from './words.ts';

/** The results of the two runs, and the links from the page to their reports. */
export interface ComparedResults {
  readonly a: Result;
  readonly b: Result;
  readonly hrefs: { readonly a: string; readonly b: string };
}

const CHANGE_MARKS: Readonly<Record<Change, Mark>> = {
  worse: mark('warn', 'warn', 'worse'),
  better: mark('good', 'pass', 'better'),
  same: mark('neutral', 'pass', 'same'),
  unknown: mark('neutral', 'unknown', 'no clear difference'),
};

const NOTE_MARKS: Readonly<Record<ComparisonNote['level'], Mark>> = {
  differs: mark('warn', 'warn', 'not comparable'),
  doubt: mark('warn', 'unknown', 'uncertain'),
  info: mark('neutral', 'pass', 'note'),
};

function changeView(metric: ComparedMetric): ComparisonView['changes'][number] {
  return {
    ...CHANGE_MARKS[(metric.over_runs ?? metric).verdict],
    name: `${whereText(metric)}, ${figureName(metric)}`,
    change: changeText(metric),
    values: `${valueText(metric, metric.a.value)} → ${valueText(metric, metric.b.value)}`,
    words:
      metric.over_runs === null
        ? [verdictText(metric), seenText(metric)].filter((text) => text !== '').join(': ')
        : `builds: ${overRunsText(metric)}`,
  };
}

function overRunsCell(metric: ComparedMetric): Cell {
  if (metric.over_runs === null) return textCell('–');
  const { tone, icon } = CHANGE_MARKS[metric.over_runs.verdict];
  return textCell(overRunsText(metric), { tone, icon });
}

/** `shared`: the reason in the sentence above the table, which the row does not repeat. */
function figureRow(metric: ComparedMetric, shared: CompareReason | undefined, hasHistory: boolean): Cell[] {
  const { tone, icon } = CHANGE_MARKS[metric.verdict];
  const value = (side: ComparedMetric['a']) => numberCell(side.value, (shown) => valueText(metric, shown ?? null));
  return [
    textCell(whereText(metric)),
    textCell(figureName(metric)),
    value(metric.a),
    value(metric.b),
    numberCell(metric.change, () => changeText(metric)),
    textCell(changeInterval(metric)),
    textCell(verdictText(metric), { icon, tone, note: noteOf(metric, shared) }),
    ...(hasHistory ? [overRunsCell(metric)] : []),
  ];
}

function noteOf(metric: ComparedMetric, shared: CompareReason | undefined): string {
  const reason = metric.reason === null || metric.reason === shared ? '' : REASON_TEXTS[metric.reason];
  return [seenText(metric, changeText(metric)), reason].filter((text) => text !== '').join('; ');
}

function figureTable(metrics: readonly ComparedMetric[]): Table {
  const hasHistory = metrics.some(({ over_runs }) => over_runs !== null);
  const columns = [
    textColumn('Where'),
    textColumn('Figure'),
    ...['a', 'b', 'Difference'].map(numberColumn),
    textColumn('95 % interval of the difference'),
    textColumn('In these two runs'),
    ...(hasHistory ? [textColumn('Builds, over several runs')] : []),
  ];
  return table(
    'compared-figures',
    'Figures of both runs',
    columns,
    byWeight(metrics).map((metric) => figureRow(metric, commonReason(metrics), hasHistory)),
    'The two runs have no figure in common.',
  );
}

function targetCells(side: Comparison['targets'][number]['a'], expression: string, result: Result): Cell[] {
  const kpi = result.kpis.find((each) => each.expression === expression);
  if (side === null || kpi === undefined) return [textCell('–', { isNumeric: true }), textCell('not set')];
  const { tone, icon, word } = VERDICTS[side.verdict];
  return [textCell(actualText(kpi, result), { isNumeric: true }), textCell(word, { tone, icon })];
}

function targetDifference({ a, b }: Comparison['targets'][number]): Cell {
  const [from, to] = [a?.actual, b?.actual];
  const change = isFigure(from) && isFigure(to) && from > 0 ? (to - from) / from : undefined;
  return numberCell(change, (value) => (isFigure(value) ? signedPercent(value * 100) : '–'));
}

function targetTable({ targets }: Comparison, { a, b }: ComparedResults): Table {
  const columns = [
    textColumn('Target'),
    numberColumn('a'),
    textColumn('Verdict of a'),
    numberColumn('b'),
    textColumn('Verdict of b'),
    numberColumn('Difference'),
  ];
  const rows = targets.map((target) => [
    textCell(target.expression),
    ...targetCells(target.a, target.expression, a),
    ...targetCells(target.b, target.expression, b),
    targetDifference(target),
  ]);
  return table('compared-targets', 'Targets of both runs', columns, rows, 'Neither run had a target.');
}

function runView(label: 'a' | 'b', result: Result, run: string, href: string): ComparisonView['runs'][number] {
  return {
    ...statusMark(result.status),
    label,
    role: label === 'a' ? 'baseline' : 'compared with it',
    name: oneLine(run),
    href,
    facts: [
      fact('Build', result.build_version, 60),
      timeFact('Started', result.started_at),
      fact('Load', duration(result.duration_ms)),
      fact('Requests', count((result.metrics.http_reqs ?? result.metrics.iterations)?.count)),
      fact('Environment', result.environment, 60),
    ],
  };
}

/** `browse · load, build 1.4.2 against 1.4.1`. */
export function comparedTitle({ a, b }: Pick<Comparison, 'a' | 'b'>): string {
  const builds = `build ${oneLine(b.build_version, 40)} against ${oneLine(a.build_version, 40)}`;
  // A script that runs its own load has no profile.
  const load = profileAfterName(b.profile);
  return `${oneLine(b.scenario, 80)}${load}, ${builds}`;
}

function comparisonView(comparison: Comparison, results: ComparedResults): ComparisonView {
  const { a, b, hrefs } = results;
  const options = optionsDifference(a.options, b.options);
  return {
    title: comparedTitle(comparison),
    mark: overallMark(comparison),
    sentence: comparisonSentence(comparison.metrics),
    changes: greatestChanges(comparison.metrics).map(changeView),
    caveats: [historyText(comparison), caveatText(comparison)].filter((text) => text !== ''),
    runs: [runView('a', a, comparison.a.run, hrefs.a), runView('b', b, comparison.b.run, hrefs.b)],
    alike: comparison.alike
      ? mark('good', 'pass', 'The two runs are comparable')
      : mark('warn', 'warn', 'The two runs are not comparable'),
    notes: comparison.notes.map(({ level, topic, text }) => ({
      ...NOTE_MARKS[level],
      topic,
      text: oneLine(text, 500),
    })),
    hasNotes: comparison.notes.length > 0,
    figures: figureTable(comparison.metrics),
    targets: targetTable(comparison, results),
    newFindings: comparison.findings.new.map((title) => oneLine(title, 300)),
    goneFindings: comparison.findings.gone.map((title) => oneLine(title, 300)),
    options,
    hasOptions: options.length > 0,
  };
}

type TableField = { [Field in keyof ReportView]: ReportView[Field] extends Table ? Field : never }[keyof ReportView];

/** All tables of the page. A table of the view model that is missing here is a type error. */
const TABLES = { endpoints: true, checks: true, errors: true } satisfies Record<TableField, true>;

/** The page of b with the comparison at the top and the differences from a in all tables. */
export function comparedView(
  comparison: Comparison,
  b: ReportView,
  a: ReportView,
  results: ComparedResults,
): ReportView {
  const join = <T extends { readonly table: Table }>(
    items: readonly T[],
    others: readonly T[],
    isSame: (x: T, y: T) => boolean,
  ) =>
    items.map((item) => {
      const other = others.find((each) => isSame(item, each));
      return other === undefined ? item : { ...item, table: joinTables(item.table, other.table) };
    });
  const tables: Record<keyof typeof TABLES, Table> = {
    endpoints: joinTables(b.endpoints, a.endpoints),
    checks: joinTables(b.checks, a.checks),
    errors: joinTables(b.errors, a.errors),
  };
  return {
    ...b,
    ...tables,
    hasEndpoints: !tables.endpoints.isEmpty,
    overview: join(b.overview, a.overview, (x, y) => x.name === y.name),
    charts: join(b.charts, a.charts, (x, y) => x.name === y.name),
    foldedCharts: join(b.foldedCharts, a.foldedCharts, (x, y) => x.name === y.name),
    sections: join(b.sections, a.sections, (x, y) => x.id === y.id),
    folded: join(b.folded, a.folded, (x, y) => x.id === y.id),
    comparison: comparisonView(comparison, results),
  };
}
