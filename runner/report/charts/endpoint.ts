// One endpoint over time: percentiles of its latency, its rate with errors, and how its latency is distributed, with fewer points
// than the charts of the whole run, as there is a set of them per endpoint.

import type { Aggregate, TagFilter } from '../../metrics/model.ts';
import { duration, elapsed } from '../format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import { plotOfAggregate } from './distribution.ts';
import type { ChartFigure } from './figure.ts';
import { averaged, highest, linesOf, minus, ratesOf, thinned } from './timeline.ts';

const MAX_POINTS = 80;

/** Where the samples of an endpoint are. */
export interface EndpointSource {
  /** The trend of its latency, and which of its samples count. */
  readonly metric: string;
  readonly filter: TagFilter;
  /** All its samples, also of requests that failed. */
  readonly all: TagFilter;
}

/** A figure without the words that stand elsewhere on the page. */
export type EndpointFigure = Pick<ChartFigure, 'name' | 'plot'>;

const LINES = [
  { name: 'p50', ink: 'p50', q: 0.5, width: 1.75, dash: [] },
  { name: 'p90', ink: 'p90', q: 0.9, width: 1.25, dash: [6, 2] },
  { name: 'p95', ink: 'p95', q: 0.95, width: 2.25, dash: [] },
  { name: 'p99', ink: 'p99', q: 0.99, width: 1.5, dash: [2, 2] },
] as const;

/** undefined where the endpoint has no sample under its filter. */
export function endpointLatency(
  input: ChartInput,
  { metric, filter }: EndpointSource,
): (EndpointFigure & { readonly takeaway: string }) | undefined {
  const quantiles = LINES.map(
    ({ q }) =>
      (aggregate: Aggregate) =>
        aggregate.quantile(q),
  );
  const lines = linesOf(input, metric, quantiles, filter).map((points) => thinned(points, MAX_POINTS));
  const bands = LINES.map(({ q: _, ...line }, index): Band => ({ ...line, style: 'line', points: lines[index] ?? [] }));
  const peak = highest(bands.find(({ name }) => name === 'p95')?.points ?? []);
  if (peak === undefined) return undefined;
  return {
    name: 'latency',
    takeaway: `p95 at its highest: ${duration(peak.value)} at ${elapsed(peak.atMs)}.`,
    ...drawBands(input, { name: 'latency', height: 180 }, bands, 'duration'),
  };
}

/** Requests per second of the endpoint, those that failed apart; undefined where nothing was counted. */
function endpointRate(input: ChartInput, { metric, filter, all }: EndpointSource): EndpointFigure | undefined {
  const rates = (name: string, amount: (aggregate: Aggregate) => number, tags: TagFilter) =>
    ratesOf(input, name, amount, tags);
  const isHttp = metric === 'http_req_duration';
  const requests = isHttp
    ? rates('http_reqs', (aggregate) => aggregate.sum, all)
    : rates(metric, (aggregate) => aggregate.count, all);
  const failed = isHttp
    ? rates('http_req_failed', (aggregate) => aggregate.sum, all)
    : minus(
        requests,
        rates(metric, (aggregate) => aggregate.count, filter),
      );
  if (highest(requests)?.value === undefined) return undefined;
  const bands: Band[] = [
    { name: 'failed', ink: 'httpError', style: 'area', points: averaged(failed, MAX_POINTS) },
    {
      name: 'succeeded',
      ink: 'ok',
      style: 'area',
      opacity: 0.45,
      points: averaged(minus(requests, failed), MAX_POINTS),
    },
  ];
  return { name: 'throughput', ...drawBands(input, { name: 'throughput', height: 150 }, bands, 'perSecond') };
}

/** The other charts of an endpoint, in the order of a page; without what it has no samples for. */
export function endpointFigures(input: ChartInput, source: EndpointSource): EndpointFigure[] {
  const total = input.metrics.total(source.metric, source.filter);
  const plot = total && plotOfAggregate(total, 170);
  return [endpointRate(input, source), plot && { name: 'distribution', plot }].filter((figure) => figure !== undefined);
}
