// The metrics that the script made itself, a chart each: what a trend's percentiles, a counter's rate, a rate's share or a gauge's
// value did over time.

import type { PrimaryLatency } from '../../analysis/primary.ts';
import { isOwnMetric } from '../../model/builtin-metrics.ts';
import type { Aggregate, Metric } from '../../model/metrics.ts';
import { oneLine } from '../../text/display-text.ts';
import { bytes, count, duration, elapsed, isFigure, percent, perSecond, significant } from '../../text/format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, Point } from './figure.ts';
import type { FormatId } from './formats.ts';
import { linesOf, pointsOf, ratesOf, secondsOf, stretches } from './timeline.ts';

/** A script may have hundreds; all of them are in the table of metrics. */
const MOST_CHARTS = 12;

type FigureOf = (aggregate: Aggregate) => number | undefined;

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

const TREND: ReadonlyArray<readonly [name: string, style: Pick<Band, 'ink' | 'width' | 'dash'>, figure: FigureOf]> = [
  ['p50', { ink: 'p50', width: 1.75 }, (aggregate) => aggregate.quantile(0.5)],
  ['p95', { ink: 'p95', width: 2.25 }, (aggregate) => aggregate.quantile(0.95)],
  ['p99', { ink: 'p99', width: 1.5, dash: [2, 2] }, (aggregate) => aggregate.quantile(0.99)],
];

function trendKind(input: ChartInput, { name, contains }: Metric): Kind {
  const { format, text } = UNITS[contains];
  const lines = linesOf(
    input,
    name,
    TREND.map(([, , figure]) => figure),
  );
  return {
    format,
    bands: TREND.map(([label, style], index) => ({ name: label, ...style, style: 'line', points: lines[index] ?? [] })),
    takeaway: (total) =>
      `Of ${count(total.count)} values half are at most ${text(total.quantile(0.5))}, 95 % at most ${text(total.quantile(0.95))}, the greatest ${text(total.max)}.`,
    columns: [
      ['Values', (part) => count(part.count)],
      ...TREND.map(([label, , figure]) => [label, (part: Aggregate) => text(figure(part))] as const),
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
    takeaway: (total) => `${text(total.sum)} in all.`,
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
    takeaway: (total) => `${percent(total.mean)} of ${count(total.count)} values were true.`,
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
    takeaway: (total) => `Between ${text(total.min)} and ${text(total.max)}; ${text(total.last)} at the end.`,
    columns: [
      ['Least', (part) => text(part.min)],
      ['Last', (part) => text(part.last)],
      ['Greatest', (part) => text(part.max)],
    ],
  };
}

const KINDS = { trend: trendKind, counter: counterKind, rate: rateKind, gauge: gaugeKind } as const;

/** A metric below 0 has no place on an axis from 0; the table of metrics has its figures. */
function fitsAxis({ min, type }: Aggregate): boolean {
  return type === 'counter' || type === 'rate' || min === undefined || min >= 0;
}

/** At most MOST_CHARTS figures, in the order in which the script declared them; that of the primary latency has its own chart. */
export function ownMetricFigures(input: ChartInput, primary: PrimaryLatency | undefined): ChartFigure[] {
  const { metrics, loadStartMs } = input;
  return [...metrics.metrics.values()]
    .filter(({ name }) => isOwnMetric(name) && name !== primary?.metric)
    .flatMap((metric) => {
      const total = metrics.total(metric.name);
      return total === undefined || !fitsAxis(total) ? [] : [{ metric, total }];
    })
    .slice(0, MOST_CHARTS)
    .map(({ metric, total }, index) => {
      const kind = KINDS[metric.type](input, metric);
      const name = `own-${index + 1}`;
      return {
        name,
        title: `${oneLine(metric.name, 80)}, ${metric.type} of the script`,
        takeaway: kind.takeaway(total),
        ...drawBands(input, { name, height: 170 }, kind.bands, kind.format),
        table: {
          columns: ['Time', ...kind.columns.map(([label]) => label)],
          rows: stretches(input).map((range) => {
            const part = metrics.total(metric.name, {}, range);
            const cells = kind.columns.map(([, text]) =>
              part === undefined ? 'no data' : text(part, secondsOf(input, range)),
            );
            return [elapsed(range.fromMs - loadStartMs), ...cells];
          }),
        },
      };
    });
}
