// Computes the value of a KPI and compares it with the target, over all requests and over those with a response.

import type { IntervalAbsence, JudgedKpi, Kpi, Verdict } from '../../model/kpi.ts';
import type { Aggregate } from '../../model/metrics.ts';
import { withUnit } from '../../text/format.ts';
import { without } from '../requests/responses.ts';
import { byValue, type Decision, decide } from '../statistics/decide.ts';
import { INDICATIVE_TAIL, MIN_WINDOWS } from '../statistics/effective-samples.ts';
import type { GradedInterval } from '../statistics/interval.ts';
import { confidenceOf, intervalOf, type KpiWindows } from '../statistics/kpi-interval.ts';
import { type EarlierValue, pooledInterval } from '../statistics/pooled.ts';
import { boundOf, comparedValue, meets, quantileOf, worstOf } from '../statistics/statistic.ts';

/** The samples to judge: all of them, and those among them without a response. */
export interface Part {
  readonly all: Aggregate;
  readonly failed: Aggregate | undefined;
  readonly elapsedMs: number | undefined;
}

/** The value of a KPI's samples. */
export interface Reading {
  readonly actual: number | undefined;
  /** The comparison with the target, as in k6; `no_data` if there is no value. */
  readonly verdict: Extract<Verdict, 'pass' | 'fail' | 'no_data'>;
  /** Which samples the value covers. */
  readonly of: 'all' | 'responses';
  readonly samples: number;
  readonly notes: readonly string[];
}

/**
 * Computes and compares the statistic of a part. If some requests got no response, the target must hold over all
 * samples and over those with a response; `reasons` explains why there was none.
 */
export function readPart(kpi: Kpi, part: Part, reasons: string): Reading {
  const k6Figure = comparedValue(part.all, kpi, part.elapsedMs);
  const samples = part.all.count;
  if (k6Figure === undefined) {
    return {
      actual: undefined,
      verdict: 'no_data',
      of: 'all',
      samples,
      notes: ['the run has no duration, so there is no rate'],
    };
  }
  const met = meets(k6Figure, kpi.comparison, kpi.target);
  if (part.failed === undefined || part.failed.count === 0) {
    const notes = isTooClose(kpi, part.all, k6Figure)
      ? ['it is within 0.1 % of the target, the accuracy of percentiles here, so k6 may have another result']
      : [];
    return { actual: k6Figure, verdict: met ? 'pass' : 'fail', of: 'all', samples, notes };
  }
  const failed = `${part.failed.count} of ${samples} requests got no response: ${reasons}`;
  const responses = without(part.all, part.failed);
  const ofResponses = responses && comparedValue(responses, kpi, part.elapsedMs);
  if (responses === undefined || ofResponses === undefined) {
    const note = `${failed}; k6 counts them as ${withUnit(k6Figure, kpi.unit)}`;
    return met
      ? { actual: undefined, verdict: 'no_data', of: 'all', samples: 0, notes: [note] }
      : { actual: k6Figure, verdict: 'fail', of: 'all', samples, notes: [note] };
  }
  const both = met && meets(ofResponses, kpi.comparison, kpi.target);
  const actual = worstOf([k6Figure, ofResponses], kpi);
  const note = `${failed}; ${kpi.statistic} is ${withUnit(ofResponses, kpi.unit)} over requests with a response and ${withUnit(k6Figure, kpi.unit)} over all, as k6 counts`;
  return {
    actual,
    verdict: both ? 'pass' : 'fail',
    of: actual === k6Figure ? 'all' : 'responses',
    samples: actual === k6Figure ? samples : responses.count,
    notes: [note],
  };
}

/** True if the histogram's resolution decides: for a percentile that is neither the minimum nor the maximum. */
function isTooClose(kpi: Kpi, all: Aggregate, actual: number): boolean {
  if (all.type !== 'trend' || quantileOf(kpi.statistic) === undefined) return false;
  if (actual === all.min || actual === all.max) return false;
  return Math.abs(actual - kpi.target) <= 0.001 * Math.abs(actual);
}

/** How a KPI is judged: by its interval, or by its value for one of these reasons. */
export type Rule = 'interval' | 'exact' | 'k6_rule' | 'smoke';

/** The rule, and the values of the KPI in earlier runs of the build. */
export interface Answering {
  readonly rule: Rule;
  readonly earlier: readonly EarlierValue[];
}

