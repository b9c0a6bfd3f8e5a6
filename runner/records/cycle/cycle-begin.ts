// Writes the first records of a cycle: the main item, the decision, an item per scenario, the plan, and their links.

import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { ScenarioPlan } from '../../model/plan.ts';
import { thisProcess } from '../../system/process-identity.ts';
import { recordLine } from '../../text/record-text.ts';
import { redactUrl } from '../../text/secrets.ts';
import type { QaPlan } from '../store/item-values.ts';
import { addStep, CLOSING_GOAL, goalOf, PLAN_CATEGORY, planKey } from '../store/plan-steps.ts';
import { keyAndNumbered } from '../store/record-keys.ts';
import type { ConportStore } from '../store/store.ts';

export interface CycleBeginning {
  readonly component: string;
  readonly scenarios: readonly ScenarioPlan[];
  readonly environment: string;
  readonly targetUrl: string;
  readonly buildVersion: string;
  /** The reason for the cycle: `requested`, `acceptance-criteria`, `health-check`, or a sentence. */
  readonly trigger: string;
  /** Who requested it; by default the user of this process. */
  readonly requestedBy?: string;
  readonly beganAtMs: number;
  /** The ConPort items that the targets come from, as `Category:Key`; the key contains the version. */
  readonly targetItems?: readonly string[];
  /** The progress item that the cycle belongs to, here or on the ConPort server. */
  readonly parent?: ParentProgress;
  /** Whether the cycle consists of several calls and a last one that closes it, so that no single process keeps it open. */
  readonly isDelegated?: boolean;
}

export type ParentProgress = { readonly id: number } | { readonly serverId: number };

/** The progress item of one scenario. */
export interface Child {
  readonly id: number;
  readonly plan: ScenarioPlan;
  state: 'planned' | 'running' | 'ended';
}

export interface BegunCycle {
  /** The store that adds this cycle's key to every record. */
  readonly store: ConportStore;
  readonly progressId: number;
  readonly decisionId: number;
  readonly children: readonly Child[];
}

/** Writes the records of a cycle that begins. Throws a UserError if they cannot be written, or existing ones are broken. */
export async function beginCycle(anyStore: ConportStore, beginning: CycleBeginning): Promise<BegunCycle> {
  const store = anyStore.ofCycle(cycleKeyOf(beginning.beganAtMs));
  // Finds a broken active context now instead of after hours of load.
  await store.readActiveContext();
  const { scenarios, component, environment } = beginning;
  const timestamp = new Date(beginning.beganAtMs).toISOString();
  const names = scenarios.map(({ name, profile }) => `${name} (${profile})`).join(', ');
  const planned_ms = scenarios.reduce((sum, { totalDurationMs }) => sum + totalDurationMs, 0);
  const keptOpenBy =
    beginning.isDelegated === true ? { open_cycle: true } : { runner: { ...(await thisProcess()), planned_ms } };
  // The main item comes first: it names the process, so that the cycle can be closed if the process dies from here on.
  const progressId = await store.progress.create((id) => ({
    id,
    timestamp,
    status: 'IN_PROGRESS',
    description: `Performance test cycle: ${recordLine(component)} on ${recordLine(environment)}${buildOf(beginning)}: ${recordLine(names, 2000) || 'scenarios to be delegated'}`,
    ...parentOf(beginning),
    ...store.cycleMark,
    ...keptOpenBy,
  }));
  const decisionId = await store.decisions.create((id) => ({
    id,
    timestamp,
    summary: `Begin the performance test cycle of ${recordLine(component)} on ${recordLine(environment)}`,
    rationale: rationaleOf(beginning),
    implementation_details: `Scenarios one after another: ${recordLine(names, 2000) || 'as they are delegated'}. System under test: ${redactUrl(recordLine(beginning.targetUrl, 2000)) || 'chosen at the start'}${buildOf(beginning)}.${targetsOf(beginning)}`,
    tags: ['performance', 'qa', 'novaperf', ...new Set(scenarios.map(({ profile }) => profile))],
    ...store.cycleMark,
  }));
  await store.link(
    ['progress_entry', progressId],
    'implements',
    ['decision', decisionId],
    'The cycle that the decision began',
  );
  await linkTargets(store, decisionId, beginning.targetItems ?? []);
  const children: Child[] = [];
  for (const plan of scenarios) children.push({ id: await planned(store, progressId, plan), plan, state: 'planned' });
  await writePlan(store, beginning, progressId, decisionId, children);
  return { store, progressId, decisionId, children };
}

