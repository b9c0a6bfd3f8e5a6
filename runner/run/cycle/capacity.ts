// The breakpoint profile: short runs at one load each, until the highest load that meets the targets is found.

import { join } from 'node:path';
import { type HeldStep, nextStep, type SearchRules } from '../../analysis/capacity/capacity-search.ts';
import { growthOf, heldSeconds, mayEnd } from '../../analysis/capacity/step-stability.ts';
import { SustainedMiss } from '../../analysis/capacity/sustained-miss.ts';
import { rateOf } from '../../analysis/result/run-figures.ts';
import type { RunListener } from '../../live/run-event.ts';
import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import type { Result } from '../../model/result.ts';
import { NO_RECORDS } from '../../records/cycle/recorder.ts';
import { capacityTitle, heldStepText, nextStepText } from '../../report/view/capacity.ts';
import { stamp } from '../../runs/run-folder.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { durationMs, formatDuration } from '../../system/duration.ts';
import { UserError } from '../../system/errors.ts';
import { nearPath } from '../../system/near-path.ts';
import { pathName } from '../../text/path-name.ts';
import type { EarlyEnd } from '../load/execution.ts';
import type { JudgedRun } from '../results/baseline.ts';
import { countedOf, missesOf, stepOf, summary, withCapacity } from './capacity-result.ts';
import type { CycleUnderWay, ReportedRun } from './run-scenario.ts';

/** Prepares a scenario again with a constant load for a given time. */
export type PrepareStep = (scenario: PreparedScenario, load: StepLoad) => Promise<PreparedScenario>;

/** The load of one step, and its duration. */
export interface StepLoad {
  readonly vus: number | undefined;
  readonly rate: number | undefined;
  readonly duration: string;
}

/** Limits of a capacity search. */
export interface CapacityRules {
  /** Maximum iterations per second; in closed models the maximum requests per second. */
  readonly maxRate: number | undefined;
  /** Minimum duration of a step, and maximum duration of a step that does not get stable. */
  readonly stepTime: string | undefined;
  readonly maxStepTime: string | undefined;
  readonly prepareStep: PrepareStep;
}

type Run = (cycle: CycleUnderWay, scenario: PreparedScenario) => Promise<ReportedRun>;

const DEFAULT_LEAST_MS = 20_000;
/** Default maximum duration of a step, as a multiple of the minimum. */
const LONGEST = 3;
const LEAST_LONGEST_MS = 60_000;
/** The steps of the profile go up to ten times the base load. */
const STEPS_OF_PROFILE = 10;
/** A step that reaches this share of the maximum rate has reached the maximum. */
const AT_THE_LIMIT = 0.97;

/** Throws a UserError if the maximum is shorter than the minimum. */
function lengthOf({ stepTime, maxStepTime }: CapacityRules): { leastMs: number; mostMs: number } {
  const mostMs = durationMs(maxStepTime ?? '');
  const leastMs = durationMs(stepTime ?? '') ?? Math.min(DEFAULT_LEAST_MS, mostMs ?? Number.POSITIVE_INFINITY);
  if (mostMs !== undefined && mostMs < leastMs) {
    throw new UserError(`Expected --max-step-time of at least ${formatDuration(leastMs)}, found ${maxStepTime}.`, {
      where: '--max-step-time',
      next: 'make it longer, or --step-time shorter',
    });
  }
  return { leastMs, mostMs: mostMs ?? Math.max(leastMs * LONGEST, LEAST_LONGEST_MS) };
}

/** The base load of a breakpoint plan. */
export function baseOfPlan({ plan }: Pick<PreparedScenario, 'plan'>): { model: 'open' | 'closed'; base: number } {
  const scenarios = Object.values(plan.k6Scenarios);
  const peak = (scenario: (typeof scenarios)[number]) => {
    const stages = Array.isArray(scenario.stages) ? scenario.stages : [];
    const targets = stages.map((stage: unknown) =>
      typeof stage === 'object' && stage !== null && 'target' in stage ? Number(stage.target) : 0,
    );
    const unitMs = durationMs(String(scenario.timeUnit ?? '1s')) ?? 1000;
    const isOpen = scenario.executor.endsWith('arrival-rate');
    return (Math.max(0, ...targets) * (isOpen ? 1000 / unitMs : 1)) / STEPS_OF_PROFILE;
  };
  const isOpen = scenarios.every(({ executor }) => executor.endsWith('arrival-rate'));
  return { model: isOpen ? 'open' : 'closed', base: scenarios.reduce((sum, scenario) => sum + peak(scenario), 0) };
}

/**
 * Searches, and returns the last confirmation run with `capacity` in its result. The other steps are in a folder of their own
 * below `out`, are not recorded, and do not fail the cycle.
 */
