// A performance test cycle, step by step, becomes its ConPort records: begin, each scenario's start and end, close.

import { userInfo } from 'node:os';
import type { Result } from '../report/result.ts';
import type { ScenarioPlan } from '../scenario/plan.ts';
import { ERROR_LOGS_CATEGORY, recordErrors } from './error-logs.ts';
import { executionReport, REPORTS_CATEGORY } from './execution-report.ts';
import type { ProgressStatus } from './items.ts';
import { changedContext, type OpenIssue, stateSentence } from './open-issues.ts';
import { oneLine, recordText } from './outside-text.ts';
import { NOTES_CATEGORY, notesOf } from './performance-notes.ts';
import { thisProcess } from './process-identity.ts';
import { dayOf, keyAndNumbered, keyPart, numbered } from './record-keys.ts';
import { redactText, redactUrl } from './secrets.ts';
import { settledIssues } from './settled-issues.ts';
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

export interface CycleEnd {
  readonly results: readonly Result[];
  readonly overallReportPath: string;
  readonly interrupted: boolean;
  /** Scenarios that did not run: `name: reason`. */
  readonly failures: readonly string[];
}

interface Child {
  readonly id: number;
  readonly plan: ScenarioPlan;
  state: 'planned' | 'running' | 'ended';
}

const STATUS_OF: Readonly<Record<Result['status'], ProgressStatus>> = {
  pass: 'DONE',
  fail: 'DONE_WITH_ISSUES_NOTED',
  inconclusive: 'DONE_WITH_ISSUES_NOTED',
  aborted: 'BLOCKED',
  error: 'FAILED',
};

export class CycleRecords {
  readonly progressId: number;
  readonly decisionId: number;
  readonly #store: ConportStore;
  readonly #beginning: CycleBeginning;
  readonly #children: readonly Child[];
  readonly #issues: OpenIssue[] = [];

  private constructor(
    store: ConportStore,
    beginning: CycleBeginning,
    ids: { progressId: number; decisionId: number; children: readonly Child[] },
  ) {
    this.#store = store;
    this.#beginning = beginning;
    this.progressId = ids.progressId;
    this.decisionId = ids.decisionId;
    this.#children = ids.children;
  }