/** Completes the KPI with its reading. `windows`: what its value was measured over; undefined if it has no interval. */
export function finish(
  kpi: Kpi,
  reading: Reading,
  windows: KpiWindows | undefined,
  { rule, earlier }: Answering,
): JudgedKpi {
  const { actual, samples, notes } = reading;
  const own = windows && intervalOf(kpi.statistic, windows);
  const pooled = own && actual !== undefined ? pooledInterval(actual, own, earlier, isShare(windows)) : undefined;
  const interval = own && { ...own, ...pooled?.interval };
  const absence = interval === undefined && actual !== undefined ? absenceOf(kpi, samples, windows) : undefined;
  return {
    ...kpi,
    ...answer(kpi, reading, windows, interval, rule, pooled !== undefined),
    actual,
    ciLow: interval?.low,
    ciHigh: interval?.high,
    ...(pooled === undefined ? {} : { pooled: pooled.runs }),
    ...(absence === undefined ? {} : { intervalAbsence: absence }),
    confidence: confidenceOf(kpi, interval),
    samples,
    note: notes.length === 0 ? undefined : notes.join('; '),
  };
}

function isShare({ aggregates }: KpiWindows): boolean {
  return aggregates.find((aggregate) => aggregate !== undefined)?.type === 'rate';
}

/** Why these windows give no interval. */
function absenceOf(
  { statistic, overMs }: Kpi,
  samples: number,
  windows: KpiWindows | undefined,
): IntervalAbsence | undefined {
  if (windows === undefined) return overMs === undefined ? 'exact' : 'stretch';
  const type = windows.aggregates.find((aggregate) => aggregate !== undefined)?.type;
  if (type === undefined) return undefined;
  if (!isNoisy(type, statistic)) return 'exact';
  if (windows.aggregates.length < MIN_WINDOWS) return 'short';
  const q = quantileOf(statistic);
  return q !== undefined && samples * Math.min(q, 1 - q) < INDICATIVE_TAIL ? 'few_samples' : 'dependent';
}

function answer(
  kpi: Kpi,
  { actual, verdict, samples }: Reading,
  windows: KpiWindows | undefined,
  interval: GradedInterval | undefined,
  rule: Rule,
  isPooled: boolean,
): Omit<Decision, 'verdict'> & { readonly verdict: Verdict } {
  if (actual === undefined) return { verdict, ...NOTHING_READ };
  if (rule !== 'interval') return byValue(kpi, actual, rule);
  const type = windows?.aggregates.find((aggregate) => aggregate !== undefined)?.type;
  if (windows === undefined || type === undefined || !isNoisy(type, kpi.statistic))
    return byValue(kpi, actual, 'exact');
  return decide(kpi, {
    value: actual,
    samples,
    interval,
    isPooled,
    windows: windows.aggregates.length,
    lengthMs: windows.aggregates.length * windows.lengthMs,
  });
}

/**
 * True if another run of the same service would give another value; counts, extremes and gauges are facts of this one.
 */
function isNoisy(type: Aggregate['type'], statistic: Kpi['statistic']): boolean {
  if (type === 'rate' || type === 'counter') return statistic === 'rate';
  const q = quantileOf(statistic);
  return type === 'trend' && (statistic === 'avg' || (q !== undefined && q > 0 && q < 1));
}

const NOTHING_READ = { method: 'point', reason: 'no_samples', decidesAfterMs: undefined } as const;

/** The KPI without data, and why. */
export function noData(kpi: Kpi, note: string): JudgedKpi {
  return {
    ...kpi,
    verdict: 'no_data',
    ...NOTHING_READ,
    actual: undefined,
    ciLow: undefined,
    ciHigh: undefined,
    confidence: 'unknown',
    samples: 0,
    // A built-in target is missed only by what the run showed, never because of missing samples.
    ...(kpi.source === 'builtin' ? { noDataPasses: true } : {}),
    note,
  };
}

/**
 * The KPI judged over the samples that surely match its filter. Inconclusive if `uncertain` further ones may match,
 * because series beyond the cap lost a tag that it names.
 */
export function doubtWhereTagsAreLost(kpi: JudgedKpi, uncertain: number): JudgedKpi {
  if (uncertain === 0 || isSettled(kpi)) return kpi;
  const note = `${uncertain} more samples may match this filter: they lost their tags because of the limit of series`;
  return {
    ...kpi,
    verdict: 'inconclusive',
    reason: 'tags_lost',
    note: kpi.note === undefined ? note : `${note}; ${kpi.note}`,
  };
}

/** True if more samples cannot change the verdict: they only increase a count or maximum and decrease a minimum. */
function isSettled({ statistic, verdict, comparison, actual }: JudgedKpi): boolean {
  if (actual === undefined || (verdict !== 'pass' && verdict !== 'fail')) return false;
  const bound = boundOf(comparison);
  const grows = statistic === 'count' || statistic === 'max';
  if (grows) return verdict === (bound === 'upper' ? 'fail' : bound === 'lower' ? 'pass' : undefined);
  return statistic === 'min' && verdict === (bound === 'lower' ? 'fail' : bound === 'upper' ? 'pass' : undefined);
}

/** A target that this run cannot judge, whatever it measured; `note` says why. */
export function notJudged(kpi: Kpi, note: string): JudgedKpi {
  return { ...noData(kpi, note), verdict: 'inconclusive', reason: 'wrong_unit' };
}
