// Result + RunMetrics → the view model (view/model.ts): everything that report.html and report.md show, as formatted text.

import { primaryLatency } from '../analysis/requests/primary.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { Result } from '../model/result.ts';
import { oneLine } from '../text/display-text.ts';
import { plural } from '../text/format.ts';
import { profileAfterName } from '../text/profile-name.ts';
import { chartFigures, chartInput } from './charts/all.ts';
import { packChart } from './charts/chart-data.ts';
import { type Draw, drawBoth, type Pictures } from './charts/draw.ts';
import { type ChartFigure, type ChartSubject, overlaid } from './charts/figure.ts';
import { themed } from './charts/ink.ts';
import { overviewOf } from './charts/overview.ts';
import type { PageData } from './page-data-types.ts';
import type { TrackBook } from './tracks/book.ts';
import { baselineSections } from './view/baseline-section.ts';
import { capacitySection } from './view/capacity.ts';
import { fact, momentCell, numberColumn, table, textCell, textColumn } from './view/cells.ts';
import { endpointCharts, endpointDetails, endpointTable } from './view/endpoints.ts';
import {
  bylineFacts,
  environmentFacts,
  generatorView,
  methodNotes,
  optionsText,
  ranFacts,
} from './view/environment.ts';
import { errorDetails } from './view/error-details.ts';
import { explainedView } from './view/explained.ts';
import { dividedFindings, findingRows, summaryView } from './view/findings.ts';
import { kpiRows, kpiSentence } from './view/kpis.ts';
import type { ChartView, Fact, ReportView } from './view/model.ts';
import { scenarioCharts } from './view/scenarios.ts';
import { serverSections } from './view/server.ts';
import { checkTable, errorTable, foldedSections, furtherSections } from './view/tables.ts';
import { tilesView, verdictView } from './view/verdict.ts';
import { shortRunNote } from './view/verdict-words.ts';

export type { ReportView } from './view/model.ts';

/** The file name of a chart's picture. */
export function pictureName(chart: Pick<ChartFigure, 'name'>): string {
  return `${chart.name}.svg`;
}

/** A figure with its pictures. Their colours are placeholders (see ink.ts). */
export type DrawnChart = ChartFigure & Pictures;

function chartView(chart: DrawnChart): ChartView {
  const { columns, rows, startedAtMs } = chart.table;
  return {
    name: chart.name,
    subject: chart.subject ?? 'load',
    title: oneLine(chart.title),
    takeaway: oneLine(chart.takeaway, 500),
    svgWide: themed(chart.wide),
    svgNarrow: themed(chart.narrow),
    file: pictureName(chart),
    table: {
      ...table(
        `${chart.name}-data`,
        oneLine(chart.title),
        columns.map((label, index) => (index === 0 ? textColumn(label) : numberColumn(label))),
        rows.map((row, place) =>
          row.map((text, index) => {
            const atMs = startedAtMs?.[place];
            return index === 0 && atMs !== undefined
              ? momentCell(text, atMs)
              : textCell(text, { isNumeric: index > 0 });
          }),
        ),
        'no data',
      ),
      isSortable: false,
      isLong: false,
    },
  };
}

/** With more endpoints than these, their details are in one fold, because they would push the rest of the page far down. */
const MANY_ENDPOINTS = 8;

/** `browse · load`, or only the scenario if the script defines its own load. */
function titleOf({ scenario, profile }: Result): string {
  return `${oneLine(scenario, 100)}${profileAfterName(profile)}`;
}

/** Charts of the system under test and of the load generator are in a fold. */
function isFolded({ subject }: Pick<ChartFigure, 'subject'>): boolean {
  return subject !== undefined;
}

const SUBJECTS: Readonly<Record<ChartSubject, string>> = { server: 'system under test', generator: 'load generator' };

function foldedChartsTitle(charts: ReadonlyArray<Pick<ChartFigure, 'subject'>>): string {
  const subjects = new Set(charts.flatMap(({ subject }) => (subject === undefined ? [] : [SUBJECTS[subject]])));
  const [first = '', ...rest] = subjects;
  return `${[first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(' and ')}: ${plural(charts.length, 'chart')}`;
}

function fileFacts(files: Result['files']): Fact[] {
  return Object.entries(files).map(([name, file]) => fact(name, file));
}

/** The content of a run's page, before a template renders it. */
export interface Report {
  /** The texts, tables and pictures of the page. */
  readonly view: ReportView;
  /** The charts of the page, for the picture files of report.md. */
  readonly charts: readonly DrawnChart[];
  /** Data for the page's script. */
  readonly data: PageData;
  /** The numbers that follow a selected range; pack() returns the data that the script needs for them. */
  readonly tracks: TrackBook;
}

