// One endpoint's p50, p95 and p99 over time, small enough to have one per endpoint on a page.

import type { Aggregate, TagFilter } from '../../metrics/model.ts';
import { duration, elapsed } from '../format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import { highest, linesOf, thinned } from './timeline.ts';

/** Half of what a chart over the whole page has. */
const MAX_POINTS = 100;

/** undefined where the endpoint has no sample under the filter. */
export function endpointChart(
  name: string,
  input: ChartInput,
  metric: string,
  filter: TagFilter,
): Pick<ChartFigure, 'name' | 'plot' | 'takeaway'> | undefined {
  const quantiles = [0.5, 0.95, 0.99].map((q) => (aggregate: Aggregate) => aggregate.quantile(q));
  const [p50 = [], p95 = [], p99 = []] = linesOf(input, metric, quantiles, filter).map((points) =>
    thinned(points, MAX_POINTS),
  );
  const peak = highest(p95);
  if (peak === undefined) return undefined;
  const bands: Band[] = [
    { name: 'p50', ink: 'p50', style: 'line', points: p50 },
    { name: 'p95', ink: 'p95', style: 'line', points: p95 },
    { name: 'p99', ink: 'p99', style: 'line', dash: [2, 2], points: p99 },
  ];
  return {
    name,
    takeaway: `p95 at its highest: ${duration(peak.value)} at ${elapsed(peak.atMs)}.`,
    ...drawBands(input, { name, height: 180 }, bands, 'duration'),
  };
}
