// The breakpoint profile: short runs at one load each, higher and lower, until the highest load that still meets the targets is known.

import { basename, join } from 'node:path';
import { type HeldStep, nextStep, type SearchRules } from '../analysis/capacity-search.ts';
import { errorShareOf, p95Of, rateOf } from '../analysis/run-figures.ts';
import { SustainedMiss } from '../analysis/sustained-miss.ts';
import type { CapacityResult, CapacityStep } from '../model/capacity.ts';
import { isRequestError } from '../model/protocols.ts';
import { isMissedKpi, type Result } from '../model/result.ts';
import { NO_RECORDS } from '../records/recorder.ts';
import { capacityTitle } from '../report/view/capacity.ts';
import { stamp } from '../runs/run-folder.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { durationMs, formatDuration } from '../system/duration.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { oneLine } from '../text/display-text.ts';
import { percent, plural, significant } from '../text/format.ts';
import { pathName } from '../text/path-name.ts';
import type { JudgedRun } from './baseline.ts';
import type { EarlyEnd } from './execution.ts';
import type { CycleUnderWay, ReportedRun } from './run-scenario.ts';

/** What one load is asked of a scenario: prepares it again, with nothing but that load for that time. */
export type PrepareStep = (scenario: PreparedScenario, load: StepLoad) => Promise<PreparedScenario>;

export interface StepLoad {
  readonly vus: number | undefined;
  readonly rate: number | undefined;
  readonly duration: string;
}

export interface CapacityRules {
  /** Iterations a second that are never exceeded; for closed models also a rate that ends the way up. */
  readonly maxRate: number | undefined;
  /** How long a load is held. */
  readonly stepTime: string | undefined;
  readonly prepareStep: PrepareStep;
}

type Run = (cycle: CycleUnderWay, scenario: PreparedScenario) => Promise<ReportedRun>;

const DEFAULT_STEP = '30s';
/** The profile's own steps go up to ten times the base. */
const STEPS_OF_PROFILE = 10;
/** An open model that starts fewer iterations than asked has no virtual users left: the load was not held. */
const LEAST_ACHIEVED = 0.97;
/** A step that comes this close to the allowed rate has reached it. */
const AT_THE_LIMIT = 0.97;

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

/** By the value of the step, however wide its interval: the steps around it are what makes the answer certain. */
function isBeyond(kpi: Result['kpis'][number]): boolean {
  return isMissedKpi(kpi) || (kpi.verdict === 'inconclusive' && kpi.margin_percent !== null && kpi.margin_percent < 0);
}

/**
 * Why a step did not meet the targets, the clearest first; empty where it did. `endedFor`: what ended it early; such a step started fewer
 * iterations than asked because of that.
 */
function missesOf(
  { kpis, generator, status, status_reason: reason }: Result,
  isOpen: boolean,
  endedFor: string | undefined,
): string[] {
  if (endedFor !== undefined) return [oneLine(endedFor, 200)];
  const missed = kpis.filter(isBeyond).map(({ expression }) => expression);
  const notHeld =
    isOpen && generator.achieved_rate !== null && generator.achieved_rate < LEAST_ACHIEVED
      ? [`only ${percent(generator.achieved_rate)} of the requested iterations were started`]
      : [];
  const broken = status === 'error' || status === 'aborted' ? [reason] : [];
  return [...broken, ...missed, ...notHeld].map((text) => oneLine(text, 200));
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
    .map(({ title }) => title);
  const first = errors[0] ?? endpoints[0] ?? slowest ?? missed[0];
  return [...(first === undefined ? [] : [first]), ...full.slice(0, 2)].map((text) => oneLine(text, 200));
}

/**
 * Searches, and returns the last confirmation with `capacity` in its result: the run that people read. Steps lie in a folder of their
 * own below `out`, are not recorded, and fail no cycle.
 */
