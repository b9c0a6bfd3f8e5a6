// Percentiles of one and of several intervals of a store, against those of a histogram of the same values.

import { expect } from 'chai';
import fc from 'fast-check';
import { combine } from '../../runner/analysis/statistics/combine.ts';
import { Histogram } from '../../runner/metrics/buckets/histogram.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Aggregate, Metric } from '../../runner/model/metrics.ts';
import { propertyRuns } from '../property-runs.ts';

const DURATION: Metric = { name: 'http_req_duration', type: 'trend', contains: 'time' };
const QUANTILES = [0, 0.25, 0.5, 0.95, 0.99, 1];

/** Values per interval of one series, and of a second that lacks some intervals. */
function timelineOf(first: readonly number[][], second: readonly number[][]) {
  const store = new MetricsStore({ timeline: true });
  for (const [id, intervals] of [first, second].entries()) {
    const series = { id, metric: DURATION, tags: { name: `e${id}` } };
    for (const [i, values] of intervals.entries()) {
      const histogram = new Histogram();
      for (const value of values) histogram.add(value);
      const { count, sum, min, max } = histogram;
      if (min === undefined || max === undefined) continue;
      const window = { series, startMs: i * 1000, lengthMs: 1000, count, sum, min, max, last: max };
      store.sink.window({ ...window, bins: histogram.toBins() });
    }
  }
  store.end({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
  return store.timeline('http_req_duration');
}

describe('percentiles of intervals', () => {
  // Within a few powers of two, and far apart: two algorithms add them up.
  const near = fc.double({ min: 20, max: 400, noNaN: true });
  const far = fc.oneof(near, fc.double({ min: -1e6, max: 1e9, noNaN: true }), fc.constant(0));
  const interval = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: 1, maxLength: 40 });
  const intervals = fc
    .constantFrom(near, far)
    .chain((value) =>
      fc.tuple(
        fc.array(interval(value), { minLength: 1, maxLength: 20 }),
        fc.array(interval(value), { minLength: 1, maxLength: 20 }),
      ),
    );

  it('equal those of a histogram of their values, for one and for several intervals', () => {
    fc.assert(
      fc.property(intervals, fc.integer({ min: 1, max: 20 }), ([first, second], size) => {
        const timeline = timelineOf(first, second);
        for (let from = 0; from < timeline.length; from += size) {
          const all = new Histogram();
          for (let i = from; i < from + size; i++) {
            for (const value of [...(first[i] ?? []), ...(second[i] ?? [])]) all.add(value);
          }
          const parts: Aggregate[] = timeline.slice(from, from + size).flatMap(({ aggregate }) => aggregate ?? []);
          const sum = combine(parts);
          for (const q of QUANTILES) expect(sum?.quantile(q)).to.equal(all.quantile(q));
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});
