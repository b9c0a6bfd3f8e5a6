// The data of verdicts: what is judged, and the result.

import type { FindingKind } from './finding-kinds.ts';
import type { TagFilter } from './metrics.ts';

export const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** k6's aggregation methods: `p(95)`, `avg`, `min`, `max`, `med`, `count`, `rate`, `value`. */
export type Statistic = string;

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The worst of these severities; undefined if there are none. */
export function worstSeverity(severities: readonly Severity[]): Severity | undefined {
  return SEVERITIES.find((severity) => severities.includes(severity));
}

/** Compares for sort(), the worst first. */
export function bySeverity(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

/** The load that a target requires: a run with less load says nothing about the target. */
export interface LoadCondition {
  readonly requestsPerSecond?: number;
  readonly vus?: number;
}

/** Where a target is defined. */
export interface TargetOrigin {
  /** `PerformanceTargets:Catalog_Targets_v2` */
  readonly item: string;
  /** The version number in the key; null if it has none. */
  readonly version: number | null;
  /** The place within the item's value, such as `targets[2]` or `load.p95_ms`. */
  readonly field: string;
}

/** One target to judge, from whatever source. */
export interface Kpi {
  /**
   * Stable across runs: the id of the target, or the text of a threshold such as `http_req_duration{name:x} p(95)<250`.
   */
  readonly id: string;
  readonly metric: string;
  readonly filter: TagFilter;
  readonly statistic: Statistic;
  readonly comparison: Comparison;
  readonly target: number;
  readonly unit: string;
  readonly severity: Severity;
  /** True if the team declared the severity: it then holds however far the target is missed. */
  readonly severityIsDeclared?: boolean;
  /**
   * threshold: the script's options. target: PerformanceTargets. acceptance: AcceptanceCriteria. builtin: novaperf's
   * own.
   */
  readonly source: 'threshold' | 'target' | 'acceptance' | 'builtin';
  /** The target is judged only if the run reached this load. */
  readonly load?: LoadCondition;
  /** The ConPort item that the target comes from. */
  readonly origin?: TargetOrigin;
  /** k6's abortOnFail and delayAbortEval (milliseconds); thresholds only. */
  readonly abort?: { readonly delayMs: number };
  /** `steady`, or the name of a phase: only that part of the run is judged. */
  readonly during?: string;
  /** Every period of this length, milliseconds, must meet the target. */
  readonly overMs?: number;
  /** `fail`: no data counts as missed, even if k6 passes a threshold without samples. */
  readonly noData?: 'fail';
  /** For the built-in targets of a soak: smaller rises, in the metric's unit, do not count. */
  readonly leastRise?: number;
}

export const VERDICTS = ['pass', 'fail', 'no_data', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

const WORST_FIRST: readonly Verdict[] = ['fail', 'no_data', 'inconclusive', 'pass'];

/** Compares for sort(), the worst first. */
export function byVerdict(a: { readonly verdict: Verdict }, b: { readonly verdict: Verdict }): number {
  return WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict);
}

/**
 * How the interval supports the verdict. `firm`: it lies wholly on one side of the target. `provisional`: it does, but
 * the run is short. `open`: it spans the target. `unknown`: too few samples for an interval, or a statistic that has
 * none.
 */
export const CONFIDENCES = ['firm', 'provisional', 'open', 'unknown'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** True if a verdict counts against the run: missed, or without data if that is not allowed. */
export function isMissed({ verdict, noDataPasses }: Pick<JudgedKpi, 'verdict' | 'noDataPasses'>): boolean {
  return verdict === 'fail' || (verdict === 'no_data' && noDataPasses !== true);
}

/**
 * How a verdict was reached. `decided`: by a reliable 95 % interval. `indicative`: by a wider interval of a short run,
 * or by a distance to the target that noise hardly explains. `point`: by the value alone.
 */
export const VERDICT_METHODS = ['decided', 'indicative', 'point'] as const;
export type VerdictMethod = (typeof VERDICT_METHODS)[number];

/**
 * Why the verdict is what it is.
 * - `clear`: the interval lies on one side of the target
 * - `far_off`: there is no interval, but the value differs from the target by a factor of 2 (percentiles above p95: 3)
 * - `too_close`: the interval spans the target
 * - `too_short`: the run is too short for an interval
 * - `exact`: compared directly, because the value has no noise (a count) or the target is `==` or `!=`
 * - `k6_rule`: a threshold, judged by its value as k6 does
 * - `smoke`: smoke runs have no statistics, so the value alone decides
 * - `generator`: k6 or its machine may have caused the result
 * - `load_short`: the target passed, but below the requested load
 * - `no_samples`: nothing matched
 * - `warming_up`: the response times were still falling
 * - `wrong_unit`: the target's unit does not fit the metric
 * - `not_proven`: the relative rise is above its limit, but the absolute one is not, or noise may explain it
 * - `tags_lost`: more samples may match, see RunMetrics.uncertain
 */
export const VERDICT_REASONS = [
  'clear',
  'far_off',
  'too_close',
  'too_short',
  'exact',
  'k6_rule',
  'smoke',
  'generator',
  'load_short',
  'no_samples',
  'warming_up',
  'wrong_unit',
  'not_proven',
  'tags_lost',
] as const;
export type VerdictReason = (typeof VERDICT_REASONS)[number];

/**
 * Why a value has no 95 % interval.
 * - `smoke`: smoke runs have no statistics
 * - `exact`: the value has no noise, such as a count or an extreme
 * - `short`: the run has too few intervals of time
 * - `few_samples`: too few samples lie beyond the percentile
 * - `dependent`: consecutive samples are correlated, so there are too few independent ones
 * - `stretch`: the value is that of the worst period
 */
export const INTERVAL_ABSENCES = ['smoke', 'exact', 'short', 'few_samples', 'dependent', 'stretch'] as const;
export type IntervalAbsence = (typeof INTERVAL_ABSENCES)[number];

/** The runs of one build that an interval is computed from. */
export interface PooledRuns {
  /** Number of runs, including this one. */
  readonly runs: number;
  /** Mean over all runs; over the earlier ones only if `agrees` is false. */
  readonly mean: number;
  /**
   * False if this run lies outside the range expected from the earlier ones: the interval is then for its own value.
   */
  readonly agrees: boolean;
  /** The interval from this run alone; null: open on that side. */
  readonly ownLow: number | null;
  readonly ownHigh: number | null;
}

export interface JudgedKpi extends Kpi {
  readonly verdict: Verdict;
  /** For the verdict `no_data`: true if it is a warning, not a miss. */
  readonly noDataPasses?: boolean;
  readonly method: VerdictMethod;
  readonly reason: VerdictReason;
  /**
   * The run length, milliseconds, at which a verdict would be reached with about even odds; undefined if unknown or
   * decided.
   */
  readonly decidesAfterMs: number | undefined;
  /** undefined: no sample matched. */
  readonly actual: number | undefined;
  /** 95 % interval of the actual value; undefined if there is none. */
  readonly ciLow: number | undefined;
  readonly ciHigh: number | undefined;
  /** Set if the interval is computed over several runs of this build. */
  readonly pooled?: PooledRuns;
  /** Why there is a value but no interval; undefined if unknown, or if there is an interval. */
  readonly intervalAbsence?: IntervalAbsence;
  readonly confidence: Confidence;
  readonly samples: number;
  /**
   * A remark for the reader: why there is no data and similar names, which requests were left out, why it is
   * inconclusive.
   */
  readonly note: string | undefined;
}

/** A finding of the report, and its evidence. */
export interface Finding {
  /** Stable across versions. */
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** One sentence with the numbers. */
  readonly title: string;
  /** Further sentences: evidence, probable cause, next step. */
  readonly detail: string;
  /** Ids of the KPIs that it concerns. */
  readonly kpis: readonly string[];
  /** The most likely cause as a clause, such as `a leak, or a cache that is not full yet`. */
  readonly probableCause?: string;
  /** The endpoint that it concerns. */
  readonly endpoint?: string;
  /** Its amount in each interval, by the interval's start in epoch milliseconds; `movedWith` is derived from it. */
  readonly course?: ReadonlyMap<number, number>;
  /** Ids of missed KPIs that it may have caused, according to the evidence (analysis/findings/evidence.ts). */
  readonly movedWith?: readonly string[];
}
