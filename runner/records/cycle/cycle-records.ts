// Writes the ConPort records of a performance test cycle step by step: begin, each scenario's start and end, close.

import type { ProgressStatus } from '../../config/items.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { Result } from '../../model/result.ts';
import { recordLine } from '../../text/record-text.ts';
import { redactUrl } from '../../text/secrets.ts';
import { renewStep } from '../store/plan-steps.ts';
import { dayOf, keyAndNumbered, keyPart } from '../store/record-keys.ts';
import type { ConportStore } from '../store/store.ts';
import { type BegunCycle, beginCycle, type Child, type CycleBeginning, plannedLater } from './cycle-begin.ts';
import { closeCycle, closingStatus, endChild } from './cycle-close.ts';
import { joinCycle } from './delegated-cycle.ts';
import { ERROR_LOGS_CATEGORY, recordErrors } from './error-logs.ts';
import { errorIssue, noteIssue, type OpenIssue } from './open-issues.ts';
import { NOTES_CATEGORY, notesOf } from './performance-notes.ts';
import type { CycleEnd, Recorder } from './recorder.ts';
import { resolveVanished } from './vanished-errors.ts';

const STATUS_OF: Readonly<Record<Result['status'], ProgressStatus>> = {
  pass: 'DONE',
  unjudged: 'DONE',
  fail: 'DONE_WITH_ISSUES_NOTED',
  inconclusive: 'DONE_WITH_ISSUES_NOTED',
  aborted: 'BLOCKED',
  error: 'FAILED',
};

/** The records of one cycle; see Recorder for its methods. */
export class CycleRecords implements Recorder {
  readonly progressId: number;
  readonly decisionId: number;
  readonly #store: ConportStore;
  readonly #beginning: CycleBeginning;
  readonly #children: readonly Child[];
  readonly #issues: OpenIssue[] = [];
  /** Whether this call is one of several of the cycle, which stays open after it. */
  readonly #isJoined: boolean;

  private constructor(beginning: CycleBeginning, begun: BegunCycle, isJoined = false) {
    this.#store = begun.store;
    this.#beginning = beginning;
    this.#isJoined = isJoined;
    this.progressId = begun.progressId;
    this.decisionId = begun.decisionId;
    this.#children = begun.children;
  }

  /** Writes the main progress item, the decision to begin, the plan and a progress item per scenario. */
  static async begin(store: ConportStore, beginning: CycleBeginning): Promise<CycleRecords> {
    return new CycleRecords(beginning, await beginCycle(store, beginning));
  }

  /** The same for a call of a cycle that `novaperf cycle begin` opened. Throws a UserError if the cycle is not open. */
  static async join(store: ConportStore, mainId: number, beginning: CycleBeginning): Promise<CycleRecords> {
    return new CycleRecords(beginning, await joinCycle(store, mainId, beginning), true);
  }

  /** Sets the scenario's progress item to IN_PROGRESS, with the system under test and the build; returns its id. */
  async scenarioStarted(
    plan: ScenarioPlan,
    runFolder: string,
    target: { readonly url: string; readonly buildVersion: string } = { url: '', buildVersion: '' },
  ): Promise<number> {
    const child =
      this.#children.find((each) => each.state === 'planned' && each.plan === plan) ??
      this.#children.find((each) => each.state === 'planned' && each.plan.name === plan.name);
    const id = child?.id ?? (await plannedLater(this.#store, this.progressId, plan));
    if (child !== undefined) child.state = 'running';
    const against = [
      ...(target.url === '' ? [] : [`against ${redactUrl(recordLine(target.url, 2000))}`]),
      ...(target.buildVersion === '' ? [] : [`build ${recordLine(target.buildVersion)}`]),
    ].join(', ');
    await this.#store.progress.update(id, (entry) => ({
      ...entry,
      status: 'IN_PROGRESS',
      description: against === '' ? entry.description : `${entry.description} ${against}`,
      run_folder: this.#store.pathFromProject(runFolder),
    }));
    await renewStep(this.#store, this.progressId, id, { status: 'IN_PROGRESS' });
    return id;
  }