export async function searchCapacity(
  cycle: CycleUnderWay,
  scenario: PreparedScenario,
  { maxRate, stepTime = DEFAULT_STEP, prepareStep }: CapacityRules,
  run: Run,
): Promise<ReportedRun> {
  if (scenario.kpis.length === 0) throw noTargets(scenario);
  const { model, base } = baseOfPlan(scenario);
  const isOpen = model === 'open';
  const rules: SearchRules = {
    base: isOpen && maxRate !== undefined ? Math.min(base, maxRate) : base,
    most: isOpen ? (maxRate ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER,
    isWhole: !isOpen,
  };
  const stepsFolder = join(cycle.out, `steps_${pathName(scenario.plan.name)}_${stamp(Date.now())}`);
  const held: HeldStep[] = [];
  const steps: CapacityStep[] = [];
  const results: Result[] = [];
  /** Of a closed model: the users at which the allowed rate was reached. */
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
      duration: stepTime,
    });
    // What the last confirmation says is known only once it is judged: it is held as any other step, and then decides.
    let endedFor: string | undefined;
    const endsEarly: EarlyEnd = (kpis, metrics) => {
      const watch = new SustainedMiss(kpis, metrics);
      return () => {
        endedFor ??= watch.check();
        return endedFor !== undefined;
      };
    };
    const take = (judged: JudgedRun): Promise<Result> => {
      const missed = missesOf(judged.result, isOpen, endedFor);
      held.push({ load, isMet: missed.length === 0 });
      steps.push(stepOf(judged, { load, why, missed, endedEarly: endedFor !== undefined }));
      results.push(judged.result);
      if (!isOpen && maxRate !== undefined) mostUsers = Math.min(mostUsers, usersUpTo(maxRate, load, judged.result));
      return isOver() ? finish(judged) : Promise.resolve(judged.result);
    };
    // The runs that a search ends with lie among the others.
    const isMain = why === 'confirm' || why === 'down';
    const watch = { ...cycle.watch, baselineMs: 0, recoveryMs: 0 };
    const around = isMain ? cycle : { ...cycle, watch, out: stepsFolder, records: NO_RECORDS };
    return run({ ...around, compare: take, endsEarly }, isOpen ? ready : withinRate(ready, maxRate));
  };
  const isOver = () => nextStep(held, { ...rules, most: mostUsers }).kind === 'done' || cycle.interrupt.isRequested;
  let last: ReportedRun | undefined;
  for (;;) {
    const next = nextStep(held, { ...rules, most: mostUsers });
    if (next.kind === 'done' || (cycle.interrupt.isRequested && last !== undefined)) break;
    cycle.listener({
      kind: 'log',
      line: `step ${held.length + 1}: ${isOpen ? `${significant(next.load, 3)} iterations/s` : plural(next.load, 'VU')}, ${next.why}`,
    });
    last = await hold(next.load, next.why);
  }
  if (last === undefined) throw new Error('a search without a step');
  cycle.listener({ kind: 'log', line: capacityTitle(capacityOf()) });
  return last;
}

/** k6 itself keeps users, who send as fast as they are answered, from more requests a second than are allowed. */
function withinRate(scenario: PreparedScenario, maxRate: number | undefined): PreparedScenario {
  if (maxRate === undefined) return scenario;
  return { ...scenario, k6Args: [...scenario.k6Args, '--rps', String(Math.max(1, Math.floor(maxRate)))] };
}

/** As many users as send `maxRate` requests a second if each sends as many as in this step; more users never send more each. */
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

interface Held {
  readonly load: number;
  readonly why: string;
  readonly missed: readonly string[];
  readonly endedEarly: boolean;
}

function stepOf({ folder, result }: JudgedRun, { load, why, missed, endedEarly }: Held): CapacityStep {
  return {
    ...{ load, why, is_met: missed.length === 0, missed: missed.join('; '), ended_early: endedEarly },
    requests_per_s: rateOf(result),
    p50_ms: result.latency?.med ?? null,
    p95_ms: p95Of(result),
    error_share: errorShareOf(result),
    started_at: result.started_at,
    duration_ms: result.duration_ms,
    run: basename(folder),
  };
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

function summary({ model, base, limit, found, steps, results }: Searched): CapacityResult {
  const at = steps.filter(({ load }) => load === found.load);
  const missed = steps.findIndex(({ load, is_met: isMet }) => load === found.missedAt && !isMet);
  const [missedStep, missedResult] = [steps[missed], results[missed]];
  const kpi =
    missedResult?.kpis.find(isBeyond) ?? results.at(-1)?.kpis.find(({ metric }) => metric.endsWith('duration'));
  return {
    ...{ model, unit: model === 'open' ? 'iterations/s' : 'VUs', base, limit },
    load: found.load ?? null,
    missed_at: found.missedAt ?? null,
    is_confirmed: found.isConfirmed,
    requests_per_s: middle(at.map((step) => step.requests_per_s)),
    p95_ms: middle(at.map((step) => step.p95_ms)),
    headroom: found.load === undefined || base === 0 ? null : found.load / base,
    limited_by: kpi?.expression ?? '',
    first_to_break:
      missedStep === undefined || missedResult === undefined ? [] : brokenFirst(missedResult, [missedStep.missed]),
    steps: [...steps],
  };
}

function heldText({ steps }: CapacityResult): string {
  const early = steps.filter(({ ended_early: isEarly }) => isEarly).length;
  const lengthMs = Math.max(...steps.map(({ duration_ms: ms }) => ms));
  const ended = early === 0 ? '' : `; ${early} ended early, because a target was clearly missed for seconds`;
  return `${steps.length} loads were held for ${formatDuration(lengthMs)} each${ended}.`;
}

/** The result of the run that the search ends with: its finding says what is sustained. */
function withCapacity(result: Result, capacity: CapacityResult): Result {
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
