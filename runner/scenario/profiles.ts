// A base load and a profile become a k6 scenario and the named phases of the run. Runs inside k6, so nothing here may import Node
// or npm.

import type { Phase, Profile } from '../model/plan.ts';
import { durationMs, formatDuration } from '../system/duration.ts';
import { apportion } from './apportion.ts';
import { PROFILE_SHAPES, type Step } from './profile-shapes.ts';

/** The load that every profile scales: `closed` keeps virtual users busy, `open` starts iterations at a rate. */
export type BaseLoad =
  | { readonly model: 'closed'; readonly vus: number }
  | {
      readonly model: 'open';
      /** Iterations started per second. */
      readonly rate: number;
      /** Upper limit of virtual users at this rate; profiles above it raise the limit in proportion. */
      readonly maxVUs?: number | undefined;
    };

/** k6's own stage: the load moves linearly to `target` within `duration`. */
export interface Stage {
  readonly duration: string;
  readonly target: number;
}

/** Time for running iterations to finish, at the end and when the load falls. k6's default is 30 s. */
export const GRACEFUL_STOP = '10s';

// An iteration of a k6 script usually lasts up to a second or a few; an open model needs rate × duration virtual users.
const EXPECTED_ITERATION_S = 1;
const LONGEST_ITERATION_S = 5;
// k6 initialises pre-allocated VUs before the start, each with a JS runtime of its own (1 to 3 MB); more come on demand.
const MOST_PREALLOCATED_VUS = 200;
const MOST_DEFAULT_MAX_VUS = 2000;

/** Changes to the table for one run. */
export interface Reshape {
  /** Total duration of the load without graceful stops; every step keeps its share. */
  readonly totalMs?: number | undefined;
  /** Instead of the table's steps: absolute targets, virtual users or iterations a second. */
  readonly stages?: readonly Stage[] | undefined;
  readonly gracefulStop?: string | undefined;
  /** Constant load for `totalMs`, for a step of a capacity search. */
  readonly isHeld?: boolean | undefined;
}

/** A k6 scenario for `options.scenarios`, and its phases. */
export interface DerivedLoad {
  readonly scenario: { readonly executor: string } & Readonly<Record<string, unknown>>;
  readonly phases: readonly Phase[];
}

/** A segment with its absolute target, virtual users or iterations per second. */
interface Segment {
  readonly name: string;
  readonly kind: Phase['kind'];
  readonly ms: number;
  readonly target: number;
}

/** Phases of a list of stages that carry no names: ramps and holds, numbered, from `startTarget` on. */
export function phasesOfStages(stages: readonly Stage[], startTarget: number, unit: string): Phase[] {
  return phasesOfSegments(segmentsOfStages(stages, startTarget, unit));
}

function segmentsOfStages(stages: readonly Stage[], startTarget: number, unit: string): Segment[] {
  let previous = startTarget;
  return stages.map((stage, index) => {
    const kind = stage.target > previous ? 'ramp-up' : stage.target < previous ? 'ramp-down' : 'hold';
    previous = stage.target;
    return {
      name: `stage ${index + 1}: ${stage.target}${unit}`,
      kind,
      ms: stageMs(stage, index),
      target: stage.target,
    };
  });
}

function stageMs(stage: Stage, index: number): number {
  const ms = durationMs(String(stage.duration));
  if (ms === undefined || ms < 0)
    throw new Error(
      `stages[${index}].duration: expected a duration such as "30s", found ${JSON.stringify(stage.duration)}`,
    );
  return ms;
}

function segmentsOfSteps(steps: readonly Step[], base: number): Segment[] {
  return steps.map(({ name, kind, seconds, factor }) => ({ name, kind, ms: seconds * 1000, target: base * factor }));
}

/** Segments with the same shares of another total. Rounds borders instead of durations, so that they add up to `totalMs`. */
function rescale(segments: readonly Segment[], totalMs: number): Segment[] {
  const wholeMs = segments.reduce((sum, { ms }) => sum + ms, 0);
  if (wholeMs === 0) throw new Error('stages: expected to last longer than 0 s in all');
  let passedMs = 0;
  return segments.map((segment) => {
    const startMs = Math.round((passedMs / wholeMs) * totalMs);
    passedMs += segment.ms;
    return { ...segment, ms: Math.round((passedMs / wholeMs) * totalMs) - startMs };
  });
}

function phasesOfSegments(segments: readonly Segment[]): Phase[] {
  let passedMs = 0;
  return segments.map(({ name, kind, ms }) => {
    const startMs = passedMs;
    passedMs += ms;
    return { name, kind, startMs, endMs: passedMs };
  });
}

/** The base limited to the profile's cap; only smoke has one. */
export function capBase(profile: Profile, base: BaseLoad): BaseLoad {
  const cap = PROFILE_SHAPES[profile].baseCap ?? Number.POSITIVE_INFINITY;
  return base.model === 'closed'
    ? { model: 'closed', vus: Math.min(base.vus, cap) }
    : { ...base, rate: Math.min(base.rate, cap) };
}

/**
 * The k6 scenario with `base` in the shape of `profile`, and its phases. Closed models run on
 * constant-vus or ramping-vus, open ones on constant-arrival-rate or ramping-arrival-rate, from zero.
 */
