// Adds up several aggregates of one metric: series that a tag filter cannot select, or several time ranges.

import { Histogram } from '../../metrics/buckets/histogram.ts';
import { AggregateBuilder, MergedAggregate } from '../../metrics/store/aggregate.ts';
import type { Aggregate, MetricType } from '../../model/metrics.ts';

function least(values: ReadonlyArray<number | undefined>): number | undefined {
  return values.reduce(
    (low, value) => (low === undefined || (value !== undefined && value < low) ? value : low),
    undefined,
  );
}

function greatest(values: ReadonlyArray<number | undefined>): number | undefined {
  return values.reduce(
    (high, value) => (high === undefined || (value !== undefined && value > high) ? value : high),
    undefined,
  );
}

/**
 * The sum of `parts`, which must be of one type and, for gauges, in order of time: `last` is that of the last part with
 * one. count, sum, min and max are exact, percentiles within 0.1 %. undefined without parts.
 */
export function combine(parts: readonly Aggregate[]): Aggregate | undefined {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  const stored = parts.filter((part) => part instanceof MergedAggregate);
  if (stored.length === parts.length) return sumOfStored(stored, first.type);
  const count = parts.reduce((total, part) => total + part.count, 0);
  const sum = parts.reduce((total, part) => total + part.sum, 0);
  const histogram = new Histogram();
  for (const part of parts) {
    if (part.type !== 'trend' || part.min === undefined || part.max === undefined) continue;
    histogram.mergeBins(part.bins(), { sum: part.sum, min: part.min, max: part.max });
  }
  return {
    type: first.type,
    count,
    sum,
    min: least(parts.map((part) => part.min)),
    max: greatest(parts.map((part) => part.max)),
    last: parts.findLast((part) => part.last !== undefined)?.last,
    mean: count === 0 ? undefined : sum / count,
    quantile: (q) => histogram.quantile(q),
    bins: () => histogram.toBins(),
  };
}

/** Aggregates of a store are already in the form that its sums need. */
function sumOfStored(parts: readonly MergedAggregate[], type: MetricType): Aggregate | undefined {
  const builder = new AggregateBuilder(type);
  for (const part of parts) builder.addPart(part);
  return builder.build();
}

function plus(a: Aggregate | undefined, b: Aggregate | undefined): Aggregate | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : combine([a, b]);
}

/**
 * Sums of `size` neighbours: element i adds up parts i to i + size - 1; undefined if none of them has a value. Three
 * additions per element, whatever the size: sums from the start and to the end of blocks of `size` (van Herk 1992).
 */
export function slidingSums(parts: ReadonlyArray<Aggregate | undefined>, size: number): Array<Aggregate | undefined> {
  const fromStart: Array<Aggregate | undefined> = [];
  parts.forEach((part, i) => {
    fromStart.push(i % size === 0 ? part : plus(fromStart[i - 1], part));
  });
  const toEnd: Array<Aggregate | undefined> = new Array(parts.length).fill(undefined);
  for (let i = parts.length - 1; i >= 0; i--) {
    toEnd[i] = i % size === size - 1 ? parts[i] : plus(parts[i], toEnd[i + 1]);
  }
  return Array.from({ length: Math.max(0, parts.length - size + 1) }, (_, i) =>
    i % size === 0 ? fromStart[i + size - 1] : plus(toEnd[i], fromStart[i + size - 1]),
  );
}
