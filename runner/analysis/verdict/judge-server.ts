// Judges a target on the system under test over its readings under load.

import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { fullName, unitByName } from '../../model/server-metrics.ts';
import { loadPart } from '../../monitor/load-part.ts';
import { unitsOf } from '../../monitor/notes.ts';
import { summedRates } from '../../monitor/summed.ts';
import { GROWTH, inServerUnit, isServerStatistic, SERVER_STATISTICS } from '../../targets/server-unit.ts';
import type { JudgedPartContext } from '../load/judged-part.ts';
import { boundOf } from '../statistics/statistic.ts';
import { judgeGrowth } from './judge-growth.ts';
import { noData, notJudged } from './reading.ts';

/**
 * The verdict on a KPI of a metric `server.*`. `judgeOne` judges statistics other than growth, as for k6's metrics.
 */
export function judgeServer(
  kpi: Kpi,
  metrics: RunMetrics,
  context: JudgedPartContext & { readonly generator: { readonly fellShort: boolean } | undefined },
  judgeOne: (kpi: Kpi, metrics: RunMetrics) => JudgedKpi,
): JudgedKpi {
  const name = fullName(kpi.metric);
  const { server } = metrics;
  if (server === undefined || server.metrics.series.length === 0) {
    const next = 'add a source with --server-metrics, or server_metrics of the environment';
    return noData({ ...kpi, metric: name }, `the system under test was not monitored: ${next}`);
  }
  const units = unitsOf(server.notes);
  const unitOf = (metric: string) => units.get(metric) ?? unitByName(metric);
  const under = summedRates(loadPart(server.metrics), (metric) => /\/s$/.test(unitOf(metric)));
  const own = inServerUnit({ ...kpi, metric: name }, unitOf(name));
  if (own === undefined) {
    return notJudged(
      { ...kpi, metric: name },
      `the unit "${kpi.unit}" does not fit ${name}, which is in ${unitOf(name)}`,
    );
  }
  if (!isServerStatistic(kpi.statistic)) {
    return noData(
      own,
      `metrics of the system under test have ${SERVER_STATISTICS.join(', ')}, but not ${kpi.statistic}`,
    );
  }
  const hasReadings = under.total(name, kpi.filter) !== undefined;
  const judged = kpi.statistic === GROWTH && hasReadings ? judgeGrowth(own, under, context) : judgeOne(own, under);
  // An upper bound that was met under less load than requested says little about the requested load.
  const isDoubtful =
    context.generator?.fellShort === true && judged.verdict === 'pass' && boundOf(kpi.comparison) === 'upper';
  return isDoubtful
    ? {
        ...judged,
        verdict: 'inconclusive',
        reason: 'load_short',
        note: ['met, but below the requested load', judged.note].filter(Boolean).join('; '),
      }
    : judged;
}
