// How the latency of the whole run is distributed: a histogram on a logarithmic axis, with the percentiles marked.

import { representative } from '../../metrics/histogram.ts';
import type { Aggregate, Bins } from '../../metrics/model.ts';
import { count, duration, percent } from '../format.ts';
import type { PrimaryLatency } from '../primary.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, DistributionPlot } from './figure.ts';
import type { Ink } from './ink.ts';

const BARS = 60;

const MARKS: ReadonlyArray<readonly [name: string, q: number, ink: Ink]> = [
  ['p50', 0.5, 'p50'],
  ['p90', 0.9, 'p90'],
  ['p95', 0.95, 'p95'],
  ['p99', 0.99, 'p99'],
];

/** What a distribution needs of the samples: an Aggregate, or what the page adds up for a part of the run. */
export interface Samples {
  readonly min: number | undefined;
  readonly max: number | undefined;
  quantile(q: number): number | undefined;
  bins(): Bins;
}

/** The plot of these samples; undefined where there are none. */
export function distributionPlot(samples: Samples, height: number): DistributionPlot | undefined {
  const { min, max } = samples;
  if (min === undefined || max === undefined) return undefined;
  const low = Math.log10(Math.max(min, 0.001));
  const high = Math.max(Math.log10(Math.max(max, 0.001)), low + 0.05);
  const counts = new Array<number>(BARS).fill(0);
  const { keys, counts: amounts } = samples.bins();
  keys.forEach((key, index) => {
    const at = Math.floor(((Math.log10(Math.max(representative(key), 0.001)) - low) / (high - low)) * BARS);
    const bar = Math.min(Math.max(at, 0), BARS - 1);
    counts[bar] = (counts[bar] ?? 0) + (amounts[index] ?? 0);
  });
  const marks = MARKS.flatMap(([name, q, ink]) => {
    const value = samples.quantile(q);
    return value === undefined ? [] : [{ name, ink, value }];
  });
  return { kind: 'distribution', height, low, high, counts, marks };
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

/** undefined where the run has no latency. */
export function distributionChart(input: ChartInput, primary: PrimaryLatency): ChartFigure | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  const plot = total && distributionPlot(total, 240);
  if (plot === undefined) return undefined;
  return {
    name: 'distribution',
    title: `${primary.label}: distribution`,
    takeaway: `Of ${count(total?.count)} samples half took at most ${duration(total?.quantile(0.5))}, 95 % at most ${duration(total?.quantile(0.95))}, the slowest ${duration(total?.max)}.`,
    plot,
    table: { columns: ['Up to', 'Samples', 'Share', 'So far'], rows: total === undefined ? [] : rowsOf(plot, total) },
  };
}
