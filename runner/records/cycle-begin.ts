// A cycle that begins becomes its first records: the main item, the decision, an item per scenario, the plan, and their links.

import { userInfo } from 'node:os';
import type { ScenarioPlan } from '../model/plan.ts';
import { thisProcess } from '../system/process-identity.ts';
import { recordLine } from '../text/record-text.ts';
import { redactUrl } from '../text/secrets.ts';
import { keyAndNumbered } from './record-keys.ts';
import type { ConportStore } from './store.ts';

export const PLAN_CATEGORY = 'LeadPhaseExecutionPlan';

export interface CycleBeginning {
  readonly component: string;
  readonly scenarios: readonly ScenarioPlan[];
  readonly environment: string;
  readonly targetUrl: string;
  readonly buildVersion: string;
  /** Why it is run: `requested`, `acceptance-criteria`, `health-check`, or a sentence. */
  readonly trigger: string;
  /** Who asked; default: the user of this process. */
  readonly requestedBy?: string;
  readonly beganAtMs: number;
}

/** The progress item of one scenario. */
export interface Child {
  readonly id: number;
  readonly plan: ScenarioPlan;
  state: 'planned' | 'running' | 'ended';
}

export interface BegunCycle {
  readonly progressId: number;
  readonly decisionId: number;
  readonly children: readonly Child[];
}

/** Writes the records of a cycle that begins. Throws a UserError where they cannot be written, or are broken already. */
export async function beginCycle(store: ConportStore, beginning: CycleBeginning): Promise<BegunCycle> {
  // A broken active context is found now, and not after hours of load.
  await store.readActiveContext();
  const { scenarios, component, environment } = beginning;
  const timestamp = new Date(beginning.beganAtMs).toISOString();
  const names = scenarios.map(({ name, profile }) => `${name} (${profile})`).join(', ');
  const runner = await thisProcess();
  // First the main item: it names the process, so that a cycle that dies from here on is found and closed.
  const progressId = await store.progress.create((id) => ({
    id,
    timestamp,
    status: 'IN_PROGRESS',
    description: `Performance test cycle: ${recordLine(component)} on ${recordLine(environment)}${buildOf(beginning)}: ${recordLine(names, 2000)}`,
    parent_id: null,
    runner: { ...runner, planned_ms: scenarios.reduce((sum, { totalDurationMs }) => sum + totalDurationMs, 0) },
  }));
  const decisionId = await store.decisions.create((id) => ({
    id,
    timestamp,
    summary: `Begin the performance test cycle of ${recordLine(component)} on ${recordLine(environment)}`,
    rationale: rationaleOf(beginning),
    implementation_details: `Scenarios one after another: ${recordLine(names, 2000)}. Target ${redactUrl(recordLine(beginning.targetUrl, 2000)) || 'chosen at the start'}${buildOf(beginning)}.`,
    tags: ['performance', 'qa', 'novaperf', ...new Set(scenarios.map(({ profile }) => profile))],
  }));
  await store.link(
    ['progress_entry', progressId],
    'implements',
    ['decision', decisionId],
    'The cycle that the decision began',
  );
  const children: Child[] = [];
  for (const plan of scenarios) children.push({ id: await planned(store, progressId, plan), plan, state: 'planned' });
  await writePlan(store, beginning, progressId, decisionId, children);
  return { progressId, decisionId, children };
}

function buildOf({ buildVersion }: CycleBeginning): string {
  return buildVersion === '' ? '' : `, build ${recordLine(buildVersion)}`;
}

const REASONS: Readonly<Record<string, string>> = {
  requested: 'The test was requested.',
  'acceptance-criteria': 'The acceptance criteria of the feature hold performance targets.',
  'health-check': 'A periodic performance health check was due.',
};

function rationaleOf({ trigger, requestedBy }: CycleBeginning): string {
  const who = requestedBy ?? userName();
  return `${REASONS[trigger] ?? `Reason: ${recordLine(trigger, 1000)}.`}${who === '' ? '' : ` Asked for by ${recordLine(who)}.`}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return '';
  }
}

/** A progress item for a scenario that is to come; returns its id. */
export async function planned(store: ConportStore, parentId: number, plan: ScenarioPlan): Promise<number> {
  return store.progress.create((id) => ({
    id,
    timestamp: new Date().toISOString(),
    status: 'TODO',
    description: `Execute the performance test ${recordLine(plan.name)} (${plan.profile}) with ${recordLine(store.pathFromProject(plan.scriptPath), 1000)}`,
    parent_id: parentId,
  }));
}

async function writePlan(
  store: ConportStore,
  beginning: CycleBeginning,
  progressId: number,
  decisionId: number,
  children: readonly Child[],
): Promise<void> {
  const value = {
    schema_version: '1.0',
    workflow: 'WF_QA_PERFORMANCE_TEST_EXECUTION_001_v1',
    component: recordLine(beginning.component),
    environment: recordLine(beginning.environment),
    target_url: redactUrl(recordLine(beginning.targetUrl, 2000)),
    build_version: recordLine(beginning.buildVersion),
    trigger: recordLine(beginning.trigger, 1000),
    began_at: new Date(beginning.beganAtMs).toISOString(),
    progress_id: progressId,
    decision_id: decisionId,
    scenarios: children.map(({ id, plan }, index) => ({
      order: index + 1,
      scenario: recordLine(plan.name),
      component: recordLine(plan.component),
      profile: plan.profile,
      script: recordLine(store.pathFromProject(plan.scriptPath), 1000),
      planned_duration_ms: plan.totalDurationMs,
      max_vus: plan.maxVUs,
      progress_id: id,
    })),
  };
  const key = await store.customData.create(PLAN_CATEGORY, keyAndNumbered(`${progressId}_QAPlan`), () => value);
  await store.link(['custom_data', `${PLAN_CATEGORY}:${key}`], 'plans', ['progress_entry', progressId]);
}
