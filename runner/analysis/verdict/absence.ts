// Judges a KPI without samples: what k6 makes of it, or no data with the reason.

import { BUILTIN_METRICS, SYSTEM_TAGS } from '../../model/builtin-metrics.ts';
import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import type { MetricType, RunMetrics } from '../../model/metrics.ts';
import { boundOf, meets } from '../statistics/statistic.ts';
import { whyNoData } from './no-data.ts';
import { finish, noData } from './reading.ts';

/**
 * The verdict on a KPI without a sample. k6 v2.2.0 compares the result 0 of an empty counter, gauge or trend with the
 * threshold and passes every threshold on a rate (metrics/thresholds.go). test/analysis/verdict/absence.slow.test.ts
 * compares this table with k6:
 *
 * | metric  | target                                              | k6         | here                            |
 * |---------|-----------------------------------------------------|------------|---------------------------------|
 * | counter | any                                                 | compares 0 | compares 0: nothing was counted |
 * | rate    | upper bound, or == 0                                | passes     | met with 0: nothing was counted |
 * | rate    | lower bound                                         | passes     | no data                         |
 * | gauge   | any                                                 | compares 0 | no data                         |
 * | trend   | any                                                 | compares 0 | no data                         |
 * | any     | tag that no sample of the run has                   | as above   | no data: misspelt tag?          |
 * | any     | name, url, check or group that the metric never had | as above   | no data: misspelt value?        |
 * | any     | metric that the run does not have                   | rejects it | no data: misspelt metric?       |
 *
 * `no data` counts as missed if k6 fails the threshold, if the KPI says so (`noData: 'fail'`), and for targets of the
 * project on response times. Otherwise it is a warning.
 */
export function judgeAbsence(kpi: Kpi, metrics: RunMetrics, kpis: readonly Kpi[], why?: string): JudgedKpi {
  const type = typeOf(kpi, metrics, kpis);
  const reason = why ?? whyNoData(kpi, metrics);
  const isKnown = type !== undefined && metrics.firstSampleMs !== undefined && !isMisspelt(kpi, metrics);
  if (isKnown && canBeZero(type, kpi)) {
    const verdict = meets(0, kpi.comparison, kpi.target) ? 'pass' : 'fail';
    // A miss may come from a misspelt value, so existing values are named.
    const note = verdict === 'pass' ? 'nothing was counted' : reason;
    return finish(kpi, { actual: 0, verdict, of: 'all', samples: 0, notes: [note] }, undefined, {
      rule: 'exact',
      earlier: [],
    });
  }
  return { ...noData(kpi, reason), noDataPasses: !isFailure(kpi, type) };
}

/** True if k6 passes the threshold without samples. */
export function k6PassesNothing(type: MetricType | undefined, kpi: Pick<Kpi, 'comparison' | 'target'>): boolean {
  return type === 'rate' || meets(0, kpi.comparison, kpi.target);
}

/**
 * The type of the metric, if the run knows it. k6 rejects thresholds on undeclared metrics, so that of a threshold
 * exists. k6 reveals the type with the first sample; before that, only the statistics that thresholds use show it.
 */
function typeOf(kpi: Kpi, metrics: RunMetrics, kpis: readonly Kpi[]): MetricType | undefined {
  const known = metrics.metrics.get(kpi.metric) ?? BUILTIN_METRICS.get(kpi.metric);
  if (known !== undefined) return known.type;
  if (kpi.source !== 'threshold') return undefined;
  const asked = new Set(
    kpis.flatMap(({ metric, source, statistic }) => (metric === kpi.metric && source === 'threshold' ? statistic : [])),
  );
  if (asked.has('count')) return 'counter';
  if (asked.has('value')) return 'gauge';
  // Counters have a rate too, but thresholds rarely use it alone.
  return asked.has('rate') ? 'rate' : 'trend';
}

/**
 * Tags that name a part of the script. If a value never occurred, it is misspelt; a status or outcome may just not have
 * happened.
 */
const NAMING_TAGS: ReadonlySet<string> = new Set(['name', 'url', 'check', 'group']);

/**
 * True if a tag of the filter is on no sample of any metric and is not one of k6's (its error tags occur only with
 * errors), or names a part of the script without samples although the metric has some.
 */
function isMisspelt({ metric, filter }: Kpi, { series }: RunMetrics): boolean {
  const occurred = series.some((each) => each.metric.name === metric);
  return Object.entries(filter).some(([tag, value]) => {
    if (!SYSTEM_TAGS.has(tag)) return !series.some(({ tags }) => Object.hasOwn(tags, tag));
    return occurred && NAMING_TAGS.has(tag) && !series.some(({ tags }) => tags[tag] === value);
  });
}

function canBeZero(type: MetricType, kpi: Kpi): boolean {
  if (type === 'counter') return true;
  return type === 'rate' && boundOf(kpi.comparison) !== 'lower' && meets(0, kpi.comparison, kpi.target);
}

function isFailure(kpi: Kpi, type: MetricType | undefined): boolean {
  if (kpi.noData === 'fail') return true;
  if (kpi.source === 'threshold') return !k6PassesNothing(type, kpi);
  const isTime = type === undefined ? !['count', 'rate', 'value'].includes(kpi.statistic) : type === 'trend';
  return kpi.source !== 'builtin' && isTime;
}
