// The interface that writes the ConPort records of a cycle, and an implementation that writes none.

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
  /** null if nothing is recorded. */
  readonly progressId: number | null;
  readonly decisionId: number | null;
  /** Records that a scenario starts; returns the id of its progress item. */
  scenarioStarted(
    plan: ScenarioPlan,
    runFolder: string,
    target?: { readonly url: string; readonly buildVersion: string },
  ): Promise<number>;
  /** Records the result of a scenario; returns the ids and keys of the records. */
  scenarioEnded(childId: number, result: Result, reportPath: string): Promise<Result['conport']>;
  /** Records that a scenario could not run. */
  scenarioFailed(childId: number, reason: string): Promise<void>;
  /** Closes the cycle; returns the key of its TestExecutionReports item and the status of the main progress item. */
  close(end: CycleEnd): Promise<{ testExecutionReport: string | null; status: string }>;
  /** Closes a cycle that ended before any load; returns the key of its TestExecutionReports item. */
  abandon(reason: string, exitCode?: number): Promise<string | null>;
}

/** For `--no-records`, and for projects that have disabled records. */
export const NO_RECORDS: Recorder = {
  progressId: null,
  decisionId: null,
  scenarioStarted: () => Promise.resolve(0),
  scenarioEnded: (_child, { conport }) => Promise.resolve(conport),
  scenarioFailed: () => Promise.resolve(),
  close: () => Promise.resolve({ testExecutionReport: null, status: 'not recorded' }),
  abandon: () => Promise.resolve(null),
};
