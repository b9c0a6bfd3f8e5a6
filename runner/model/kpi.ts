// The plain data of the verdict stage: what is to be judged, and what was judged of it.

import type { FindingKind } from './finding-kinds.ts';
import type { TagFilter } from './metrics.ts';

export const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** k6's aggregation methods: `p(95)`, `avg`, `min`, `max`, `med`, `count`, `rate`, `value`. */
export type Statistic = string;

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The worst of these; undefined for none. */
export function worstSeverity(severities: readonly Severity[]): Severity | undefined {
  return SEVERITIES.find((severity) => severities.includes(severity));
}

/** For sort(): the worst first. */
export function bySeverity(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

/** The load that a target holds at: a run with less of it says nothing about the target. */
export interface LoadCondition {
  readonly requestsPerSecond?: number;
  readonly vus?: number;
}

/** Where a target is written down. */
export interface TargetOrigin {
  /** `PerformanceTargets:Catalog_Targets_v2` */
  readonly item: string;
  /** The number in the key; null for a key without one. */
  readonly version: number | null;
  /** The place within the item's value, such as `targets[2]` or `load.p95_ms`. */
  readonly field: string;
}

/** One thing to judge, wherever it came from. */
export interface Kpi {
  /** Stable across runs: the id of the target, or the threshold's own text such as `http_req_duration{name:x} p(95)<250`. */
  readonly id: string;
  readonly metric: string;
  readonly filter: TagFilter;
  readonly statistic: Statistic;
  readonly comparison: Comparison;
  readonly target: number;
  readonly unit: string;
  readonly severity: Severity;
  /** The team itself gave the severity: it holds, however far the target is missed. */
  readonly severityIsDeclared?: boolean;
  /** threshold: the script's own options; target: PerformanceTargets; acceptance: AcceptanceCriteria; builtin: ours. */
  readonly source: 'threshold' | 'target' | 'acceptance' | 'builtin';
  /** Judged only where the run reached this load. */
  readonly load?: LoadCondition;
  /** The ConPort item that a target comes from. */
  readonly origin?: TargetOrigin;
  /** k6's abortOnFail and delayAbortEval (milliseconds); thresholds only. */
  readonly abort?: { readonly delayMs: number };
  /** `steady`, or the name of a phase: only that part of the run is judged. */
  readonly during?: string;
  /** Every stretch of this many milliseconds must meet it. */
  readonly overMs?: number;
  /** `fail`: no data counts as missed, also where k6 passes a threshold without samples. */
  readonly noData?: 'fail';
  /** Of what a soak asks by itself: a smaller rise than this, in the metric's unit, is none. */
  readonly leastRise?: number;
}

export const VERDICTS = ['pass', 'fail', 'no_data', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

const WORST_FIRST: readonly Verdict[] = ['fail', 'no_data', 'inconclusive', 'pass'];

/** For sort(): the worst first. */
export function byVerdict(a: { readonly verdict: Verdict }, b: { readonly verdict: Verdict }): number {
  return WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict);
}

/** How sure the interval makes us: `firm` = it lies wholly on one side of the target; `provisional` = it does, but the run is
 * short; `open` = it spans the target; `unknown` = too few samples for an interval, or a statistic that has none. */
export const CONFIDENCES = ['firm', 'provisional', 'open', 'unknown'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** Whether a verdict counts against the run: missed, or without data where that is not allowed. */
export function isMissed({ verdict, noDataPasses }: Pick<JudgedKpi, 'verdict' | 'noDataPasses'>): boolean {
  return verdict === 'fail' || (verdict === 'no_data' && noDataPasses !== true);
}

/**
 * How a verdict was reached. `decided`: by a 95 % interval that keeps its promise. `indicative`: by a wider interval from a
 * short run, or by a distance to the target that noise hardly explains. `point`: by the value alone.
 */
export const VERDICT_METHODS = ['decided', 'indicative', 'point'] as const;
export type VerdictMethod = (typeof VERDICT_METHODS)[number];

/**
 * Why the verdict is what it is; the words are made where it is shown.
 * - `clear`: the interval lies on one side of the target;      `far_off`: no interval, but the value is 2 or 3 times off
 * - `too_close`: the interval spans the target;                `too_short`: no interval can be given yet
 * - `exact`: the statistic is a fact of the run, without noise `k6_rule`: a threshold, judged as k6 does
 * - `smoke`: a smoke run judges nothing by its noise           `generator`: k6 itself was the cause
 * - `load_short`: met, under less load than asked for          `no_samples`: nothing matched
 * - `wrong_unit`: the target's unit is none of the metric's
 * - `not_proven`: a rise beyond one limit of two, or one that noise may explain
 * - `warming_up`: the response times were still falling      `tags_lost`: more samples may match, see RunMetrics.uncertain
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
 * - `smoke`: a smoke run claims no statistics        `exact`: a count or an extreme is a fact of the run
 * - `short`: too few intervals of time               `few_samples`: too few samples beyond the percentile
 * - `dependent`: neighbouring samples are so alike that they are worth too few independent ones
 * - `stretch`: the value is that of the worst stretch of the run
 */
export const INTERVAL_ABSENCES = ['smoke', 'exact', 'short', 'few_samples', 'dependent', 'stretch'] as const;
export type IntervalAbsence = (typeof INTERVAL_ABSENCES)[number];

/** The runs of one build that an interval is made from. */
export interface PooledRuns {
  /** How many, this one among them. */
  readonly runs: number;
  /** Of all of them; of the earlier ones where this run does not agree with them. */
  readonly mean: number;
  /** false: this run lies outside what the earlier ones let expect, so the interval is about its own value. */
  readonly agrees: boolean;
  /** The interval that this run alone gives; null: open on that side. */
  readonly ownLow: number | null;
  readonly ownHigh: number | null;
}

export interface JudgedKpi extends Kpi {
  readonly verdict: Verdict;
  /** With the verdict `no_data`: it is a warning and not a miss. */
  readonly noDataPasses?: boolean;
  readonly method: VerdictMethod;
  readonly reason: VerdictReason;
  /** A run of this length, milliseconds, would decide with about even odds; undefined where that is not known or decided. */
  readonly decidesAfterMs: number | undefined;
  /** undefined: no sample matched. */
  readonly actual: number | undefined;
  /** 95 % interval of the actual value; undefined where none can be given. */
  readonly ciLow: number | undefined;
  readonly ciHigh: number | undefined;
  /** The interval is over several runs of this build; absent: over this run alone. */
  readonly pooled?: PooledRuns;
  /** Why there is a value without an interval; undefined where that is not known, or there is one. */
  readonly intervalAbsence?: IntervalAbsence;
  readonly confidence: Confidence;
  readonly samples: number;
  /** What a reader must know: why there is no data and the nearest names, which requests were left out, why inconclusive. */
  readonly note: string | undefined;
}

/** Where in a report a finding leads, and what it rests on. */
export interface Finding {
  /** Stable from version to version. */
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** One sentence, with the numbers. */
  readonly title: string;
  /** More sentences: evidence, probable cause, next step. */
  readonly detail: string;
  /** Ids of the KPIs it is about. */
  readonly kpis: readonly string[];
  /** The likeliest cause as a clause, such as `a leak, or a cache that is not full yet`. */
  readonly probableCause?: string;
  /** The endpoint that it is about. */
  readonly endpoint?: string;
  /** How much of it there was in each interval, by the interval's start in epoch milliseconds: from this follows `movedWith`. */
  readonly course?: ReadonlyMap<number, number>;
  /** Ids of missed KPIs for which evidence shows that it may be a cause (analysis/findings/evidence.ts). */
  readonly movedWith?: readonly string[];
}
