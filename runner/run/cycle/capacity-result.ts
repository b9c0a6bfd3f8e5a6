// The result of a capacity search from its steps: which met the targets, what broke first, and `capacity` of result.json.

import { basename } from 'node:path';
import {
  afterWarmUp,
  figuresWithin,
  metWithin,
  type StepFigures,
  startedWithin,
} from '../../analysis/capacity/step-warm-up.ts';
import { errorShareOf, p95Of, rateOf } from '../../analysis/result/run-figures.ts';
import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics, TimeRange } from '../../model/metrics.ts';
import { isRequestError } from '../../model/protocols.ts';
import { isMissedKpi, type Result } from '../../model/result.ts';
import { capacityTitle, heldText } from '../../report/view/capacity.ts';
import { oneLine } from '../../text/display-text.ts';
import { percent } from '../../text/format.ts';
import type { JudgedRun } from '../results/baseline.ts';

/** An open model that starts a smaller share of the requested iterations has no free virtual users: the load was not held. */
const LEAST_ACHIEVED = 0.97;

/** Judged by the value of the step, not its interval: the neighbouring steps confirm the result. */
function isBeyond(kpi: Result['kpis'][number]): boolean {
  return isMissedKpi(kpi) || (kpi.verdict === 'inconclusive' && kpi.margin_percent !== null && kpi.margin_percent < 0);
}

/** The part of a step that counts. */
interface Counted extends TimeRange {
  /** Ids of the targets that it meets. */
  readonly met: ReadonlySet<string>;
}

/** A step without its warm-up; undefined if it has none. */
export function countedOf(kpis: readonly Kpi[], metrics: RunMetrics): Counted | undefined {
  const range = afterWarmUp(metrics);
  return range && { ...range, met: metWithin(kpis, metrics, range) };
}

interface HowHeld {
  readonly isOpen: boolean;
  /** The miss that ended the step early, and because of which it started fewer iterations than requested. */
  readonly missedFor: string | undefined;
  /** How much response times still rose when the step reached its maximum duration. */
  readonly growth: number | undefined;
  /** The step without its warm-up; undefined if all of it counts. */
  readonly counted: Counted | undefined;
}

/** Why a step did not meet the targets, the clearest reason first; empty if it met them. */
export function missesOf(
  { result, metrics }: Pick<JudgedRun, 'result' | 'metrics'>,
  { isOpen, missedFor, growth, counted }: HowHeld,
): string[] {
  if (missedFor !== undefined) return [oneLine(missedFor, 200)];
  const { kpis, generator, status, status_reason: reason } = result;
  const missed = kpis
    .filter((kpi) => isBeyond(kpi) && kpi.source !== 'builtin' && counted?.met.has(kpi.id) !== true)
    .map(({ expression }) => expression);
  const started = counted === undefined ? (generator.achieved_rate ?? 1) : startedWithin(metrics, counted);
  // The built-in targets on the load would repeat this in counts of the whole step.
  const isBuiltinMissed = counted === undefined && kpis.some((kpi) => isBeyond(kpi) && kpi.source === 'builtin');
  const isShort = isBuiltinMissed || started < LEAST_ACHIEVED;
  const notHeld = isOpen && isShort ? [`only ${percent(started)} of the requested iterations were started`] : [];
  const broken = status === 'error' || status === 'aborted' ? [reason] : [];
  const growing =
    growth === undefined
      ? []
      : [`not stable: response times still rose, by ${percent(growth)} over the last two thirds`];
  return [...broken, ...missed, ...notHeld, ...growing].map((text) => oneLine(text, 200));
}

function brokenFirst(result: Result, missed: readonly string[]): string[] {
  const endpoints = result.kpis.flatMap((kpi) =>
    isBeyond(kpi) && kpi.filter.name !== undefined ? [kpi.filter.name] : [],
  );
  const errors = result.errors
    .filter(isRequestError)
    .toSorted((x, y) => y.count - x.count)
    .map(
      ({ endpoint, status, message }) =>
        `${endpoint}${status === '' ? '' : `, ${status}`}${status === '' ? ` ${message}` : ''}`,
    );
  const slowest = result.endpoints.toSorted((x, y) => (y.p95 ?? 0) - (x.p95 ?? 0))[0]?.name;
  const full = result.findings
    .filter(({ kind }) => kind === 'server_exhausted' || kind === 'server_busy')
    .map(({ title }) => (/^[A-Z][a-z]/.test(title) ? `${title.charAt(0).toLowerCase()}${title.slice(1)}` : title));
  const first = errors[0] ?? endpoints[0] ?? slowest ?? missed[0];
  return [...(first === undefined ? [] : [first]), ...full.slice(0, 2)].map((text) => oneLine(text, 200));
}

