// Judges the KPIs of a run: as k6 does if there are samples, with a reason if k6 gives none.

import { BUILTIN_METRICS } from '../../model/builtin-metrics.ts';
import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import type { EarlierRun, Judging } from '../../model/run.ts';
import { isServerMetric } from '../../model/server-metrics.ts';
import { driftBase, isOverTime, RISE } from '../../targets/drift-target.ts';
import { isStatisticOf, STATISTICS_OF } from '../../targets/threshold.ts';
import { fitsMetric, inK6Unit, unitOf } from '../../targets/unit.ts';
import type { GeneratorVerdict } from '../generator/generator.ts';
import type { IterationCounts } from '../load/iterations.ts';
import type { JudgedPartContext } from '../load/judged-part.ts';
import { underLoad } from '../load/load-condition.ts';
import type { RunWarmUp } from '../load/warm-up.ts';
import {
  answered,
  countsTransportFailures,
  totalOf,
  transportFilters,
  transportReasons,
} from '../requests/responses.ts';
import { adaptedToRun } from '../requests/succeeded.ts';
import { windowsOf } from '../statistics/kpi-interval.ts';
import { type EarlierValue, earlierValues } from '../statistics/pooled.ts';
import { judgeAbsence } from './absence.ts';
import { discount, discountDrift, discountLoad } from './discount.ts';
import { judgeDegradation, judgeMemory } from './judge-degradation.ts';
import { judgeDemand } from './judge-demand.ts';
import { judgeDrift } from './judge-drift.ts';
import { judgePart } from './judge-part.ts';
import { judgeServer } from './judge-server.ts';
import { type Answering, doubtWhereTagsAreLost, finish, noData, notJudged, type Rule, readPart } from './reading.ts';

export { marginPercent } from '../statistics/statistic.ts';

export interface JudgeContext extends JudgedPartContext {
  /**
   * k6's run time, from before setup() to after teardown(), by which the rate of a counter is divided. undefined: first
   * to last sample.
   */
  readonly elapsedMs: number | undefined;
  readonly generator: GeneratorVerdict | undefined;
  /** For the built-in KPIs on the load. */
  readonly iterations?: Pick<IterationCounts, 'open' | 'dropped'> | undefined;
  readonly profile: ScenarioPlan['profile'];
  readonly judging: Judging;
  /** Excluded from response times in targets, unless `judging` keeps it. */
  readonly warmUp?: RunWarmUp | undefined;
  /** Earlier runs of the same build and load; their values are combined with this one's. */
  readonly earlier?: readonly EarlierRun[] | undefined;
}

/** Thresholds are judged as k6 does, unless `judging` makes them certain; a smoke run is judged by its values alone. */
export function ruleOf({ source, metric }: Kpi, { profile, judging }: JudgeContext): Rule {
  // Readings of the system under test are not samples of many requests: their figures are facts of the run.
  if (source === 'builtin' || isServerMetric(metric)) return 'exact';
  if (source === 'threshold' && judging.thresholds === 'k6') return 'k6_rule';
  return traitsOf(profile).isStatistical ? 'interval' : 'smoke';
}

/**
 * The verdict on every KPI, in their order.
 *
 * Percentiles are within 0.1 % of k6's, so a target that close to the actual value may be judged either way.
 */
export function judge(kpis: readonly Kpi[], metrics: RunMetrics, context: JudgeContext): JudgedKpi[] {
  const iterationMs = metrics.total('iteration_duration')?.mean;
  const one: OneContext = { ...context, kpis };
  const judgements = kpis.map((kpi): JudgedKpi => {
    if (kpi.statistic === RISE) return judgeMemory(kpi, metrics, context);
    if (isServerMetric(kpi.metric)) {
      return judgeServer(kpi, metrics, context, (own, server) => judgeOne(own, server, one));
    }
    if (kpi.source === 'builtin' && context.iterations !== undefined) {
      const onLoad = judgeDemand(kpi, context.iterations);
      if (onLoad !== undefined) return discountLoad(onLoad, context.generator);
    }
    if (isOverTime(kpi.statistic)) return discountDrift(judgeOverTime(kpi, metrics, one), context.generator);
    const metric = metrics.metrics.get(kpi.metric) ?? BUILTIN_METRICS.get(kpi.metric);
    if (metric !== undefined && !fitsMetric(kpi.unit, metric, kpi.statistic)) {
      return notJudged(
        kpi,
        `the unit "${kpi.unit}" does not fit ${kpi.metric}, which k6 measures in ${unitOf(metric, kpi.statistic)}`,
      );
    }
    const judged = judgeOne(metric === undefined ? kpi : inK6Unit(kpi, metric), metrics, one);
    const sure =
      kpi.source === 'builtin'
        ? discountLoad(judged, context.generator)
        : discount(judged, metric, context.generator, iterationMs);
    return underLoad(sure, metrics, context);
  });
  return traitsOf(context.profile).isStatistical ? judgements : judgements.map(withoutStatistics);
}

/** A smoke run reports only its values. */
function withoutStatistics(kpi: JudgedKpi): JudgedKpi {
  const bare = { ...kpi, ciLow: undefined, ciHigh: undefined, confidence: 'unknown' as const };
  return kpi.actual === undefined || kpi.intervalAbsence === 'exact' ? bare : { ...bare, intervalAbsence: 'smoke' };
}

