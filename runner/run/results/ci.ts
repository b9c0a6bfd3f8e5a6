// Results in CI: GitHub's step summary and annotations.

import { appendFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Result } from '../../model/result.ts';
import { annotationsOf, workflowCommand } from '../../report/annotations.ts';
import { renderComment } from '../../report/comment.ts';
import { messageOf } from '../../system/errors.ts';
import type { Terminal } from '../../system/terminal.ts';
import { isGithubActions } from '../../system/workflow-commands.ts';

/** GitHub rejects a summary of more than 1 MiB, and sometimes slightly smaller ones (actions/runner#4337). */
const SUMMARY_LIMIT_BYTES = 1024 * 1024 - 4096;

/** What is reported to CI. */
export interface CiFacts {
  readonly results: readonly Result[];
  /** One sentence for each scenario that could not run. */
  readonly failures: readonly string[];
}

/**
 * Appends to the file of GITHUB_STEP_SUMMARY and prints annotations, each only if `env` has it. A failure is a warning and does
 * not fail the command.
 */
export async function reportToCi(
  { results, failures }: CiFacts,
  terminal: Terminal,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const summaryFile = env.GITHUB_STEP_SUMMARY;
  if (summaryFile !== undefined && summaryFile !== '') {
    const of = results.length === 1 && failures.length === 0 ? 'run' : 'cycle';
    await appendSummary(summaryFile, renderComment(results, { of, failures }), terminal);
  }
  if (!isGithubActions(env)) return;
  for (const annotation of annotationsOf(results, failures, resolve(env.GITHUB_WORKSPACE ?? '.'))) {
    terminal.command(workflowCommand(annotation));
  }
}

/** Several runs in a step append to one file: what does not fit is left out, because GitHub would reject all of it. */
async function appendSummary(file: string, text: string, terminal: Terminal): Promise<void> {
  try {
    const there = await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    const block = `${text}\n`;
    if (there + Buffer.byteLength(block) > SUMMARY_LIMIT_BYTES) {
      terminal.warn("GitHub's step summary is full (1 MiB per step), so this run is not in it.");
      return;
    }
    await appendFile(file, block);
  } catch (error) {
    terminal.warn(`GitHub's step summary could not be written: ${messageOf(error)}`);
  }
}