export function deriveLoad(profile: Profile, base: BaseLoad, reshape: Reshape = {}): DerivedLoad {
  const { segments, gracefulStop } = shapeOf(profile, base, reshape);
  const scenario =
    base.model === 'closed' ? closedScenario(segments, gracefulStop) : openScenario(segments, base, gracefulStop);
  return { scenario, phases: phasesOfSegments(segments) };
}

/**
 * The same load divided among several k6 scenarios that run side by side: at every moment their virtual users, or their rates,
 * add up to those of the whole, and are in proportion to `weights`. A part of a closed model has at least one virtual user while
 * there is load.
 */
export function deriveShares(
  profile: Profile,
  base: BaseLoad,
  weights: readonly number[],
  reshape: Reshape = {},
): { readonly scenarios: readonly DerivedLoad['scenario'][]; readonly phases: readonly Phase[] } {
  const { segments, gracefulStop } = shapeOf(profile, base, reshape);
  const scenarios = weights.map((_, index) => {
    const part = (total: number, least: 0 | 1) => apportion(total, weights, least)[index] ?? 0;
    if (base.model === 'closed') {
      const own = segments.map((segment) => ({ ...segment, target: part(wholeVUs(segment.target), 1) }));
      return closedScenario(own, gracefulStop);
    }
    // k6 needs whole numbers per time unit: rates with a fraction per second are written per minute.
    const own = segments.map((segment) => ({ ...segment, target: part(Math.round(segment.target * 60), 1) / 60 }));
    const maxVUs = base.maxVUs === undefined ? undefined : part(base.maxVUs, 1);
    return openScenario(own, { rate: part(Math.round(base.rate * 60), 1) / 60, maxVUs }, gracefulStop);
  });
  return { scenarios, phases: phasesOfSegments(segments) };
}

function shapeOf(
  profile: Profile,
  base: BaseLoad,
  reshape: Reshape,
): { readonly segments: readonly Segment[]; readonly gracefulStop: string } {
  const size = base.model === 'closed' ? base.vus : base.rate;
  const unit = base.model === 'closed' ? ' VUs' : '/s';
  const held: Segment = { name: 'held', kind: 'hold', ms: reshape.totalMs ?? 30_000, target: size };
  if (reshape.isHeld === true) return { segments: [held], gracefulStop: reshape.gracefulStop ?? GRACEFUL_STOP };
  const asShaped =
    reshape.stages === undefined
      ? segmentsOfSteps(PROFILE_SHAPES[profile].steps, size)
      : segmentsOfStages(reshape.stages, 0, unit);
  const segments = reshape.totalMs === undefined ? asShaped : rescale(asShaped, reshape.totalMs);
  return { segments, gracefulStop: reshape.gracefulStop ?? GRACEFUL_STOP };
}

/** The segment of a constant load, for which k6 has an executor. */
function onlyHold(segments: readonly Segment[]): Segment | undefined {
  const [only, ...others] = segments;
  return only?.kind === 'hold' && others.length === 0 ? only : undefined;
}

/** Whole virtual users for k6; at least one for a load above zero. */
function wholeVUs(target: number): number {
  return target > 0 ? Math.max(1, Math.round(target)) : 0;
}

function closedScenario(segments: readonly Segment[], gracefulStop: string): DerivedLoad['scenario'] {
  const hold = onlyHold(segments);
  if (hold !== undefined) {
    return { executor: 'constant-vus', vus: wholeVUs(hold.target), duration: formatDuration(hold.ms), gracefulStop };
  }
  return {
    executor: 'ramping-vus',
    startVUs: 0,
    stages: segments.map(({ ms, target }) => ({ duration: formatDuration(ms), target: wholeVUs(target) })),
    gracefulRampDown: gracefulStop,
    gracefulStop,
  };
}

function openScenario(
  segments: readonly Segment[],
  base: { rate: number; maxVUs?: number | undefined },
  gracefulStop: string,
): DerivedLoad['scenario'] {
  const peak = Math.max(...segments.map(({ target }) => target));
  const maxVUs =
    base.maxVUs === undefined
      ? Math.min(MOST_DEFAULT_MAX_VUS, Math.max(10, Math.ceil(peak * LONGEST_ITERATION_S)))
      : Math.ceil(base.maxVUs * Math.max(1, peak / base.rate));
  const preAllocatedVUs = Math.min(maxVUs, MOST_PREALLOCATED_VUS, Math.max(2, Math.ceil(peak * EXPECTED_ITERATION_S)));
  // k6 needs whole iterations per time unit: 1.5 per second becomes 90 per minute.
  const whole = segments.every(({ target }) => Number.isInteger(target));
  const timeUnit = whole ? '1s' : '1m';
  const perUnit = (target: number): number => (whole ? target : target > 0 ? Math.max(1, Math.round(target * 60)) : 0);
  const hold = onlyHold(segments);
  if (hold !== undefined) {
    return {
      executor: 'constant-arrival-rate',
      rate: perUnit(hold.target),
      timeUnit,
      duration: formatDuration(hold.ms),
      preAllocatedVUs,
      maxVUs,
      gracefulStop,
    };
  }
  return {
    executor: 'ramping-arrival-rate',
    startRate: 0,
    timeUnit,
    stages: segments.map(({ ms, target }) => ({ duration: formatDuration(ms), target: perUnit(target) })),
    preAllocatedVUs,
    maxVUs,
    gracefulStop,
  };
}
