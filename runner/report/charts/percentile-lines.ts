// Percentiles over time. Every point is based on enough samples, so intervals are as long as the data requires.

import type { Aggregate, Interval, TagFilter } from '../../model/metrics.ts';
import type { ChartInput } from './chart.ts';
import type { Point, RangePoint } from './figure.ts';
import { FEWEST, samplesFor, stretchesOf } from './stretches.ts';

export { samplesFor } from './stretches.ts';

/** Neighbouring intervals with enough samples in total; without an `aggregate` it is a gap. */
interface Group {
  readonly startMs: number;
  readonly endMs: number;
  readonly aggregate: Aggregate | undefined;
}

/** Intervals grouped so that each group has at least `least` samples, in about `most` groups at most. */
function groupsOf(intervals: readonly Interval[], sumOf: SumOf, least: number, most: number): Group[] {
  const counts = intervals.map(({ aggregate }) => aggregate?.count ?? 0);
  return stretchesOf(counts, least, most).map(({ from, to, isGap }) => {
    const part = intervals.slice(from, to);
    return isGap ? { ...groupOf(part, () => undefined), aggregate: undefined } : groupOf(part, sumOf);
  });
}

/** The aggregate of all samples in a time range, milliseconds since 1970. */
type SumOf = (startMs: number, endMs: number) => Aggregate | undefined;

/** A SumOf with a cache, because the lines of several percentiles use the same ranges. */
function cachedSums({ metrics }: ChartInput, metric: string, filter: TagFilter | undefined): SumOf {
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
 * The quantiles that are calculated for groups of `least` samples, smallest groups first. If every interval has enough samples, all
 * quantiles have the same groups, so the first groups are used for all of them.
 */
function quantilesByLeast(quantiles: readonly number[]): Array<[least: number, quantiles: readonly number[]]> {
  const leasts = [...new Set(quantiles.map(samplesFor))].sort((a, b) => a - b);
  return leasts.map((least) => [least, quantiles.filter((q) => samplesFor(q) >= least)]);
}

export interface PercentileLines {
  /** The line of each quantile; empty if the run has too few samples for one point. */
  readonly lines: ReadonlyArray<readonly Point[]>;
  /** For each quantile the groups of samples behind its points, without gaps. */
  readonly stretches: ReadonlyArray<ReadonlyArray<Group & { readonly aggregate: Aggregate }>>;
  /** The smallest and the largest value over time. */
  readonly range: readonly RangePoint[];
}

/** Lines of quantiles (0 to 1) of a trend, with about `most` points each at most, and the range of all values. */
export function percentileLines(
  input: ChartInput,
  { metric, filter }: { readonly metric: string; readonly filter?: TagFilter },
  quantiles: readonly number[],
  most: number,
): PercentileLines {
  const intervals = input.metrics.timeline(metric, filter);
  const sumOf = cachedSums(input, metric, filter);
  const known = new Map<number, readonly Group[]>();
  const groups = (least: number) => {
    const made = known.get(least) ?? groupsOf(intervals, sumOf, least, most);
    known.set(least, made);
    return made;
  };
  // All quantiles of a group in a row, so that its histogram is unpacked only once.
  for (const [least, own] of quantilesByLeast(quantiles)) {
    for (const { aggregate } of groups(least)) for (const q of own) aggregate?.quantile(q);
  }
  return {
    lines: quantiles.map((q) =>
      groups(samplesFor(q)).map((group): Point => [middleOf(group, input), group.aggregate?.quantile(q) ?? null]),
    ),
    // Calculated on demand, because small charts use neither.
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
