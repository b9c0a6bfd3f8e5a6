// The charts of one endpoint: latency percentiles, request rate with failures, and latency distribution. They have fewer points than
// the charts of the run, because every endpoint has its own.

import type { Aggregate, TagFilter } from '../../model/metrics.ts';
import { duration, elapsed } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import { MAX_ENDPOINT_POINTS } from './chart-limits.ts';
import { plotOfAggregate } from './distribution.ts';
import { type ChartFigure, isBands } from './figure.ts';
import { percentileLines } from './percentile-lines.ts';
import { hasAny, highest, minus, ratesOf } from './timeline.ts';
import { percentileCurve } from './xy.ts';

/** Metric and filters that select the samples of an endpoint. */
export interface EndpointSource {
  /** The trend of its latency. */
  readonly metric: string;
  /** Selects its requests with an expected response. */
  readonly filter: TagFilter;
  /** Selects all its requests, failed ones included. */
  readonly all: TagFilter;
}

/** A figure without its texts, which are the same for all endpoints. */
export type EndpointFigure = Pick<ChartFigure, 'name' | 'plot'>;

const LINES = [
  { name: 'p50', ink: 'p50', q: 0.5, width: 1.75, dash: [] },
  { name: 'p90', ink: 'p90', q: 0.9, width: 1.25, dash: [6, 2] },
  { name: 'p95', ink: 'p95', q: 0.95, width: 2.25, dash: [] },
  { name: 'p99', ink: 'p99', q: 0.99, width: 1.5, dash: [2, 2] },
] as const;

type Latency = EndpointFigure & { readonly takeaway: string };

/** Latency figures by report, because the table, the folds and the page's script all use them. */
const cache = new WeakMap<ChartInput, Map<string, Latency | undefined>>();

/** The latency percentiles of an endpoint over time; undefined if no sample passes its filter. */
export function endpointLatency(input: ChartInput, source: EndpointSource): Latency | undefined {
  const known = cache.get(input) ?? new Map<string, Latency | undefined>();
  cache.set(input, known);
  const key = JSON.stringify([source.metric, source.filter]);
  if (!known.has(key)) known.set(key, latencyOf(input, source));
  return known.get(key);
}

function latencyOf(input: ChartInput, { metric, filter }: EndpointSource): Latency | undefined {
  const { lines } = percentileLines(
    input,
    { metric, filter },
    LINES.map(({ q }) => q),
    MAX_ENDPOINT_POINTS,
  );
  const bands = LINES.map((line, index): Band => ({ ...line, style: 'line', points: lines[index] ?? [] }));
  const drawn = bands.filter(({ points }) => points.length > 0);
  const peak = highest(bands.find(({ name }) => name === 'p95')?.points ?? []);
  if (drawn.length === 0) return undefined;
  return {
    name: 'latency',
    takeaway:
      peak === undefined
        ? 'Too few samples for a p95 line.'
        : `Highest p95: ${duration(peak.value)} at ${elapsed(peak.atMs)}.`,
    ...bandsPlot(input, 180, drawn, 'duration'),
  };
}

/** The p95 of each interval in milliseconds, for a sparkline; empty without samples. */
export function endpointP95(input: ChartInput, source: EndpointSource): Array<number | null> {
  const plot = endpointLatency(input, source)?.plot;
  const series = plot !== undefined && isBands(plot) ? plot.series : [];
  return series.find(({ name }) => name === 'p95')?.points.map(([, value]) => value) ?? [];
}

/** Succeeded and failed requests per second of an endpoint; undefined without requests. */
function endpointRate(input: ChartInput, { metric, filter, all }: EndpointSource): EndpointFigure | undefined {
  const rates = (name: string, amount: (aggregate: Aggregate) => number, tags: TagFilter) =>
    ratesOf(input, name, amount, tags, MAX_ENDPOINT_POINTS);
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
    ...(hasAny(failed) ? [{ name: 'failed', ink: 'httpError', style: 'area', points: failed } as const] : []),
    {
      name: 'succeeded',
      ink: 'ok',
      style: 'area',
      opacity: 0.45,
      points: minus(requests, failed),
    },
  ];
  return { name: 'throughput', ...bandsPlot(input, 150, bands, 'perSecond') };
}

/** The other charts of an endpoint that it has samples for, in page order. */
export function endpointFigures(input: ChartInput, source: EndpointSource): EndpointFigure[] {
  const total = input.metrics.total(source.metric, source.filter);
  const plot = total && plotOfAggregate(total, 170);
  const curve = total && percentileCurve(total, 170);
  return [
    endpointRate(input, source),
    plot && { name: 'distribution', plot },
    curve && { name: 'percentiles', plot: curve },
  ].filter((figure) => figure !== undefined);
}
