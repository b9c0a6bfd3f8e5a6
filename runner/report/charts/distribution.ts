// The distribution of the run's latency: a histogram on a logarithmic axis, with the percentiles marked.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { lowerEdge, upperEdge } from '../../metrics/buckets/histogram.ts';
import type { Aggregate } from '../../model/metrics.ts';
import { count, duration, percent } from '../../text/format.ts';
import type { ChartInput } from './chart.ts';
import { distributionPlot } from './distribution-plot.ts';
import type { ChartFigure, DistributionPlot } from './figure.ts';

/** The plot of an aggregate's samples; undefined if it has no histogram. `height` in pixels. */
export function plotOfAggregate(aggregate: Aggregate, height: number): DistributionPlot | undefined {
  return distributionPlot(
    {
      count: aggregate.count,
      quantile: (q) => aggregate.quantile(q),
      bins: () => {
        const { keys, counts } = aggregate.bins();
        return [...keys].map((key, index) => ({ from: lowerEdge(key), to: upperEdge(key), count: counts[index] ?? 0 }));
      },
    },
    height,
  );
}

function rowsOf({ low, high, counts }: DistributionPlot, total: Aggregate): string[][] {
  const step = (high - low) / counts.length;
  let running = 0;
  return counts.flatMap((amount, bar) => {
    if (amount === 0) return [];
    running += amount;
    const shares = [percent(amount / total.count), percent(running / total.count)];
    return [[duration(10 ** (low + (bar + 1) * step)), count(amount), ...shares]];
  });
}

/** The chart; undefined if the run has no latency. */
export function distributionChart(input: ChartInput, primary: PrimaryLatency): ChartFigure | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  const plot = total && plotOfAggregate(total, 210);
  if (total === undefined || plot === undefined) return undefined;
  return {
    name: 'distribution',
    title: `${primary.label}: distribution`,
    takeaway: `Of ${count(total.count)} samples, half took at most ${duration(total.quantile(0.5))} and 95 % at most ${duration(total.quantile(0.95))}; the slowest took ${duration(total.max)}.`,
    plot,
    table: { columns: ['Up to', 'Samples', 'Share', 'Cumulative share'], rows: rowsOf(plot, total) },
  };
}