  /** Writes a note per missed KPI and finding, a log per distinct error, their links, and the outcome of the scenario. */
  async scenarioEnded(childId: number, result: Result, reportPath: string): Promise<Result['conport']> {
    const report = this.#store.pathFromProject(reportPath);
    const notes = await this.#writeNotes(childId, result, report);
    const logged = await recordErrors(this.#store, { result, progressId: childId, reportPath: report });
    for (const { key, summary, open } of logged) {
      const item = `${ERROR_LOGS_CATEGORY}:${key}`;
      await this.#store.link(['custom_data', item], 'provoked_by', ['progress_entry', childId]);
      if (open) this.#issues.push({ item, text: errorIssue(result.component, summary) });
    }
    const errorLogs = logged.map(({ key }) => key);
    await resolveVanished(this.#store, result, new Set(errorLogs));
    const status = STATUS_OF[result.status];
    // A run that met its targets but has findings or errors is done with issues.
    const noted = status === 'DONE' && notes.length + errorLogs.length > 0 ? 'DONE_WITH_ISSUES_NOTED' : status;
    await this.#endChild(childId, noted, `${result.status}: ${result.status_reason}`, {
      resultRef: report.replace(/[^/]*$/, 'result.json'),
    });
    return {
      progress_id: childId,
      decision_id: this.decisionId,
      performance_notes: notes,
      test_execution_report: null,
      error_logs: errorLogs,
      cycle_progress_id: this.progressId,
    };
  }

  /** Sets the scenario's item to FAILED, with the reason why it could not run. */
  async scenarioFailed(childId: number, reason: string): Promise<void> {
    await this.#endChild(childId, 'FAILED', reason);
  }

  /** Writes the report item, updates the active context and closes the main item. */
  async close(end: CycleEnd): Promise<{ testExecutionReport: string | null; status: string }> {
    await this.#endPlanned(end);
    if (this.#isJoined) return { testExecutionReport: null, status: 'IN_PROGRESS' };
    const status = closingStatus(end);
    const testExecutionReport = await closeCycle(this.#store, {
      ...this.#beginning,
      ...end,
      overallReportPath: this.#store.pathFromProject(end.overallReportPath),
      endedAtMs: Date.now(),
      status,
      progressId: this.progressId,
      decisionId: this.decisionId,
      issues: this.#issues,
    });
    return { testExecutionReport, status };
  }

  /** Closes a cycle that ended before any load, with the reason; returns the key of its report item. */
  async abandon(reason: string, exitCode?: number): Promise<string | null> {
    for (const child of this.#children) {
      if (child.state === 'ended') continue;
      const code = exitCode === undefined ? {} : { exitCode };
      await this.#endChild(child.id, 'FAILED', `not started: ${reason}`, code);
    }
    if (this.#isJoined) return null;
    return closeCycle(this.#store, {
      ...this.#beginning,
      results: [],
      failures: this.#children.map(({ plan }) => ({ scenario: plan.name, reason: `not started: ${reason}` })),
      interrupted: false,
      overallReportPath: null,
      endedAtMs: Date.now(),
      status: 'FAILED',
      reason: `no load was sent: ${reason}`,
      summary: `could not be tested: ${reason.replace(/\.$/, '')}`,
      progressId: this.progressId,
      decisionId: this.decisionId,
      issues: [],
    });
  }

  async #writeNotes(childId: number, result: Result, reportPath: string): Promise<string[]> {
    const keys: string[] = [];
    const day = dayOf(Date.parse(result.ended_at));
    for (const note of notesOf(result, reportPath)) {
      const base = `${keyPart(result.component)}_${keyPart(note.findingType)}_${day}`;
      const key = await this.#store.customData.create(NOTES_CATEGORY, keyAndNumbered(base), () => ({
        ...note.value,
        progress_id: childId,
        ...this.#store.cycleMark,
      }));
      await this.#store.link(['custom_data', `${NOTES_CATEGORY}:${key}`], 'found_by', ['progress_entry', childId]);
      for (const item of note.items) {
        await this.#store.link(['custom_data', `${NOTES_CATEGORY}:${key}`], 'misses_target_of', ['custom_data', item]);
      }
      this.#issues.push({ item: `${NOTES_CATEGORY}:${key}`, text: noteIssue(note.value) });
      keys.push(key);
    }
    return keys;
  }

  async #endPlanned({ interrupted, failures }: CycleEnd): Promise<void> {
    for (const child of this.#children) {
      if (child.state === 'ended') continue;
      // A scenario that `cycle begin` planned for a later call stays open.
      if (this.#isJoined && !failures.some(({ scenario }) => scenario === child.plan.name)) continue;
      const reason = failures.find(({ scenario }) => scenario === child.plan.name)?.reason ?? 'it was not started';
      await this.#endChild(child.id, interrupted ? 'BLOCKED' : 'FAILED', reason);
    }
  }

  async #endChild(
    id: number,
    status: ProgressStatus,
    reason: string,
    more: Parameters<typeof endChild>[4] = {},
  ): Promise<void> {
    const child = this.#children.find((each) => each.id === id);
    if (child !== undefined) child.state = 'ended';
    await endChild(this.#store, id, status, reason, more);
  }
}
