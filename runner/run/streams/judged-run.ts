// Writes the files of a run judged from its archive, for analyze, merge and slice.

import { join } from 'node:path';
import type { RunMetrics } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import type { Presentation } from '../../report/presentation.ts';

/** A run to judge, and how its pages look. */
export interface JudgedRun {
  /** The run's folder; its archive is in it. */
  readonly folder: string;
  readonly result: Result;
  readonly metrics: RunMetrics;
}

/** Writes the reports of the run from `judge`, and the list of runs. Throws what `judge` throws. */
export async function writeJudged(
  { out, presentation }: { readonly out: string; readonly presentation: Presentation },
  judge: () => Promise<JudgedRun>,
): Promise<{ result: Result; reportPath: string }> {
  // Before the streams, which may take hours, because `node build.mjs` meanwhile removes the chunks of this build.
  const { writeIndex, writeRunReports } = await import('../results/report-files.ts');
  const judged = await judge();
  const result = await writeRunReports(judged.folder, judged.result, judged.metrics, presentation);
  await writeIndex(out, presentation);
  return { result, reportPath: join(judged.folder, 'report.html') };
}
