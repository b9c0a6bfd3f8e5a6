// One endpoint's p50, p95 and p99 over time, small enough to have one per endpoint on a page.

import type { TagFilter } from '../../metrics/model.ts';
import { duration, elapsed } from '../format.ts';
import { type Band, drawBands } from './area.ts';
import type { Chart, ChartInput } from './chart.ts';
import { highest, pointsOf, thinned } from './timeline.ts';

/** Half of what a chart over the whole page has. */
const MAX_POINTS = 100;

/** undefined where the endpoint has no sample under the filter. */
export function endpointChart(
  name: string,
  input: ChartInput,
  metric: string,
  filter: TagFilter,
): Pick<Chart, 'wide' | 'narrow' | 'takeaway'> | undefined {
  const line = (q: number) =>
    thinned(
      pointsOf(input, metric, (aggregate) => aggregate.quantile(q), filter),
      MAX_POINTS,
    );
  const p95 = line(0.95);
  const peak = highest(p95);
  if (peak === undefined) return undefined;
  const bands: Band[] = [
    { name: 'p50', ink: 'p50', style: 'line', points: line(0.5) },
    { name: 'p95', ink: 'p95', style: 'line', points: p95 },
    { name: 'p99', ink: 'p99', style: 'line', dash: [2, 2], points: line(0.99) },
  ];
  return {
    takeaway: `p95 at its highest: ${duration(peak.value)} at ${elapsed(peak.atMs)}.`,
    ...drawBands(input, { name, height: 180 }, bands, (value) => duration(value, { trim: true })),
  };
}
