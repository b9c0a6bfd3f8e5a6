// A target on the system under test becomes its verdict, over what was read of it under load.

import type { RunMetrics } from '../metrics/model.ts';
import { loadPart } from '../server/load-part.ts';
import { fullName, unitByName } from '../server/metrics.ts';
import { unitsOf } from '../server/notes.ts';
import { summedRates } from '../server/summed.ts';
import { judgeGrowth } from './judge-growth.ts';
import type { JudgedKpi, Kpi } from './model.ts';
import { noData } from './reading.ts';
import { GROWTH, inServerUnit } from './server-unit.ts';
import { boundOf } from './statistic.ts';
import type { StretchContext } from './stretch.ts';

/** What a metric of the system under test can be judged by. */
export const SERVER_STATISTICS = ['avg', 'med', 'min', 'max', 'p(N)', GROWTH] as const;

export function isServerStatistic(statistic: string): boolean {
  return SERVER_STATISTICS.some((known) => known === (statistic.startsWith('p(') ? 'p(N)' : statistic));
}

/** The verdict on a KPI whose metric is `server.*`; `judgeOne` judges any other statistic than growth, as for k6's own metrics. */
export function judgeServer(
  kpi: Kpi,
  metrics: RunMetrics,
  context: StretchContext & { readonly generator: { readonly fellShort: boolean } | undefined },
  judgeOne: (kpi: Kpi, metrics: RunMetrics) => JudgedKpi,
): JudgedKpi {
  const name = fullName(kpi.metric);
  const { server } = metrics;
  if (server === undefined || server.metrics.series.length === 0) {
    const next = 'name a source with --server-metrics, or server_metrics of the environment';
    return noData({ ...kpi, metric: name }, `nothing of the system under test was read: ${next}`);
  }
  const units = unitsOf(server.notes);
  const unitOf = (metric: string) => units.get(metric) ?? unitByName(metric);
  const under = summedRates(loadPart(server.metrics), (metric) => /\/s$/.test(unitOf(metric)));
  const own = inServerUnit({ ...kpi, metric: name }, unitOf(name));
  if (!isServerStatistic(kpi.statistic)) {
    return noData(
      own,
      `a metric of the system under test has ${SERVER_STATISTICS.join(', ')}, but no ${kpi.statistic}`,
    );
  }
  const hasReadings = under.total(name, kpi.filter) !== undefined;
  const judged = kpi.statistic === GROWTH && hasReadings ? judgeGrowth(own, under, context) : judgeOne(own, under);
  // A bound that was kept under less load than was asked for says little of the load that was.
  const isDoubtful =
    context.generator?.fellShort === true && judged.verdict === 'pass' && boundOf(kpi.comparison) === 'upper';
  return isDoubtful
    ? {
        ...judged,
        verdict: 'inconclusive',
        note: ['met, but under less load than was asked for', judged.note].filter(Boolean).join('; '),
      }
    : judged;
}
