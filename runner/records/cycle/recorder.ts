// Writes the ConPort records of a cycle, or nothing if records are disabled.

import type { ScenarioPlan } from '../../model/plan.ts';
import type { Result } from '../../model/result.ts';
import type { NotRun } from '../../model/run.ts';

export interface CycleEnd {
  readonly results: readonly Result[];
  readonly overallReportPath: string;
  readonly interrupted: boolean;
  readonly failures: readonly NotRun[];
}

export interface Recorder {
  /** null: nothing is recorded. */
  readonly progressId: number | null;
  readonly decisionId: number | null;
  /** The id of the scenario's progress item. */
  scenarioStarted(
    plan: ScenarioPlan,
    runFolder: string,
    target?: { readonly url: string; readonly buildVersion: string },
  ): Promise<number>;
  /** Ids and keys of what was written about the run. */
  scenarioEnded(childId: number, result: Result, reportPath: string): Promise<Result['conport']>;
  scenarioFailed(childId: number, reason: string): Promise<void>;
  /** The key of the TestExecutionReports item, and the status of the main progress item. */
  close(end: CycleEnd): Promise<{ testExecutionReport: string | null; status: string }>;
  /** The cycle ended before any load; the key of its TestExecutionReports item. */
  abandon(reason: string, exitCode?: number): Promise<string | null>;
}

/** For `--no-records`, and a project that has switched them off. */
export const NO_RECORDS: Recorder = {
  progressId: null,
  decisionId: null,
  scenarioStarted: () => Promise.resolve(0),
  scenarioEnded: (_child, { conport }) => Promise.resolve(conport),
  scenarioFailed: () => Promise.resolve(),
  close: () => Promise.resolve({ testExecutionReport: null, status: 'not recorded' }),
  abandon: () => Promise.resolve(null),
};
