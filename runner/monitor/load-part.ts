// Numbers of the system under test, of the whole watch, become those of the load alone: what targets are judged by and charts show.

import type { RunMetrics, TagFilter } from '../model/metrics.ts';

/** The tag that says that something was read before or after the load; the load's own series do not have it. */
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
