// KPIs and the numbers of a run become verdicts: k6's own wherever there were samples, and an honest one where k6 is silent.

import { BUILTIN_METRICS } from '../model/builtin-metrics.ts';
import type { JudgedKpi, Kpi } from '../model/kpi.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { isServerMetric } from '../model/server-metrics.ts';
import { isStatisticOf, STATISTICS_OF } from '../targets/threshold.ts';
import { fitsMetric, inK6Unit, unitOf } from '../targets/unit.ts';
import { judgeAbsence } from './absence.ts';
import { discount } from './discount.ts';
import type { GeneratorVerdict } from './generator.ts';
import { judgeServer } from './judge-server.ts';
import { judgeStretch } from './judge-stretch.ts';
import { underLoad } from './load-condition.ts';
import { doubtWhereTagsAreLost, finish, intervalUnlessMixed, noData, notJudged, readPart } from './reading.ts';
import { countsTransportFailures, totalOf, transportFilters, transportReasons } from './responses.ts';
import type { StretchContext } from './stretch.ts';

export { marginPercent } from './statistic.ts';

export interface JudgeContext extends StretchContext {
  /** k6's run time, from before setup() to after teardown(): what the rate of a counter divides by. undefined: first to last sample. */
  readonly elapsedMs: number | undefined;
  readonly generator: GeneratorVerdict | undefined;
}

/**
 * The verdict on every KPI, in order. Where samples matched it is k6's, but for these, each of which the note explains:
 * - no sample: see absence.ts;
 * - response times with requests that failed in transport: met only if met both over all samples (k6's figure) and over
 *   those that got a response; `actual` is the worse of the two; nothing but failures and k6's figure met: `no_data`;
 * - `during`, `overMs`: over that part, or the worst window, on the time grid of the run;
 * - a metric of the system under test (`server.*`): see judge-server.ts;
 * - a filter on a tag that samples lost beyond the cap of series: inconclusive;
 * - a load generator that was saturated or fell short of the load: see discount.ts.
 * Percentiles are within 0.1 % of k6's, so a target that close to the actual value may fall either way.
 */
export function judge(kpis: readonly Kpi[], metrics: RunMetrics, context: JudgeContext): JudgedKpi[] {
  const iterationMs = metrics.total('iteration_duration')?.mean;
  const one: OneContext = { ...context, kpis };
  return kpis.map((kpi) => {
    if (isServerMetric(kpi.metric)) {
      return judgeServer(kpi, metrics, context, (own, server) => judgeOne(own, server, one));
    }
    const metric = metrics.metrics.get(kpi.metric) ?? BUILTIN_METRICS.get(kpi.metric);
    if (metric !== undefined && !fitsMetric(kpi.unit, metric, kpi.statistic)) {
      return notJudged(
        kpi,
        `"${kpi.unit}" is no unit of ${kpi.metric}, which k6 measures in ${unitOf(metric, kpi.statistic)}`,
      );
    }
    const judged = judgeOne(metric === undefined ? kpi : inK6Unit(kpi, metric), metrics, one);
    return underLoad(discount(judged, metric, context.generator, iterationMs), metrics, context);
  });
}

function judgeOne(kpi: Kpi, metrics: RunMetrics, context: OneContext): JudgedKpi {
  return doubtWhereTagsAreLost(judgeWhatMatches(kpi, metrics, context), metrics.uncertain(kpi.metric, kpi.filter));
}

/** With all KPIs of the run: what several ask of one metric tells its type. */
type OneContext = JudgeContext & { readonly kpis: readonly Kpi[] };

function judgeWhatMatches(kpi: Kpi, metrics: RunMetrics, context: OneContext): JudgedKpi {
  const whole = metrics.total(kpi.metric, kpi.filter);
  if (whole === undefined || whole.count === 0) return judgeAbsence(kpi, metrics, context.kpis);
  const gaugeExtra =
    whole.type === 'gauge' && kpi.source !== 'threshold' && ['avg', 'min', 'max'].includes(kpi.statistic);
  if (!isStatisticOf(whole.type, kpi.statistic) && !gaugeExtra) {
    const able = STATISTICS_OF[whole.type].join(', ');
    return noData(kpi, `${kpi.metric} is a ${whole.type}, which has ${able}, but no ${kpi.statistic}`);
  }
  const lost = countsTransportFailures(kpi) ? transportFilters(kpi, metrics) : [];
  if (kpi.during === undefined && kpi.overMs === undefined) {
    const part = { all: whole, failed: totalOf(kpi.metric, lost, metrics), elapsedMs: elapsedOf(metrics, context) };
    const reading = readPart(kpi, part, transportReasons(kpi, lost, metrics));
    return finish(kpi, reading, intervalUnlessMixed(kpi, lost, metrics));
  }
  return judgeStretch(kpi, lost, metrics, context);
}

function elapsedOf(metrics: RunMetrics, context: JudgeContext): number | undefined {
  if (context.elapsedMs !== undefined) return context.elapsedMs;
  const { firstSampleMs, lastSampleMs } = metrics;
  return firstSampleMs === undefined || lastSampleMs === undefined ? undefined : lastSampleMs - firstSampleMs;
}