interface Held {
  readonly load: number;
  readonly why: string;
  readonly missed: readonly string[];
  readonly heldUntil: CapacityStep['held_until'];
  readonly counted: Counted | undefined;
}

function figuresOf(result: Result): StepFigures {
  return {
    requestsPerS: rateOf(result),
    p50Ms: result.latency?.med ?? null,
    p95Ms: p95Of(result),
    errorShare: errorShareOf(result),
  };
}

/** A step of result.json, from its load and its result. */
export function stepOf(
  { folder, result, metrics }: JudgedRun,
  { load, why, missed, heldUntil, counted }: Held,
): CapacityStep {
  const figures = counted === undefined ? figuresOf(result) : figuresWithin(metrics, counted);
  return {
    ...{ load, why, is_met: missed.length === 0, missed: missed.join('; ') },
    ...{ held_until: heldUntil, ended_early: heldUntil === 'missed' },
    warm_up_ms: counted === undefined ? 0 : Math.max(0, counted.fromMs - (metrics.firstSampleMs ?? counted.fromMs)),
    requests_per_s: figures.requestsPerS,
    p50_ms: figures.p50Ms,
    p95_ms: figures.p95Ms,
    error_share: figures.errorShare,
    started_at: result.started_at,
    duration_ms: result.duration_ms,
    run: basename(folder),
  };
}

function targetOf({ metric, filter, statistic, comparison, target, unit }: Result['kpis'][number]) {
  return { metric, filter, statistic, comparison, target, unit };
}

interface Searched {
  readonly model: 'open' | 'closed';
  readonly base: number;
  readonly limit: number | null;
  readonly found: {
    readonly load: number | undefined;
    readonly missedAt: number | undefined;
    readonly isConfirmed: boolean;
  };
  readonly steps: readonly CapacityStep[];
  readonly results: readonly Result[];
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).toSorted((x, y) => x - y);
  return known[Math.floor(known.length / 2)] ?? null;
}

/** The `capacity` of result.json for a finished search. */
export function summary({ model, base, limit, found, steps, results }: Searched): CapacityResult {
  const at = steps.filter(({ load }) => load === found.load);
  const missed = steps.findIndex(({ load, is_met: isMet }) => load === found.missedAt && !isMet);
  const [missedStep, missedResult] = [steps[missed], results[missed]];
  const kpi = missedResult?.kpis.find((each) => isBeyond(each) && each.source !== 'builtin');
  return {
    ...{ model, unit: model === 'open' ? 'iterations/s' : 'VUs', base, limit },
    load: found.load ?? null,
    missed_at: found.missedAt ?? null,
    is_confirmed: found.isConfirmed,
    requests_per_s: middle(at.map((step) => step.requests_per_s)),
    p95_ms: middle(at.map((step) => step.p95_ms)),
    headroom: found.load === undefined || base === 0 ? null : found.load / base,
    limited_by: kpi?.expression ?? missedStep?.missed ?? '',
    limit_target: kpi === undefined ? null : targetOf(kpi),
    first_to_break:
      missedStep === undefined || missedResult === undefined ? [] : brokenFirst(missedResult, [missedStep.missed]),
    steps: [...steps],
  };
}

/** The result of the last run of the search, with a finding on the sustained load. */
export function withCapacity(result: Result, capacity: CapacityResult): Result {
  const isBelow = capacity.load === null || (capacity.headroom !== null && capacity.headroom < 1);
  const finding = {
    kind: 'capacity',
    severity: isBelow ? ('high' as const) : ('low' as const),
    title: capacityTitle(capacity),
    detail: heldText(capacity),
    kpis: [],
  };
  return { ...result, capacity, findings: [finding, ...result.findings] };
}
