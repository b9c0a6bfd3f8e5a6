// One chart for each custom metric of the script: percentiles of a trend, rate of a counter, share of a rate, value of a gauge.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { isOwnMetric } from '../../model/builtin-metrics.ts';
import type { Aggregate, Metric, RunMetrics } from '../../model/metrics.ts';
import { oneLine } from '../../text/display-text.ts';
import { bytes, count, duration, isFigure, percent, perSecond, plural, significant } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, Point } from './figure.ts';
import type { FormatId } from './formats.ts';
import { percentileLines } from './percentile-lines.ts';
import { pointsOf, ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** A script may have hundreds of custom metrics; the table of metrics has all. */
const MOST_CHARTS = 12;

interface Kind {
  readonly format: FormatId;
  readonly bands: readonly Band[];
  readonly takeaway: (total: Aggregate) => string;
  readonly columns: ReadonlyArray<readonly [label: string, figure: (part: Aggregate, seconds: number) => string]>;
}

const UNITS = {
  time: { format: 'duration', text: (value: number | undefined) => duration(value) },
  data: { format: 'bytes', text: (value: number | undefined) => bytes(value) },
  default: {
    format: 'number',
    text: (value: number | undefined) => (isFigure(value) ? significant(value, 3) : 'no data'),
  },
} as const;

const TREND: ReadonlyArray<readonly [name: string, style: Pick<Band, 'ink' | 'width' | 'dash'>, q: number]> = [
  ['p50', { ink: 'p50', width: 1.75 }, 0.5],
  ['p95', { ink: 'p95', width: 2.25 }, 0.95],
  ['p99', { ink: 'p99', width: 1.5, dash: [2, 2] }, 0.99],
];

function trendKind(input: ChartInput, { name, contains }: Metric): Kind {
  const { format, text } = UNITS[contains];
  const { lines } = percentileLines(
    input,
    { metric: name },
    TREND.map(([, , q]) => q),
    input.mostPoints,
  );
  return {
    format,
    // A line without points would appear only in the legend.
    bands: TREND.flatMap(([label, style], index) => {
      const points = lines[index] ?? [];
      return points.length === 0 ? [] : [{ name: label, ...style, style: 'line', points } as const];
    }),
    takeaway: (total) =>
      `p50 ${text(total.quantile(0.5))}, p95 ${text(total.quantile(0.95))}, max ${text(total.max)}; ${plural(total.count, 'value')}.`,
    columns: [
      ['Values', (part) => count(part.count)],
      ...TREND.map(([label, , q]) => [label, (part: Aggregate) => text(part.quantile(q))] as const),
    ],
  };
}

function counterKind(input: ChartInput, { name, contains }: Metric): Kind {
  const isBytes = contains === 'data';
  const text = (value: number) => (isBytes ? bytes(value) : count(value));
  const rate = (value: number) => (isBytes ? `${bytes(value)}/s` : perSecond(value));
  const points = ratesOf(input, name, (aggregate) => aggregate.sum);
  return {
    format: isBytes ? 'bytesPerSecond' : 'perSecond',
    bands: [{ name: 'per second', ink: 'achieved', style: 'area', points }],
    takeaway: (total) => `Total: ${text(total.sum)}.`,
    columns: [
      ['Sum', (part) => text(part.sum)],
      ['Per second', (part, seconds) => rate(part.sum / seconds)],
    ],
  };
}

function rateKind(input: ChartInput, { name }: Metric): Kind {
  const points = pointsOf(input, name, (aggregate) => aggregate.mean);
  return {
    format: 'percent',
    bands: [{ name: 'share', ink: 'achieved', style: 'line', points }],
    takeaway: (total) => `${percent(total.mean)} of ${plural(total.count, 'value')} were true.`,
    columns: [
      ['Values', (part) => count(part.count)],
      ['True', (part) => percent(part.mean)],
    ],
  };
}

function gaugeKind(input: ChartInput, { name, contains }: Metric): Kind {
  const { format, text } = UNITS[contains];
  const points: Point[] = pointsOf(input, name, (aggregate) => aggregate.last);
  return {
    format,
    bands: [{ name: 'value', ink: 'achieved', style: 'line', points }],
    takeaway: (total) => `From ${text(total.min)} to ${text(total.max)}; ${text(total.last)} at the end.`,
    columns: [
      ['min', (part) => text(part.min)],
      ['last', (part) => text(part.last)],
      ['max', (part) => text(part.max)],
    ],
  };
}

const KINDS = { trend: trendKind, counter: counterKind, rate: rateKind, gauge: gaugeKind } as const;

/** Whether all values fit an axis that starts at 0; a metric with negative values is only in the table of metrics. */
function fitsAxis({ min, type }: Aggregate): boolean {
  return type === 'counter' || type === 'rate' || min === undefined || min >= 0;
}

/** A name by the metric's position, so that the chart of one scenario has the same name as that of the run. */
function nameOfOwn(metric: string, { metrics }: RunMetrics): string {
  return `own-${[...metrics.keys()].filter(isOwnMetric).indexOf(metric) + 1}`;
}

/** At most MOST_CHARTS charts in the order of declaration, without the primary latency, which has its own chart. */
export function ownMetricFigures(input: ChartInput, primary: PrimaryLatency | undefined): ChartFigure[] {
  const { metrics } = input;
  return [...metrics.metrics.values()]
    .filter(({ name }) => isOwnMetric(name) && name !== primary?.metric)
    .flatMap((metric) => {
      const total = metrics.total(metric.name);
      return total === undefined || !fitsAxis(total) ? [] : [{ metric, total }];
    })
    .slice(0, MOST_CHARTS)
    .map(({ metric, total }) => {
      const kind = KINDS[metric.type](input, metric);
      const name = nameOfOwn(metric.name, metrics);
      return {
        name,
        title: `${oneLine(metric.name, 80)} (custom ${metric.type})`,
        takeaway: kind.takeaway(total),
        ...bandsPlot(input, 180, kind.bands, kind.format),
        table: tableOverTime(
          input,
          kind.columns.map(([label]) => label),
          (range) => {
            const part = metrics.total(metric.name, {}, range);
            return kind.columns.map(([, text]) =>
              part === undefined ? 'no data' : text(part, secondsOf(input, range)),
            );
          },
        ),
      };
    });
}