/**
 * The content of a run's page. Charts of another run in `under` are drawn behind the charts of the same name. `draw` makes the
 * pictures and takes most of the time.
 */
export function buildReport(
  result: Result,
  metrics: RunMetrics,
  under: readonly ChartFigure[] = [],
  draw: Draw = drawBoth,
): Report {
  const input = chartInput(result, metrics);
  const { overview, others } = overviewOf(chartFigures(input), input);
  const charts = [...overview, ...others]
    .map((figure) => {
      const other = under.find(({ name }) => name === figure.name);
      return other === undefined ? figure : overlaid(figure, other);
    })
    .map((figure) => ({ ...figure, ...draw(figure) }));
  const capacity = capacitySection(result);
  const isOfCapacity = ({ name }: Pick<ChartFigure, 'name'>) => name === 'capacity';
  const further = charts.slice(overview.length).filter((chart) => !isOfCapacity(chart));
  const folded = further.filter(isFolded);
  const primary = primaryLatency(metrics);
  const latency = primary && metrics.total(primary.metric, primary.filter);
  const totals = { p50: latency?.quantile(0.5), p95: latency?.quantile(0.95), p99: latency?.quantile(0.99) };
  const kpis = kpiRows(result, input.tracks);
  const { findingsTitle, findings, notes } = dividedFindings(findingRows(result, kpis), kpis);
  const endpoints = endpointTable(result, input);
  const details = endpointDetails(result, input, draw);
  const samples = errorDetails(result, input);
  const files = fileFacts(result.files);
  const view: ReportView = {
    comparison: null,
    title: titleOf(result),
    scenario: oneLine(result.scenario),
    component: oneLine(result.component),
    profile: oneLine(result.profile, 40),
    description: oneLine(result.description, 400),
    run: oneLine(result.run),
    byline: bylineFacts(result),
    verdict: verdictView(result),
    summary: summaryView(kpis, findings, notes),
    tiles: tilesView(result, primary, totals, input.tracks),
    kpis: {
      sentence: kpiSentence(result),
      note: shortRunNote(result),
      rows: kpis,
      missed: kpis.filter(({ tone }) => tone === 'bad'),
      hasIntervals: kpis.some(({ hasInterval }) => hasInterval),
      isEmpty: kpis.length === 0,
    },
    findingsTitle,
    findings,
    hasFindings: findings.length > 0,
    notes,
    hasNotes: notes.length > 0,
    ran: ranFacts(result),
    capacity: capacity === undefined ? null : { ...capacity, charts: charts.filter(isOfCapacity).map(chartView) },
    overviewTitle: capacity === undefined ? 'Overview' : 'Overview of the last run of the search',
    overview: charts.slice(0, overview.length).map(chartView),
    hasOverview: overview.length > 0,
    charts: further.filter((chart) => !isFolded(chart)).map(chartView),
    hasCharts: further.length > 0,
    foldedCharts: folded.map(chartView),
    hasFoldedCharts: folded.length > 0,
    foldedChartsTitle: foldedChartsTitle(folded),
    endpoints,
    hasEndpoints: !endpoints.isEmpty,
    endpointDetails: details,
    hasEndpointDetails: details.length > 0,
    hasManyEndpoints: details.length > MANY_ENDPOINTS,
    checks: checkTable(result, input),
    errors: errorTable(result, input, samples.anchors),
    errorDetails: samples.details,
    hasErrorDetails: samples.details.length > 0,
    sections: [...baselineSections(result), ...furtherSections(result, input, primary)],
    folded: [...serverSections(result, input), ...foldedSections(result, input)],
    environment: environmentFacts(result),
    generator: generatorView(result, input.tracks),
    explained: explainedView(result),
    hasExplained: result.kpis.length > 0,
    options: optionsText(result),
    methods: methodNotes(result, primary, metrics.intervalMs),
    files,
    hasFiles: files.length > 0,
    novaperfVersion: oneLine(result.novaperf_version, 40),
  };
  const data: PageData = {
    loadStartMs: input.loadStartMs,
    axisMs: input.axisMs,
    // The capacity chart has few points and needs neither zoom nor filter, so its picture is enough.
    charts: charts.filter((chart) => !isOfCapacity(chart)).map((chart) => packChart(chart)),
    endpoints: endpointCharts(result, input),
    scenarios: scenarioCharts(
      input,
      charts.filter(isFolded).map(({ name }) => name),
    ),
  };
  if (primary !== undefined) input.tracks.draw('primary', primary, true);
  return { view, charts, data, tracks: input.tracks };
}
