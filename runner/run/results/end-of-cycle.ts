// The results of a cycle, from one call or from several, become its files, its records and its exit code.

import { worstStatus } from '../../analysis/verdict/status.ts';
import type { Result } from '../../model/result.ts';
import type { NotRun } from '../../model/run.ts';
import type { Presentation } from '../../report/presentation.ts';
import { EXIT, type ExitCode } from '../../system/exit-codes.ts';
import { nearPath } from '../../system/near-path.ts';
import { asUserError } from '../../system/refusals.ts';
import type { CompletionInput } from './completion.ts';
import type { CycleOutcome } from './terminal-summary.ts';

/** What a finished cycle consists of. */
export interface CycleEnding {
  readonly out: string;
  readonly presentation: Presentation;
  readonly results: readonly Result[];
  /** The folder of each result, absolute. */
  readonly folders: readonly string[];
  readonly failures: readonly NotRun[];
  readonly beganAtMs: number;
  /** The records' folder as given by the user. */
  readonly conport: string;
  /** The cycle stays open: the overall report is written when it is closed. */
  readonly isOpen: boolean;
  /** Whether the page of every run is on disk. */
  readonly hasReports: boolean;
}

/** The records of the cycle, and how to close them. */
export interface EndingRecords {
  readonly progressId: number | null;
  readonly decisionId: number | null;
  close(overallReport: string | undefined): Promise<{ readonly testExecutionReport: string | null }>;
}

/** Writes the overall report, the records and the list of all runs. A failed write does not change the verdict. */
export async function endCycle(
  { out, presentation, results, folders, failures, beganAtMs, conport, isOpen, hasReports }: CycleEnding,
  records: EndingRecords,
  warn: (text: string) => void,
): Promise<CycleOutcome> {
  const unwritten: string[] = [];
  const unlessUnwritten = async <T>(written: Promise<T>): Promise<T | undefined> => {
    try {
      return await written;
    } catch (error) {
      const known = asUserError(error);
      warn(known.toText());
      unwritten.push(known.message);
      return undefined;
    }
  };
  const texts = failures.map(({ scenario, reason }) => `${scenario}: ${reason}`);
  const facts = { beganAtMs, endedAtMs: Date.now(), failures: texts, outDir: out, folders };
  const { writeCiFiles, writeCycleReport, writeIndex } = await import('./report-files.ts');
  const overallReport = isOpen ? undefined : await unlessUnwritten(writeCycleReport(out, results, facts, presentation));
  const closed = await unlessUnwritten(records.close(overallReport));
  const index = await unlessUnwritten(writeIndex(out, presentation));
  await unlessUnwritten(writeCiFiles(out, results, texts));
  const testReport = closed?.testExecutionReport ?? null;
  const status = worstStatus(results)?.status ?? 'error';
  return {
    status: failures.length > 0 && endsWell(status) ? 'error' : status,
    results: results.map(
      (result): Result => ({ ...result, conport: { ...result.conport, test_execution_report: testReport } }),
    ),
    failures: texts,
    unwritten,
    hasReports,
    overallReport: overallReport === undefined ? null : nearPath(overallReport),
    index: index === undefined ? null : nearPath(index),
    conport: {
      directory: conport,
      progress_id: records.progressId,
      decision_id: records.decisionId,
      test_execution_report: testReport,
    },
  };
}

/** The completion's facts of a cycle that sent load. `reports`: folder and page of each result, absolute. */
export function completionFacts(
  outcome: CycleOutcome,
  reports: ReadonlyArray<{ readonly folder: string; readonly report: string | null }>,
  notRun: readonly NotRun[],
): Pick<CompletionInput, 'status' | 'runs' | 'notRun' | 'overallReport' | 'index' | 'records'> {
  const { conport } = outcome;
  return {
    status: outcome.status,
    runs: outcome.results.map((result, index) => {
      const { folder = '', report = null } = reports[index] ?? {};
      return { result, folder: nearPath(folder), report: report === null ? null : nearPath(report) };
    }),
    notRun,
    overallReport: outcome.overallReport,
    index: outcome.index,
    records:
      conport.progress_id === null
        ? null
        : {
            directory: conport.directory,
            progressId: conport.progress_id,
            decisionId: conport.decision_id,
            testExecutionReport: conport.test_execution_report,
          },
  };
}

/** The code of the worst run, the highest among equally bad ones; that of a scenario that could not run if all others passed. */
export function exitCodeOfCycle(results: readonly Result[], withoutResult: readonly ExitCode[]): ExitCode {
  const worst = worstStatus(results);
  if (worst !== undefined && !endsWell(worst.status)) {
    return Math.max(...results.filter(({ status }) => status === worst.status).map(({ exit_code: code }) => code));
  }
  const order: readonly ExitCode[] = [EXIT.environment, EXIT.interrupted];
  return order.find((code) => withoutResult.includes(code)) ?? (withoutResult.length > 0 ? EXIT.usage : EXIT.passed);
}

function endsWell(status: Result['status']): boolean {
  return status === 'pass' || status === 'unjudged';
}