export async function searchCapacity(
  cycle: CycleUnderWay,
  scenario: PreparedScenario,
  capacityRules: CapacityRules,
  run: Run,
): Promise<ReportedRun> {
  const { maxRate, prepareStep } = capacityRules;
  const { leastMs, mostMs } = lengthOf(capacityRules);
  if (scenario.kpis.length === 0) throw noTargets(scenario);
  const { model, base } = baseOfPlan(scenario);
  const isOpen = model === 'open';
  const rules: SearchRules = {
    base: isOpen && maxRate !== undefined ? Math.min(base, maxRate) : base,
    most: isOpen ? (maxRate ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER,
    isWhole: !isOpen,
  };
  const stepsFolder = join(cycle.output.out, `steps_${pathName(scenario.plan.name)}_${stamp(Date.now())}`);
  const held: HeldStep[] = [];
  const steps: CapacityStep[] = [];
  const results: Result[] = [];
  /** In a closed model: the users at which the maximum rate was reached. */
  let mostUsers = rules.most;
  const finish = async ({ result }: JudgedRun): Promise<Result> => withCapacity(result, capacityOf());
  const capacityOf = (): CapacityResult => {
    const next = nextStep(held, { ...rules, most: mostUsers });
    const found = next.kind === 'done' ? next.found : { load: undefined, missedAt: undefined, isConfirmed: false };
    return summary({ model, base, limit: maxRate ?? null, found, steps, results });
  };
  const hold = async (load: number, why: string): Promise<ReportedRun> => {
    const ready = await prepareStep(scenario, {
      ...(isOpen ? { vus: undefined, rate: load } : { vus: load, rate: undefined }),
      duration: formatDuration(mostMs),
    });
    // The last confirmation is a step like the others, and its verdict decides.
    let missedFor: string | undefined;
    let isSettled = false;
    const endsEarly: EarlyEnd = (kpis, metrics) => {
      const watch = new SustainedMiss(kpis, metrics);
      return () => {
        missedFor ??= watch.check();
        isSettled ||= missedFor === undefined && mayEnd(metrics, leastMs);
        return missedFor !== undefined || isSettled;
      };
    };
    const take = (judged: JudgedRun): Promise<Result> => {
      const heldUntil = missedFor !== undefined ? 'missed' : isSettled ? 'stable' : 'longest';
      const growth = heldUntil === 'longest' ? growthOf(heldSeconds(judged.metrics, { isOver: true })) : undefined;
      const counted = countedOf(ready.kpis, judged.metrics);
      const missed = missesOf(judged, { isOpen, missedFor, growth, counted });
      const step = stepOf(judged, { load, why, missed, heldUntil, counted });
      held.push({ load, isMet: missed.length === 0 });
      steps.push(step);
      results.push(judged.result);
      if (!isOpen && maxRate !== undefined) mostUsers = Math.min(mostUsers, usersUpTo(maxRate, load, judged.result));
      cycle.listener({ kind: 'log', line: heldStepText(step) });
      return isOver() ? finish(judged) : Promise.resolve(judged.result);
    };
    // The last run of a search is kept among the other runs.
    const isMain = why === 'confirm' || why === 'down';
    const system = { ...cycle.system, watch: { ...cycle.system.watch, idleMs: 0, recoveryMs: 0 } };
    const output = { ...cycle.output, out: stepsFolder };
    const around = isMain ? cycle : { ...cycle, system, output, records: NO_RECORDS };
    const listener = briefly(cycle.listener, { isFirst: held.length === 0, isOver });
    const judgement = { ...cycle.judgement, compare: take };
    return run(
      { ...around, listener, judgement, load: { ...cycle.load, endsEarly } },
      isOpen ? ready : withinRate(ready, maxRate),
    );
  };
  const isOver = () => nextStep(held, { ...rules, most: mostUsers }).kind === 'done' || cycle.interrupt.isRequested;
  let last: ReportedRun | undefined;
  for (;;) {
    const next = nextStep(held, { ...rules, most: mostUsers });
    if (next.kind === 'done' || (cycle.interrupt.isRequested && last !== undefined)) break;
    cycle.listener({ kind: 'log', line: nextStepText(held.length + 1, next, isOpen ? 'iterations/s' : 'VUs') });
    last = await hold(next.load, next.why);
  }
  if (last === undefined) throw new Error('a search without a step');
  cycle.listener({ kind: 'log', line: capacityTitle(capacityOf()) });
  return last;
}

/** Reports a step in one line; only the last run of the search has a full summary. */
function briefly(
  listener: RunListener,
  { isFirst, isOver }: { readonly isFirst: boolean; readonly isOver: () => boolean },
): RunListener {
  return (event) => {
    if ((event.kind === 'scenario' && !isFirst) || (event.kind === 'finished' && !isOver())) return;
    listener(event);
  };
}

/** Sets k6's rps limit, because closed-model users send as fast as they get responses. */
function withinRate(scenario: PreparedScenario, maxRate: number | undefined): PreparedScenario {
  if (maxRate === undefined) return scenario;
  return { ...scenario, k6Args: [...scenario.k6Args, '--rps', String(Math.max(1, Math.floor(maxRate)))] };
}

/** The users that would send `maxRate` requests per second at this step's rate per user; with more users that rate does not grow. */
function usersUpTo(maxRate: number, load: number, result: Result): number {
  const rate = rateOf(result) ?? 0;
  if (rate <= 0) return Number.MAX_SAFE_INTEGER;
  return rate >= maxRate * AT_THE_LIMIT ? load : Math.max(load, Math.floor((load * maxRate) / rate));
}

function noTargets({ plan: { scriptPath } }: PreparedScenario): UserError {
  return new UserError('Expected targets that limit the load, found none.', {
    where: nearPath(scriptPath),
    next: "add thresholds to the scenario, such as http_req_duration: ['p(95)<500'], or use --duration for the ten fixed steps of the profile",
  });
}
