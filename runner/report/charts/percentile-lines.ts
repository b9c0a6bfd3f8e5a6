// Percentiles over time, every point of which rests on enough samples: the interval follows the data, not the clock.

import type { Aggregate, Interval, TagFilter } from '../../model/metrics.ts';
import type { ChartInput } from './chart.ts';
import type { Point, RangePoint } from './figure.ts';

/** The fewest samples that a point of any line rests on. */
const FEWEST = 10;

/** Samples that a point of the q-quantile needs: two beyond it on average, so 40 for p95 and 200 for p99; 10 at least. */
export function samplesFor(q: number): number {
  return Math.max(FEWEST, Math.ceil(2 / Math.min(q, 1 - q) - 1e-6));
}

/** Neighbouring intervals that together have enough samples; without `aggregate` a gap. */
interface Group {
  readonly startMs: number;
  readonly endMs: number;
  readonly aggregate: Aggregate | undefined;
}

/**
 * An empty stretch is a gap from so many intervals on: where samples come at random, one in 20,000 stretches between two
 * samples is ten times as long as their average distance.
 */
function gapLength(intervals: readonly Interval[]): number {
  const first = intervals.findIndex(({ aggregate }) => aggregate !== undefined);
  const last = intervals.findLastIndex(({ aggregate }) => aggregate !== undefined);
  const samples = intervals.reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  return Math.max(3, Math.ceil((10 * (last - first + 1)) / Math.max(samples, 1)));
}

/** The stretches between gaps, as indices from inclusive, to exclusive, beginning and ending with samples. */
function stretchesOf(intervals: readonly Interval[]): Array<{ from: number; to: number }> {
  const gap = gapLength(intervals);
  const stretches: Array<{ from: number; to: number }> = [];
  intervals.forEach(({ aggregate }, index) => {
    if (aggregate === undefined) return;
    const last = stretches.at(-1);
    if (last === undefined || index - last.to >= gap) stretches.push({ from: index, to: index + 1 });
    else last.to = index + 1;
  });
  return stretches;
}

/**
 * The metric's timeline in groups of neighbours, each with `least` samples or more, at most about `most` of them. What is left
 * over before a gap or at the end joins the group before it; a stretch with fewer than `least` samples in all is left out.
 */
function groupsOf(intervals: readonly Interval[], sumOf: SumOf, least: number, most: number) {
  const per = Math.ceil(intervals.length / most);
  const groups: Group[] = [];
  for (const { from, to } of stretchesOf(intervals)) {
    const cuts: number[] = [from];
    let samples = 0;
    for (let index = from; index < to; index++) {
      samples += intervals[index]?.aggregate?.count ?? 0;
      if (samples < least || index + 1 - (cuts.at(-1) ?? 0) < per) continue;
      cuts.push(index + 1);
      samples = 0;
    }
    if (cuts.length < 2) continue;
    cuts[cuts.length - 1] = to;
    const before = groups.at(-1);
    if (before !== undefined) groups.push(gapBetween(before.endMs, intervals[from]?.startMs ?? before.endMs));
    for (let cut = 1; cut < cuts.length; cut++) {
      const part = intervals.slice(cuts[cut - 1], cuts[cut]);
      groups.push(groupOf(part, sumOf));
    }
  }
  return groups;
}

function gapBetween(startMs: number, endMs: number): Group {
  return { startMs, endMs, aggregate: undefined };
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
    stretches: quantiles.map((q) =>
      groups(samplesFor(q)).flatMap(({ aggregate, ...group }) =>
        aggregate === undefined ? [] : [{ ...group, aggregate }],
      ),
    ),
    range: groups(FEWEST).map((group): RangePoint => {
      const { min, max } = group.aggregate ?? {};
      return [middleOf(group, input), min === undefined || max === undefined ? null : [min, max]];
    }),
  };
}
