// KPIs and the numbers of a run become verdicts: k6's own wherever there were samples, and an honest one where k6 is silent.

import { ABSENT_MEANS_ZERO, BUILTIN_METRICS } from '../model/builtin-metrics.ts';
import type { JudgedKpi, Kpi } from '../model/kpi.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { isServerMetric } from '../model/server-metrics.ts';
import { isStatisticOf, STATISTICS_OF } from '../targets/threshold.ts';
import { fitsMetric, inK6Unit, unitOf } from '../targets/unit.ts';
import { discount } from './discount.ts';
import type { GeneratorVerdict } from './generator.ts';
import { judgeServer } from './judge-server.ts';
import { judgeStretch } from './judge-stretch.ts';
import { underLoad } from './load-condition.ts';
import { whyNoData } from './no-data.ts';
import {
  doubtWhereTagsAreLost,
  finish,
  intervalUnlessMixed,
  noData,
  notJudged,
  type Reading,
  readPart,
} from './reading.ts';
import { countsTransportFailures, totalOf, transportFilters, transportReasons } from './responses.ts';
import { meets } from './statistic.ts';
import type { StretchContext } from './stretch.ts';

export { marginPercent } from './statistic.ts';

export interface JudgeContext extends StretchContext {
  /** k6's run time, from before setup() to after teardown(): what the rate of a counter divides by. undefined: first to last sample. */
  readonly elapsedMs: number | undefined;
  readonly generator: GeneratorVerdict | undefined;
}

/**
 * The verdict on every KPI, in order. Where samples matched it is k6's, but for these, each of which the note explains:
 * - no sample: `no_data`, which counts as not met, with the nearest names that did occur (k6 passes it);
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
  return kpis.map((kpi) => {
    if (isServerMetric(kpi.metric)) {
      return judgeServer(kpi, metrics, context, (own, server) => judgeOne(own, server, context));
    }
    const metric = metrics.metrics.get(kpi.metric) ?? BUILTIN_METRICS.get(kpi.metric);
    if (metric !== undefined && !fitsMetric(kpi.unit, metric, kpi.statistic)) {
      return notJudged(
        kpi,
        `"${kpi.unit}" is no unit of ${kpi.metric}, which k6 measures in ${unitOf(metric, kpi.statistic)}`,
      );
    }
    const judged = judgeOne(metric === undefined ? kpi : inK6Unit(kpi, metric), metrics, context);
    return underLoad(discount(judged, metric, context.generator, iterationMs), metrics, context);
  });
}

function judgeOne(kpi: Kpi, metrics: RunMetrics, context: JudgeContext): JudgedKpi {
  return doubtWhereTagsAreLost(judgeWhatMatches(kpi, metrics, context), metrics.uncertain(kpi.metric, kpi.filter));
}

function judgeWhatMatches(kpi: Kpi, metrics: RunMetrics, context: JudgeContext): JudgedKpi {
  const whole = metrics.total(kpi.metric, kpi.filter);
  if (whole === undefined || whole.count === 0) return withoutSamples(kpi, metrics);
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

function withoutSamples(kpi: Kpi, metrics: RunMetrics): JudgedKpi {
  const ranSomething = metrics.total('iterations') !== undefined || metrics.total('http_reqs') !== undefined;
  if (!ABSENT_MEANS_ZERO.has(kpi.metric) || Object.keys(kpi.filter).length > 0 || !ranSomething) {
    return noData(kpi, whyNoData(kpi, metrics));
  }
  const reading: Reading = {
    actual: 0,
    verdict: meets(0, kpi.comparison, kpi.target) ? 'pass' : 'fail',
    samples: 0,
    notes: [],
  };
  return finish(kpi, reading, undefined);
}
