// Percentiles over time, every point of which rests on enough samples: the interval follows the data, not the clock.

import type { Aggregate, Interval, TagFilter } from '../../model/metrics.ts';
import type { ChartInput } from './chart.ts';
import type { Point, RangePoint } from './figure.ts';
import { FEWEST, samplesFor, stretchesOf } from './stretches.ts';

export { samplesFor } from './stretches.ts';

/** Neighbouring intervals that together have enough samples; without `aggregate` a gap. */
interface Group {
  readonly startMs: number;
  readonly endMs: number;
  readonly aggregate: Aggregate | undefined;
}

/** The metric's timeline in groups of neighbours, each with `least` samples or more, at most about `most` of them. */
function groupsOf(intervals: readonly Interval[], sumOf: SumOf, least: number, most: number): Group[] {
  const counts = intervals.map(({ aggregate }) => aggregate?.count ?? 0);
  return stretchesOf(counts, least, most).map(({ from, to, isGap }) => {
    const part = intervals.slice(from, to);
    return isGap ? { ...groupOf(part, () => undefined), aggregate: undefined } : groupOf(part, sumOf);
  });
}

/** The samples of a stretch of time, as one. */
type SumOf = (startMs: number, endMs: number) => Aggregate | undefined;

/** Percentiles of several lines rest on the same stretches: each is added up once. */
function addedUpOnce({ metrics }: ChartInput, metric: string, filter: TagFilter | undefined): SumOf {
  const known = new Map<string, Aggregate | undefined>();
  return (startMs, endMs) => {
    const key = `${startMs} ${endMs}`;
    if (!known.has(key)) known.set(key, metrics.total(metric, filter, { fromMs: startMs, toMs: endMs }));
    return known.get(key);
  };
}

function groupOf(part: readonly Interval[], sumOf: SumOf): Group {
  const [first, ...more] = part;
  const startMs = first?.startMs ?? 0;
  const last = part.at(-1);
  const endMs = last === undefined ? startMs : last.startMs + last.lengthMs;
  const aggregate = more.length === 0 ? first?.aggregate : sumOf(startMs, endMs);
  return { startMs, endMs, aggregate };
}

function middleOf({ startMs, endMs }: Group, { loadStartMs, axisMs }: ChartInput): number {
  return Math.round(Math.min(Math.max((startMs + endMs) / 2 - loadStartMs, 0), axisMs));
}

/**
 * The quantiles to ask of groups of so many samples, the smallest groups first. Where every interval has samples enough, the groups
 * are the same for all quantiles, so the first ones are asked for all.
 */
function quantilesByLeast(quantiles: readonly number[]): Array<[least: number, quantiles: readonly number[]]> {
  const leasts = [...new Set(quantiles.map(samplesFor))].sort((a, b) => a - b);
  return leasts.map((least) => [least, quantiles.filter((q) => samplesFor(q) >= least)]);
}

export interface PercentileLines {
  /** Per quantile that was asked for; empty where the run has too few samples for one point. */
  readonly lines: ReadonlyArray<readonly Point[]>;
  /** Per quantile: the stretches that its points stand for, without gaps. */
  readonly stretches: ReadonlyArray<ReadonlyArray<Group & { readonly aggregate: Aggregate }>>;
  /** From the smallest to the largest value of each stretch. */
  readonly range: readonly RangePoint[];
}

/** Lines of quantiles (0 to 1) of a trend, at most about `most` points each, and the band of all values behind them. */
export function percentileLines(
  input: ChartInput,
  { metric, filter }: { readonly metric: string; readonly filter?: TagFilter },
  quantiles: readonly number[],
  most: number,
): PercentileLines {
  const intervals = input.metrics.timeline(metric, filter);
  const sumOf = addedUpOnce(input, metric, filter);
  const known = new Map<number, readonly Group[]>();
  const groups = (least: number) => {
    const made = known.get(least) ?? groupsOf(intervals, sumOf, least, most);
    known.set(least, made);
    return made;
  };
  // All percentiles of a stretch one after the other: its histogram is unpacked once for them.
  for (const [least, own] of quantilesByLeast(quantiles)) {
    for (const { aggregate } of groups(least)) for (const q of own) aggregate?.quantile(q);
  }
  return {
    lines: quantiles.map((q) =>
      groups(samplesFor(q)).map((group): Point => [middleOf(group, input), group.aggregate?.quantile(q) ?? null]),
    ),
    // Small pictures have neither.
    get stretches() {
      return quantiles.map((q) =>
        groups(samplesFor(q)).flatMap(({ aggregate, ...group }) =>
          aggregate === undefined ? [] : [{ ...group, aggregate }],
        ),
      );
    },
    get range() {
      return groups(FEWEST).map((group): RangePoint => {
        const { min, max } = group.aggregate ?? {};
        return [middleOf(group, input), min === undefined || max === undefined ? null : [min, max]];
      });
    },
  };
}
