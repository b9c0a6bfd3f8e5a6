// A RunMetrics with exact figures from sorted raw samples: the naive reference for tests of verdicts.

import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import type {
  Aggregate,
  Bins,
  GeneratorHealth,
  Interval,
  Metric,
  MetricType,
  RunMetrics,
  Series,
  TagFilter,
  Tags,
  TimeRange,
} from '../../runner/model/metrics.ts';

export interface Sample {
  readonly metric: string;
  readonly value: number;
  readonly timeMs: number;
  readonly tags?: Tags;
}

/** k6's TrendSink.P, v2.2.0. */
export function exactQuantile(sorted: readonly number[], q: number): number {
  const rank = q * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

function groupedBy<Key>(samples: readonly Sample[], keyOfSample: (sample: Sample) => Key): Map<Key, Sample[]> {
  const groups = new Map<Key, Sample[]>();
  for (const sample of samples) {
    const key = keyOfSample(sample);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else group.push(sample);
  }
  return groups;
}

function binsOf(values: readonly number[]): Bins {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1);
  const rows = [...counts].sort(([a], [b]) => a - b);
  return { keys: Int32Array.from(rows, ([key]) => key), counts: Float64Array.from(rows, ([, count]) => count) };
}

function aggregateOf(type: MetricType, samples: readonly Sample[]): Aggregate | undefined {
  if (samples.length === 0) return undefined;
  const values = samples.map(({ value }) => (type === 'rate' ? Number(value !== 0) : value));
  const sorted = values.toSorted((a, b) => a - b);
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    type,
    count: values.length,
    sum,
    min: sorted[0],
    max: sorted.at(-1),
    last: samples.toSorted((a, b) => a.timeMs - b.timeMs).at(-1)?.value,
    mean: sum / values.length,
    quantile: (q) => exactQuantile(sorted, q),
    bins: () => binsOf(values),
  };
}

const TYPES: Readonly<Record<string, [MetricType, Metric['contains']]>> = {
  http_req_duration: ['trend', 'time'],
  http_req_waiting: ['trend', 'time'],
  iteration_duration: ['trend', 'time'],
  http_req_failed: ['rate', 'default'],
  checks: ['rate', 'default'],
  http_reqs: ['counter', 'default'],
  iterations: ['counter', 'default'],
  dropped_iterations: ['counter', 'default'],
  data_sent: ['counter', 'data'],
  vus: ['gauge', 'default'],
};

/** Metrics that are not built-in are trends of plain numbers. */
export function metricsOf(
  samples: readonly Sample[],
  intervalMs = 1000,
  health: readonly GeneratorHealth[] = [],
): RunMetrics {
  const metrics = new Map<string, Metric>();
  const series = new Map<string, Series>();
  for (const { metric: name, tags = {} } of samples) {
    const [type, contains] = TYPES[name] ?? ['trend', 'default'];
    const metric = metrics.get(name) ?? { name, type, contains };
    metrics.set(name, metric);
    const key = JSON.stringify([name, tags]);
    if (!series.has(key)) series.set(key, { id: series.size, metric, tags });
  }
  const times = samples.map(({ timeMs }) => timeMs);
  const firstSampleMs = times.length === 0 ? undefined : Math.min(...times);
  const lastSampleMs = times.length === 0 ? undefined : Math.max(...times);
  const byMetric = groupedBy(samples, ({ metric }) => metric);
  const matching = (name: string, filter: TagFilter = {}, range?: TimeRange) => {
    const wanted = Object.entries(filter);
    return (byMetric.get(name) ?? []).filter(
      ({ tags = {}, timeMs }) =>
        wanted.every(([key, value]) => tags[key] === value) &&
        (range === undefined || (timeMs >= range.fromMs && timeMs < range.toMs)),
    );
  };
  const add = (name: string, list: readonly Sample[]) => aggregateOf(metrics.get(name)?.type ?? 'trend', list);
  return {
    metrics,
    series: [...series.values()],
    firstSampleMs,
    lastSampleMs,
    intervalMs,
    health,
    faults: { badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] },
    total: (name, filter, range) => add(name, matching(name, filter, range)),
    uncertain: () => 0,
    timeline(name, filter) {
      if (firstSampleMs === undefined || lastSampleMs === undefined) return [];
      const cells: Interval[] = [];
      const start = Math.floor(firstSampleMs / intervalMs) * intervalMs;
      const byCell = groupedBy(matching(name, filter), ({ timeMs }) => Math.floor((timeMs - start) / intervalMs));
      for (let startMs = start, cell = 0; startMs <= lastSampleMs; startMs += intervalMs, cell++) {
        cells.push({ startMs, lengthMs: intervalMs, aggregate: add(name, byCell.get(cell) ?? []) });
      }
      return cells;
    },
    groupBy(name, by, filter) {
      const groups = new Map<string, { tags: Record<string, string>; samples: Sample[] }>();
      for (const sample of matching(name, filter)) {
        const tags = Object.fromEntries(by.map((tag) => [tag, sample.tags?.[tag] ?? '']));
        const group = groups.get(JSON.stringify(tags)) ?? { tags, samples: [] };
        groups.set(JSON.stringify(tags), group);
        group.samples.push(sample);
      }
      return [...groups.values()].flatMap((group) => {
        const aggregate = add(name, group.samples);
        return aggregate === undefined ? [] : [{ tags: group.tags, aggregate }];
      });
    },
    seen(name, filter) {
      const list = matching(name, filter);
      if (list.length === 0) return undefined;
      const own = list.map(({ timeMs }) => timeMs);
      return { fromMs: Math.min(...own), toMs: Math.max(...own) + 1 };
    },
  };
}
