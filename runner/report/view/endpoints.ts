// The endpoints of a run as a table, and the busiest of them in detail, with a chart each.

import { combine } from '../../analysis/statistics/combine.ts';
import type { TagFilter } from '../../model/metrics.ts';
import { EVERY_PROTOCOL, PROTOCOLS, type Protocol } from '../../model/protocols.ts';
import type { Result, ResultEndpoint } from '../../model/result.ts';
import { NO_STATUS } from '../../model/result-rows.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, duration, isFigure, percent, perSecond, plural } from '../../text/format.ts';
import type { ChartInput } from '../charts/chart.ts';
import { packChart } from '../charts/chart-data.ts';
import type { Draw } from '../charts/draw.ts';
import {
  type EndpointFigure,
  type EndpointSource,
  endpointFigures,
  endpointLatency,
  endpointP95,
} from '../charts/endpoint.ts';
import { isBands } from '../charts/figure.ts';
import { themed } from '../charts/ink.ts';
import { sparkline } from '../charts/sparkline.ts';
import type { EndpointCharts } from '../page-data-types.ts';
import type { FigureOf, FigureSource } from '../tracks/book.ts';
import { allSamplesOf } from '../tracks/tracks.ts';
import { fact, following, numberCell, numberColumn, shareCell, svgCell, table, textCell, textColumn } from './cells.ts';
import type { Cell, EndpointDetail, Fact, Table } from './model.ts';
import { type PercentileColumn, percentileColumns } from './percentiles.ts';

/** Rows of the table that have a small chart. */
const MOST_SPARKLINES = 60;
/** Endpoints that are shown in detail below the table. */
const MOST_DETAILS = 20;

function protocolOf({ protocol }: Pick<ResultEndpoint, 'protocol'>): Protocol {
  return protocol === 'other' ? { ...PROTOCOLS.http, expected: {} } : PROTOCOLS[protocol];
}

/** Endpoints that the table lists; WebSocket sessions have their own table. */
function rowsOf({ endpoints }: Result): ResultEndpoint[] {
  return endpoints.filter((endpoint) => protocolOf(endpoint).isInEndpoints);
}

/** Metric and filters of an endpoint's samples: by the tag `name`, or by `url` if k6 sent no name. `all` includes failed requests. */
export function endpointSource(endpoint: ResultEndpoint, input: ChartInput): EndpointSource {
  const { latency: metric, expected } = protocolOf(endpoint);
  const method: TagFilter = endpoint.method === '' ? {} : { method: endpoint.method };
  const byName = { name: endpoint.name, ...method };
  const filter = input.metrics.total(metric, byName) === undefined ? { url: endpoint.name, ...method } : byName;
  return { metric, filter: { ...filter, ...expected }, all: filter };
}

function spark(endpoint: ResultEndpoint, input: ChartInput): Cell {
  const svg = sparkline(endpointP95(input, endpointSource(endpoint, input)));
  return svg === '' ? textCell('–') : svgCell(svg, 'p95 over time');
}

function anchorOf(index: number): string {
  return `endpoint-${index + 1}`;
}

function titleOf(endpoint: ResultEndpoint): string {
  return oneLine(protocolOf(endpoint).titleOf(endpoint));
}

/** Sources of an endpoint's figures: all its samples, and those of requests with an expected response. */
function samplesOf(endpoint: ResultEndpoint, input: ChartInput): { all: FigureSource; expected: FigureSource } {
  const { metric, filter, all } = endpointSource(endpoint, input);
  return { all: { metric, filter: all }, expected: { metric, filter } };
}

/** A duration of those samples: a quantile from 0 to 1, or another statistic. */
function timeOf(of: FigureSource, figure: number | 'mean' | 'min' | 'max'): FigureOf {
  const format = ['duration'] as const;
  return typeof figure === 'number' ? { figure: 'q', q: figure, of, format } : { figure, of, format };
}

function row(endpoint: ResultEndpoint, index: number, input: ChartInput, columns: readonly PercentileColumn[]): Cell[] {
  const { tracks } = input;
  const { all, expected } = samplesOf(endpoint, input);
  const ms = (value: number | null, figure: number | 'mean' | 'max') =>
    following(numberCell(value, duration), tracks.bind(timeOf(expected, figure)));
  const failed = shareCell(
    endpoint.error_rate,
    endpoint.failed > 0 ? 'bad' : 'neutral',
    endpoint.failed > 0 ? count(endpoint.failed) : '',
  );
  const lost = { of: expected, per: all };
  const quantile = (q: number) => {
    const { metric, filter } = endpointSource(endpoint, input);
    return input.metrics.total(metric, filter)?.quantile(q) ?? null;
  };
  return [
    textCell(titleOf(endpoint), { anchor: index < MOST_DETAILS ? anchorOf(index) : null }),
    following(numberCell(endpoint.requests, count), tracks.bind({ figure: 'count', of: all, format: ['count'] })),
    following(
      numberCell(endpoint.rate_per_s, perSecond),
      tracks.bind({ figure: 'countPerSecond', of: all, format: ['perSecond'] }),
    ),
    following(failed, {
      follows: tracks.bind({ figure: 'missingShare', ...lost, format: ['percent'] }, { bad: 'some' }),
      noteFollows: endpoint.failed > 0 ? tracks.bind({ figure: 'missing', ...lost, format: ['count'] }) : '',
    }),
    ms(endpoint.avg, 'mean'),
    ...columns.map(({ q, field }) => ms(field === undefined ? quantile(q) : endpoint[field], q)),
    ms(endpoint.max, 'max'),
    index < MOST_SPARKLINES ? spark(endpoint, input) : textCell('–'),
  ];
}

