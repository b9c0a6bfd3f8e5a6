// Prints a run that a command judged, and gives its exit code.

import type { Result } from '../model/result.ts';
import { reportToCi } from '../run/results/ci.ts';
import { runSummary } from '../run/results/terminal-summary.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import type { Terminal } from '../system/terminal.ts';

/** A judged run. */
export interface JudgedRun {
  readonly result: Result;
  /** Path of the page. */
  readonly reportPath: string;
}

/** Prints the result, as one JSON document with `json`, and reports it to CI systems. Returns the exit code of the verdict. */
export async function printJudged(
  { result, reportPath }: JudgedRun,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  if (json) terminal.json(result);
  else terminal.line(runSummary(result, reportPath, terminal));
  await reportToCi({ results: [result], failures: [] }, terminal, process.env);
  return result.exit_code;
}
