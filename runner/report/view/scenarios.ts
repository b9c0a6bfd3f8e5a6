// The k6 scenarios of a run: a row and a set of charts for each.

import { type PrimaryLatency, primaryLatency } from '../../analysis/requests/primary.ts';
import type { Result } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, duration, isFigure, perSecond, significant } from '../../text/format.ts';
import type { ChartInput } from '../charts/chart.ts';
import { packChart } from '../charts/chart-data.ts';
import { loadShape } from '../charts/load-shape.ts';
import { ofScenario } from '../charts/of-scenario.ts';
import { scenarioFigures, scenarioSource } from '../charts/scenario.ts';
import type { ScenarioCharts } from '../page-data-types.ts';
import type { FigureSource } from '../tracks/book.ts';
import { following, numberCell, numberColumn, shareCell, svgCell, table, textCell, textColumn } from './cells.ts';
import { loadWords } from './load-words.ts';
import type { Cell, Table } from './model.ts';

/** Scenarios after these are only in the table. */
const MOST_CHARTED = 20;
/** Significant digits of values in the small charts. */
const DIGITS = 3;
const LATENCIES = [0.5, 0.95, 0.99] as const;
/** Options that other columns show, or that do not describe the load. */
const NO_LOAD_OPTIONS = new Set(['executor', 'tags', 'env', 'options', 'exec', 'gracefulStop', 'gracefulRampDown']);

/** Further columns of a scenario with journeys. */
const SHARES = ['Share of load', 'Share of iterations'];

/** Names of the k6 scenarios that the page can be filtered by; empty if there is only one. */
export function chartedScenarios({ scenarios }: Result): string[] {
  const names = Object.keys(scenarios);
  return names.length < 2 ? [] : names.slice(0, MOST_CHARTED);
}

/** One row per k6 scenario. Journeys, which are k6 scenarios too, also have their shares. */
export function scenarioTable(result: Result, input: ChartInput, primary: PrimaryLatency | undefined): Table {
  const { journeys = [] } = result;
  const numbers = [
    ...(journeys.length === 0 ? [] : SHARES),
    'Iterations',
    'Rate',
    'Busy VUs, avg',
    'Errors',
    'p50',
    'p95',
    'p99',
  ];
  return table(
    'scenarios',
    journeys.length === 0 ? 'Scenarios' : 'Journeys',
    [
      textColumn(journeys.length === 0 ? 'Scenario' : 'Journey'),
      textColumn('Requested load'),
      ...numbers.map(numberColumn),
    ],
    Object.entries(result.scenarios).map(([name, scenario]) => row(name, scenario, input, primary)),
    '',
  );
}

function row(
  name: string,
  scenario: Result['scenarios'][string],
  input: ChartInput,
  primary: PrimaryLatency | undefined,
): Cell[] {
  const { metrics, tracks, result } = input;
  const filter = { scenario: name };
  const iterations: FigureSource = { metric: 'iterations', filter };
  const done = metrics.total('iterations', filter)?.sum;
  const seconds = Math.max(result.duration_ms, 1) / 1000;
  const busy = metrics.total('iteration_duration', filter)?.sum;
  const source = primary && scenarioSource(name, primary);
  const latency = source && metrics.total(source.metric, source.filter);
  const failed = metrics.total('http_req_failed', filter)?.mean;
  const journey = result.journeys?.find((each) => each.name === name);
  const shares = [journey?.share_asked, journey?.share].map((share) => shareCell(share));
  return [
    textCell(name, { note: scenario.executor }),
    loadCell(scenario, input.axisMs),
    ...((result.journeys ?? []).length === 0 ? [] : shares),
    following(numberCell(done, count), tracks.bind({ figure: 'sum', of: iterations, format: ['count'] })),
    following(
      numberCell(done === undefined ? undefined : done / seconds, perSecond),
      tracks.bind({ figure: 'perSecond', of: iterations, format: ['perSecond'] }),
    ),
    numberCell(busy === undefined ? undefined : busy / 1000 / seconds, (value) =>
      isFigure(value) ? significant(value, 2) : '–',
    ),
    following(
      shareCell(failed, isFigure(failed) && failed > 0 ? 'bad' : 'neutral'),
      tracks.bind({ figure: 'mean', of: { metric: 'http_req_failed', filter }, format: ['percent'] }, { bad: 'some' }),
    ),
    ...LATENCIES.map((q) =>
      following(
        numberCell(latency?.quantile(q), duration),
        source === undefined ? '' : tracks.bind({ figure: 'q', q, of: source, format: ['duration'] }),
      ),
    ),
  ];
}

/** A picture of the requested load with its words below; for an executor that has no words, its options. */
function loadCell(scenario: Result['scenarios'][string], axisMs: number): Cell {
  const options = Object.entries(scenario)
    .filter(([key, value]) => !NO_LOAD_OPTIONS.has(key) && value !== null && value !== '')
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const text = loadWords(scenario) ?? oneLine(options.join(', '), 200);
  const picture = loadShape(scenario, axisMs);
  return picture === '' ? textCell(text || '–') : svgCell(picture, '', undefined, text);
}

/** Charts of each scenario for the page's script; empty if there is only one. `undivided`: names of charts that are the same for all scenarios. */
export function scenarioCharts(input: ChartInput, undivided: readonly string[]): ScenarioCharts[] {
  const names = chartedScenarios(input.result);
  return names.map((name, index) => {
    const anchor = `scenario-${index + 1}`;
    const primary = primaryLatency(ofScenario(input, name, names.length).metrics);
    if (primary !== undefined) input.tracks.draw(anchor, scenarioSource(name, primary), true);
    return {
      name: oneLine(name, 80),
      anchor,
      charts: scenarioFigures(name, input, names.length).map((figure) => ({
        ...packChart(figure, DIGITS),
        title: oneLine(figure.title, 120),
        takeaway: oneLine(figure.takeaway, 300),
      })),
      undivided,
    };
  });
}