  /** Writes the main progress item, the decision to begin, the plan and a progress item per scenario. */
  static async begin(store: ConportStore, beginning: CycleBeginning): Promise<CycleRecords> {
    const { scenarios, component, environment } = beginning;
    const timestamp = new Date(beginning.beganAtMs).toISOString();
    const names = scenarios.map(({ name, profile }) => `${name} (${profile})`).join(', ');
    const runner = await thisProcess();
    // First the main item: it names the process, so that a cycle that dies from here on is found and closed.
    const progressId = await store.progress.create((id) => ({
      id,
      timestamp,
      status: 'IN_PROGRESS',
      description: `Performance test cycle: ${oneLine(component)} on ${oneLine(environment)}${buildOf(beginning)}: ${oneLine(names, 2000)}`,
      parent_id: null,
      runner: { ...runner, planned_ms: scenarios.reduce((sum, { totalDurationMs }) => sum + totalDurationMs, 0) },
    }));
    const decisionId = await store.decisions.create((id) => ({
      id,
      timestamp,
      summary: `Begin the performance test cycle of ${oneLine(component)} on ${oneLine(environment)}`,
      rationale: rationaleOf(beginning),
      implementation_details: `Scenarios one after another: ${oneLine(names, 2000)}. Target ${redactUrl(oneLine(beginning.targetUrl, 2000)) || 'chosen at the start'}${buildOf(beginning)}.`,
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
    return new CycleRecords(store, beginning, { progressId, decisionId, children });
  }

  /** The scenario's progress item is IN_PROGRESS; returns its id. */
  async scenarioStarted(plan: ScenarioPlan, runFolder: string): Promise<number> {
    const child =
      this.#children.find((each) => each.state === 'planned' && each.plan === plan) ??
      this.#children.find((each) => each.state === 'planned' && each.plan.name === plan.name);
    const id = child?.id ?? (await planned(this.#store, this.progressId, plan));
    if (child !== undefined) child.state = 'running';
    await this.#store.progress.update(id, (entry) => ({ ...entry, status: 'IN_PROGRESS', run_folder: runFolder }));
    return id;
  }

  /** Writes a note per missed KPI and finding, a log per distinct error, their links, and the outcome of the scenario. */
  async scenarioEnded(childId: number, result: Result, reportPath: string): Promise<Result['conport']> {
    const notes = await this.#writeNotes(childId, result, reportPath);
    const errorLogs = await recordErrors(this.#store, { result, progressId: childId, reportPath });
    for (const key of errorLogs) {
      await this.#store.link(['custom_data', `${ERROR_LOGS_CATEGORY}:${key}`], 'provoked_by', [
        'progress_entry',
        childId,
      ]);
      this.#issues.push({ item: `${ERROR_LOGS_CATEGORY}:${key}`, says: `${result.component}/${result.scenario}` });
    }
    const status = STATUS_OF[result.status];
    // A run that met its targets and still left findings or errors is done with issues.
    const noted = status === 'DONE' && notes.length + errorLogs.length > 0 ? 'DONE_WITH_ISSUES_NOTED' : status;
    await this.#endChild(childId, noted, `${result.status}: ${result.status_reason}`);
    return {
      progress_id: childId,
      decision_id: this.decisionId,
      performance_notes: notes,
      test_execution_report: null,
      error_logs: errorLogs,
      cycle_progress_id: this.progressId,
    };
  }

  /** The scenario could not run: FAILED, with the reason. */
  async scenarioFailed(childId: number, reason: string): Promise<void> {
    await this.#endChild(childId, 'FAILED', reason);
  }

  /** Writes the report item, closes the main item and says in the active context where things stand. */
  async close(end: CycleEnd): Promise<{ testExecutionReport: string; status: string }> {
    await this.#endPlanned(end);
    const status = closingStatus(end);
    const endedAtMs = Date.now();
    const { component } = this.#beginning;
    const value = executionReport({
      ...this.#beginning,
      ...end,
      endedAtMs,
      status,
      progressId: this.progressId,
      decisionId: this.decisionId,
    });
    const base = `${keyPart(component)}_Performance_${dayOf(this.#beginning.beganAtMs)}`;
    const key = await this.#store.customData.create(REPORTS_CATEGORY, numbered(base), () => value);
    await this.#linkReport(key, end.results);
    const settled = await settledIssues(this.#store, end.results);
    const sentence = stateSentence({
      ...this.#beginning,
      ...end,
      buildVersion: end.results[0]?.build_version ?? this.#beginning.buildVersion,
      endedAtMs,
      status,
      report: `${REPORTS_CATEGORY}:${key}`,
      progressId: this.progressId,
    });
    await this.#store.updateActiveContext((context) =>
      changedContext(context, { sentence, add: this.#issues, settled }),
    );
    // Last: whoever finds the main item closed finds everything else there.
    await this.#closeMain(status, `${status} (${REPORTS_CATEGORY}:${key})`);
    return { testExecutionReport: key, status };
  }

  /** The environment did not verify: nothing was run, and the records say why. */
  async abandon(reason: string): Promise<void> {
    for (const child of this.#children) {
      if (child.state !== 'ended') await this.#endChild(child.id, 'FAILED', `not started: ${reason}`);
    }
    await this.#closeMain('FAILED', `no load was put on the target: ${reason}`);
    const { component, environment } = this.#beginning;
    const day = new Date().toISOString().slice(0, 16).replace('T', ' ');
    const sentence = oneLine(
      `Performance of ${component} on ${environment} could not be tested (${day} UTC): ${redactText(reason)} Progress ${this.progressId} is FAILED.`,
      1000,
    );
    await this.#store.updateActiveContext((context) => ({ ...context, state_of_the_union: sentence }));
  }

  async #writeNotes(childId: number, result: Result, reportPath: string): Promise<string[]> {
    const keys: string[] = [];
    const day = dayOf(Date.parse(result.ended_at));
    for (const note of notesOf(result, reportPath)) {
      const base = `${keyPart(result.component)}_${keyPart(note.findingType)}_${day}`;
      const value = { ...note.value, progress_id: childId };
      const key = await this.#store.customData.create(NOTES_CATEGORY, keyAndNumbered(base), () => value);
      await this.#store.link(['custom_data', `${NOTES_CATEGORY}:${key}`], 'found_by', ['progress_entry', childId]);
      const says = `${result.component}/${result.scenario} ${note.severity}: ${String(note.value.finding_description)}`;
      this.#issues.push({ item: `${NOTES_CATEGORY}:${key}`, says });
      keys.push(key);
    }
    return keys;
  }

  async #linkReport(key: string, results: readonly Result[]): Promise<void> {
    const report = ['custom_data', `${REPORTS_CATEGORY}:${key}`] as const;
    await this.#store.link(report, 'reports_on', ['progress_entry', this.progressId]);
    for (const note of results.flatMap(({ conport }) => conport.performance_notes)) {
      await this.#store.link(['custom_data', `${NOTES_CATEGORY}:${note}`], 'part_of', report);
    }
    for (const log of new Set(results.flatMap(({ conport }) => conport.error_logs))) {
      await this.#store.link(['custom_data', `${ERROR_LOGS_CATEGORY}:${log}`], 'part_of', report);
    }
  }

  async #endPlanned({ interrupted, failures }: CycleEnd): Promise<void> {
    for (const child of this.#children) {
      if (child.state === 'ended') continue;
      const said = failures.find((failure) => failure.startsWith(`${child.plan.name}: `));
      const reason = said?.slice(child.plan.name.length + 2) ?? 'it was not started';
      await this.#endChild(child.id, interrupted ? 'BLOCKED' : 'FAILED', reason);
    }
  }

  async #endChild(id: number, status: ProgressStatus, reason: string): Promise<void> {
    const child = this.#children.find((each) => each.id === id);
    if (child !== undefined) child.state = 'ended';
    await this.#store.progress.update(id, (entry) => ({
      ...entry,
      status,
      description: described(entry.description, reason),
    }));
  }

  async #closeMain(status: ProgressStatus, reason: string): Promise<void> {
    await this.#store.progress.update(this.progressId, ({ runner: _runner, ...entry }) => ({
      ...entry,
      status,
      description: described(entry.description, reason),
    }));
  }
}