function judgeOverTime(kpi: Kpi, metrics: RunMetrics, context: OneContext): JudgedKpi {
  const warmUp = leftOutWarmUp(context);
  const after = warmUp?.isOver === true ? { ...context, notBeforeMs: warmUp.endMs } : context;
  const base = driftBase(kpi.statistic);
  if (base === undefined) return judgeDegradation(kpi, metrics, after);
  const whole = metrics.total(kpi.metric, kpi.filter);
  if (whole === undefined || whole.count === 0) return judgeAbsence(kpi, metrics, context.kpis);
  if (whole.type !== 'trend') return noData(kpi, `${kpi.metric} is a ${whole.type}; only trends can drift`);
  return judgeDrift(kpi, base, metrics, after);
}

function judgeOne(kpi: Kpi, metrics: RunMetrics, context: OneContext): JudgedKpi {
  const answerable = adaptedToRun(kpi, metrics);
  const earlier = earlierValues(kpi, context.earlier ?? []);
  const judged = judgeWhatMatches(answerable, metrics, { ...context, earlierValues: earlier });
  return {
    ...doubtWhereTagsAreLost(judged, metrics.uncertain(answerable.metric, answerable.filter)),
    filter: kpi.filter,
  };
}

/** With all KPIs of the run: those on one metric show its type. */
type OneContext = JudgeContext & { readonly kpis: readonly Kpi[] };

/** With the earlier runs' values of this KPI. */
type KpiContext = OneContext & { readonly earlierValues: readonly EarlierValue[] };

function judgeWhatMatches(kpi: Kpi, metrics: RunMetrics, context: KpiContext): JudgedKpi {
  const whole = metrics.total(kpi.metric, kpi.filter);
  if (whole === undefined || whole.count === 0) return judgeAbsence(kpi, metrics, context.kpis);
  const gaugeExtra =
    whole.type === 'gauge' && kpi.source !== 'threshold' && ['avg', 'min', 'max'].includes(kpi.statistic);
  if (!isStatisticOf(whole.type, kpi.statistic) && !gaugeExtra) {
    const able = STATISTICS_OF[whole.type].join(', ');
    return noData(kpi, `${kpi.metric} is a ${whole.type}, which has ${able}, but not ${kpi.statistic}`);
  }
  const answering: Answering = { rule: ruleOf(kpi, context), earlier: context.earlierValues };
  const transportFailures = countsTransportFailures(kpi) ? transportFilters(kpi, metrics) : [];
  const warmUp = answering.rule === 'interval' && whole.type === 'trend' ? leftOutWarmUp(context) : undefined;
  if (warmUp !== undefined) return withoutWarmUp(kpi, transportFailures, metrics, { ...context, warmUp }, answering);
  if (kpi.during === undefined && kpi.overMs === undefined) {
    const part = {
      all: whole,
      failed: totalOf(kpi.metric, transportFailures, metrics),
      elapsedMs: elapsedOf(metrics, context),
    };
    const reading = readPart(kpi, part, transportReasons(kpi, transportFailures, metrics));
    const windows = windowsOf(kpi, metrics);
    return finish(
      kpi,
      reading,
      reading.of === 'all' ? windows : answered(windows, kpi, transportFailures, metrics),
      answering,
    );
  }
  return judgePart(kpi, transportFailures, metrics, context, answering);
}

/** The warm-up that targets are judged without; undefined if there is none, or it is to count. */
function leftOutWarmUp({ warmUp, judging }: JudgeContext): RunWarmUp | undefined {
  return judging.warmUp === 'keep' ? undefined : warmUp;
}

/** Judges from the end of the warm-up; if the warm-up may not be over, the KPI cannot be judged. */
function withoutWarmUp(
  kpi: Kpi,
  transportFailures: Kpi['filter'][],
  metrics: RunMetrics,
  context: JudgeContext & { readonly warmUp: RunWarmUp },
  answering: Answering,
): JudgedKpi {
  const { warmUp, loadStartMs } = context;
  const judged = judgePart(kpi, transportFailures, metrics, { ...context, notBeforeMs: warmUp.endMs }, answering);
  const lengthS = Math.round((warmUp.endMs - (loadStartMs ?? metrics.firstSampleMs ?? warmUp.endMs)) / 1000);
  const note = warmUp.isOver
    ? `without the warm-up (the first ${lengthS} s)`
    : 'response times were still falling in the middle of the steady load, so the warm-up may not have ended';
  const noted = { ...judged, note: [judged.note, note].filter((text) => text !== undefined).join('; ') };
  return warmUp.isOver || judged.verdict === 'no_data'
    ? noted
    : { ...noted, verdict: 'inconclusive', method: 'point', reason: 'warming_up', decidesAfterMs: undefined };
}

function elapsedOf(metrics: RunMetrics, context: JudgeContext): number | undefined {
  if (context.elapsedMs !== undefined) return context.elapsedMs;
  const { firstSampleMs, lastSampleMs } = metrics;
  return firstSampleMs === undefined || lastSampleMs === undefined ? undefined : lastSampleMs - firstSampleMs;
}
