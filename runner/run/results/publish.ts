// Publishes the outcome of a cycle: records to the ConPort server, the completion to disk and stdout, results to CI.

import type { Completion } from '../../model/completion.ts';
import { writeFiles } from '../../runs/run-folder.ts';
import { UserError } from '../../system/errors.ts';
import type { Terminal } from '../../system/terminal.ts';
import { reportToCi } from './ci.ts';
import { type CompletionInput, completionOf, type PushState } from './completion.ts';
import { completionMarkdown } from './completion-markdown.ts';
import { pushAfterwards } from './push-afterwards.ts';
import { type CycleOutcome, cycleSummary } from './terminal-summary.ts';

/** Where the outcome goes. */
export interface Publication {
  readonly flags: { readonly push: boolean; readonly json: boolean };
  readonly conportDir: string;
  readonly out: string;
}

const OFF: PushState = { state: 'off' };

/** The completion's facts of a call that sent no load. */
export const NOTHING_RAN = {
  status: 'error',
  interrupted: false,
  runs: [],
  notRun: [],
  overallReport: null,
  index: null,
} as const;

/**
 * Pushes, writes and prints. `outcome`: of a cycle that sent load; its summary has the server's ids if the records were pushed. If
 * the report could not be written, the run goes to stdout as a document.
 */
export async function publish(
  { flags, conportDir, out }: Publication,
  facts: Omit<CompletionInput, 'push' | 'error'> & { readonly error?: UserError },
  terminal: Terminal,
  outcome?: CycleOutcome,
): Promise<Completion> {
  const push = flags.push && facts.records !== null ? await pushAfterwards(conportDir, terminal) : OFF;
  const completion = completionOf({ ...facts, push, error: facts.error });
  if (!flags.json && outcome !== undefined) terminal.line(cycleSummary(outcome, completion, terminal));
  await writeCompletion(out, completion).catch((error: unknown) => {
    // The error of a rejected call matters more than a folder that cannot be created.
    if (!(error instanceof UserError)) throw error;
    if (outcome !== undefined) terminal.warn(error.toText());
  });
  const hasReports = outcome?.hasReports ?? true;
  const whole = hasReports ? completion : { ...completion, results: outcome?.results };
  if (flags.json || !hasReports) terminal.json(whole);
  if (outcome !== undefined) await reportToCi(outcome, terminal, process.env);
  return completion;
}

/** Writes completion.json and completion.md of the last cycle, next to the overall reports. */
async function writeCompletion(out: string, completion: Completion): Promise<void> {
  await writeFiles(
    out,
    new Map([
      ['completion.json', `${JSON.stringify(completion, null, 2)}\n`],
      ['completion.md', completionMarkdown(completion)],
    ]),
  );
}