/** The table of endpoints; those with details below are links to them. */
export function endpointTable(result: Result, input: ChartInput): Table {
  const columns = percentileColumns(result);
  const numbers = ['Requests', 'Rate', 'Errors', 'avg', ...columns.map(({ label }) => label), 'max'];
  return table(
    'endpoints',
    'Endpoints',
    [textColumn('Endpoint'), ...numbers.map(numberColumn), textColumn('p95 over time')],
    rowsOf(result).map((endpoint, index) => row(endpoint, index, input, columns)),
    `No ${EVERY_PROTOCOL.filter(({ isInEndpoints }) => isInEndpoints)
      .map(({ plural }) => plural)
      .join(' or ')}.`,
    (result.left_out?.endpoints ?? []).reduce((sum, left) => sum + (protocolOf(left).isInEndpoints ? left.rows : 0), 0),
  );
}

/** Without p90, because a page has dozens of these pictures; the charts that the page's script draws have it. */
function fewerLines(plot: EndpointFigure['plot']): EndpointFigure['plot'] {
  return isBands(plot) ? { ...plot, series: plot.series.filter(({ name }) => name !== 'p90') } : plot;
}

/** Endpoints after these are only in the table. */
const MOST_CHARTED = 60;

/** Significant digits of values in the small charts. */
const DIGITS = 3;

/** Charts of the busiest endpoints, packed for the page's script. */
export function endpointCharts(result: Result, input: ChartInput): EndpointCharts[] {
  return rowsOf(result)
    .slice(0, MOST_CHARTED)
    .map((endpoint, index) => {
      const source = endpointSource(endpoint, input);
      const latency = endpointLatency(input, source);
      const figures = [...(latency === undefined ? [] : [latency]), ...endpointFigures(input, source)];
      return {
        name: titleOf(endpoint),
        anchor: anchorOf(index),
        charts: figures.map((figure) => packChart(figure, DIGITS)),
      };
    });
}

/** The samples with one status. */
function withStatus(source: FigureSource, status: string): FigureSource {
  if ('health' in source) return source;
  return { metric: source.metric, filter: { ...source.filter, status: status === NO_STATUS ? '' : status } };
}

/** Percentiles of the failed requests alone; empty if none failed. */
function failedFact(endpoint: ResultEndpoint, { metrics, ...input }: ChartInput): Fact[] {
  const { metric, filter, all } = endpointSource(endpoint, { metrics, ...input });
  const tag = Object.keys(filter).find((name) => all[name] === undefined);
  if (endpoint.failed === 0 || tag === undefined) return [];
  const parts = metrics.groupBy(metric, [tag], all).filter(({ tags }) => tags[tag] !== filter[tag]);
  const failed = combine(parts.map(({ aggregate }) => aggregate));
  if (failed === undefined) return [];
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => duration(failed.quantile(q)));
  return [fact('Failed requests only', `p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${duration(failed.max)}`)];
}

/** The busiest endpoints in detail: a chart, status codes and durations. */
export function endpointDetails(result: Result, input: ChartInput, draw: Draw): EndpointDetail[] {
  return rowsOf(result)
    .slice(0, MOST_DETAILS)
    .map((endpoint, index) => {
      const chart = endpointLatency(input, endpointSource(endpoint, input));
      const pictures = chart && draw({ ...chart, name: anchorOf(index), plot: fewerLines(chart.plot) }, true);
      const { all } = endpoint;
      const { tracks } = input;
      const samples = samplesOf(endpoint, input);
      const statuses = Object.entries(endpoint.statuses);
      const { noun, statusName } = protocolOf(endpoint);
      const statusNames = statuses.map(([status]) => oneLine(statusName?.(status) ?? status, 20));
      tracks.draw(anchorOf(index), samples.expected);
      tracks.count(allSamplesOf(anchorOf(index)), samples.all);
      return {
        anchor: anchorOf(index),
        name: titleOf(endpoint),
        summary: `${plural(endpoint.requests, noun)} · ${percent(endpoint.error_rate)} errors · p95 ${duration(endpoint.p95)}`,
        summaryFollows: tracks.bind(
          [
            { figure: 'count', of: samples.all, format: ['plural', noun] },
            { figure: 'missingShare', of: samples.expected, per: samples.all, format: ['percent'] },
            timeOf(samples.expected, 0.95),
          ],
          { text: ['', ' · ', ' errors · p95 '] },
        ),
        svg: pictures === undefined ? '' : themed(pictures.wide),
        takeaway: chart?.takeaway ?? '',
        facts: [
          fact(
            'Statuses',
            statuses.map(([, amount], place) => `${statusNames[place]} × ${count(amount)}`).join(', '),
            300,
            tracks.bind(
              statuses.map(([status]) => ({ figure: 'count', of: withStatus(samples.all, status), format: ['count'] })),
              { text: statusNames.map((name, place) => `${place === 0 ? '' : ', '}${name} × `) },
            ),
          ),
          fact('Fastest', duration(endpoint.min), 300, tracks.bind(timeOf(samples.expected, 'min'))),
          ...failedFact(endpoint, input),
          ...(endpoint.failed > 0 && isFigure(all.p95)
            ? [
                fact(
                  'All requests, failed ones included',
                  `p50 ${duration(all.med)}, p95 ${duration(all.p95)}, p99 ${duration(all.p99)}, max ${duration(all.max)}`,
                  300,
                  tracks.bind(
                    [0.5, 0.95, 0.99, 'max' as const].map((figure) => timeOf(samples.all, figure)),
                    { text: ['p50 ', ', p95 ', ', p99 ', ', max '] },
                  ),
                ),
              ]
            : []),
        ],
      };
    });
}