/** `DONE` only when every scenario ran and nothing is left to note. */
function closingStatus({ interrupted, results, failures }: CycleEnd): ProgressStatus {
  if (interrupted) return 'BLOCKED';
  const clean = results.every(
    ({ status, conport }) => status === 'pass' && conport.performance_notes.length + conport.error_logs.length === 0,
  );
  return clean && failures.length === 0 && results.length > 0 ? 'DONE' : 'DONE_WITH_ISSUES_NOTED';
}

/** The item's own words, then what came of it. */
export function described(description: string, outcome: string): string {
  return recordText(`${description}\n${oneLine(redactText(outcome), 2000)}`);
}

function buildOf({ buildVersion }: CycleBeginning): string {
  return buildVersion === '' ? '' : `, build ${oneLine(buildVersion)}`;
}

const REASONS: Readonly<Record<string, string>> = {
  requested: 'The test was requested.',
  'acceptance-criteria': 'The acceptance criteria of the feature hold performance targets.',
  'health-check': 'A periodic performance health check was due.',
};

function rationaleOf({ trigger, requestedBy }: CycleBeginning): string {
  const who = requestedBy ?? userName();
  return `${REASONS[trigger] ?? `Reason: ${oneLine(trigger, 1000)}.`}${who === '' ? '' : ` Asked for by ${oneLine(who)}.`}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return '';
  }
}

async function planned(store: ConportStore, parentId: number, plan: ScenarioPlan): Promise<number> {
  return store.progress.create((id) => ({
    id,
    timestamp: new Date().toISOString(),
    status: 'TODO',
    description: `Execute the performance test ${oneLine(plan.name)} (${plan.profile}) with ${oneLine(plan.scriptPath, 1000)}`,
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
    component: oneLine(beginning.component),
    environment: oneLine(beginning.environment),
    target_url: redactUrl(oneLine(beginning.targetUrl, 2000)),
    build_version: oneLine(beginning.buildVersion),
    trigger: oneLine(beginning.trigger, 1000),
    began_at: new Date(beginning.beganAtMs).toISOString(),
    progress_id: progressId,
    decision_id: decisionId,
    scenarios: children.map(({ id, plan }, index) => ({
      order: index + 1,
      scenario: oneLine(plan.name),
      component: oneLine(plan.component),
      profile: plan.profile,
      script: oneLine(plan.scriptPath, 1000),
      planned_duration_ms: plan.totalDurationMs,
      max_vus: plan.maxVUs,
      progress_id: id,
    })),
  };
  const key = await store.customData.create(PLAN_CATEGORY, keyAndNumbered(`${progressId}_QAPlan`), () => value);
  await store.link(['custom_data', `${PLAN_CATEGORY}:${key}`], 'plans', ['progress_entry', progressId]);
}
