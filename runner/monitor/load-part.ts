// Limits the metrics of the system under test to the time of the load, which targets are judged by and charts show.

import type { RunMetrics, TagFilter } from '../model/metrics.ts';

/** Series read before or after the load have the tag `phase`; those read during the load do not. */
const OF_LOAD = { phase: '' };

/** The same metrics without what was read before and after the load. */
export function loadPart(server: RunMetrics): RunMetrics {
  const during = (filter: TagFilter = {}) => ({ ...filter, ...OF_LOAD });
  return {
    metrics: server.metrics,
    series: server.series.filter(({ tags }) => tags.phase === undefined),
    firstSampleMs: server.firstSampleMs,
    lastSampleMs: server.lastSampleMs,
    intervalMs: server.intervalMs,
    health: [],
    faults: server.faults,
    total: (metric, filter, range) => server.total(metric, during(filter), range),
    uncertain: (metric, filter) => server.uncertain(metric, during(filter)),
    timeline: (metric, filter) => server.timeline(metric, during(filter)),
    groupBy: (metric, tags, filter) => server.groupBy(metric, tags, during(filter)),
    seen: (metric, filter) => server.seen(metric, during(filter)),
  };
}