/** Links the decision to each ConPort item (`Category:Key`) that targets come from, unless the link exists. */
export async function linkTargets(store: ConportStore, decisionId: number, items: readonly string[]): Promise<void> {
  if (items.length === 0) return;
  const linked = (await store.links.all()).filter(
    (link) => link.relationship_type === 'judges_by' && link.source_item_id === String(decisionId),
  );
  for (const item of items.filter((each) => linked.every(({ target_item_id: target }) => target !== each))) {
    await store.link(['decision', decisionId], 'judges_by', ['custom_data', item]);
  }
}

/** A key that distinguishes the records of a cycle from those of another one with the same numbers on another branch. */
function cycleKeyOf(beganAtMs: number): string {
  return `${new Date(beganAtMs).toISOString().replace(/[-:]|\.\d+/g, '')}_${randomBytes(4).toString('hex')}`;
}

function parentOf({ parent }: CycleBeginning) {
  if (parent === undefined) return { parent_id: null };
  return 'id' in parent ? { parent_id: parent.id } : { parent_id: null, server_parent_id: parent.serverId };
}

function targetsOf({ targetItems = [] }: CycleBeginning): string {
  return targetItems.length === 0 ? '' : ` Targets of ${targetItems.map((item) => recordLine(item)).join(', ')}.`;
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
  return `${REASONS[trigger] ?? `Reason: ${recordLine(trigger, 1000)}.`}${who === '' ? '' : ` Requested by ${recordLine(who)}.`}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user id may have no name.
    return '';
  }
}

/** Writes the progress item and the plan's step of a scenario that joins a running cycle; returns the item's id. */
export async function plannedLater(store: ConportStore, mainId: number, plan: ScenarioPlan): Promise<number> {
  const id = await planned(store, mainId, plan);
  const goal = goalOf(plan, store.pathFromProject(plan.scriptPath));
  await addStep(store, mainId, { goal, status: 'TODO', progress_id: id });
  return id;
}

/** Writes the progress item of a planned scenario; returns its id. */
async function planned(store: ConportStore, parentId: number, plan: ScenarioPlan): Promise<number> {
  return store.progress.create((id) => ({
    id,
    timestamp: new Date().toISOString(),
    status: 'TODO',
    description: `Execute the performance test ${recordLine(plan.name)} (${plan.profile}) with ${recordLine(store.pathFromProject(plan.scriptPath), 1000)}`,
    parent_id: parentId,
    scenario: recordLine(plan.name),
    profile: plan.profile,
    ...store.cycleMark,
  }));
}

async function writePlan(
  store: ConportStore,
  beginning: CycleBeginning,
  progressId: number,
  decisionId: number,
  children: readonly Child[],
): Promise<void> {
  const value: QaPlan = {
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
    steps: [
      ...children.map(({ id, plan }, index) => ({
        order: index + 1,
        goal: goalOf(plan, store.pathFromProject(plan.scriptPath)),
        status: 'TODO',
        result_ref: null,
        progress_id: id,
      })),
      { order: children.length + 1, goal: CLOSING_GOAL, status: 'TODO', result_ref: null, progress_id: progressId },
    ],
  };
  const key = await store.customData.create(PLAN_CATEGORY, keyAndNumbered(planKey(progressId)), () => ({
    ...value,
    ...store.cycleMark,
  }));
  await store.link(['custom_data', `${PLAN_CATEGORY}:${key}`], 'plans', ['progress_entry', progressId]);
}
