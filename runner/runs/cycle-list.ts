// The overall reports of a folder → its cycles, from a small JSON file next to each page; and the run before a given run.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decisionOf } from '../analysis/verdict/decision.ts';
import { worstStatus } from '../analysis/verdict/status.ts';
import { isCompleted, type Result, RUN_STATUSES } from '../model/result.ts';
import type { ListedRun } from '../report/listed-run.ts';
import { type CycleFacts, countsText } from '../report/view/cycle.ts';
import { parseJson } from '../system/json.ts';
import { oneLine } from '../text/display-text.ts';

const listedCycleSchema = z.object({
  kind: z.literal('novaperf.cycle-report'),
  /** File name of the page. */
  file: z.string(),
  decision: z.enum(['go', 'no-go', 'undecided']),
  component: z.string(),
  began_at: z.iso.datetime(),
  counts: z.string(),
  // A relative path: no scheme.
  runs: z.array(
    z.object({ href: z.string().regex(/^[\w%.~!'()*/-]+$/), scenario: z.string(), status: z.enum(RUN_STATUSES) }),
  ),
});

export type ListedCycle = z.infer<typeof listedCycleSchema>;

/** The entry of a cycle for the list of runs. `name`: the name of its files without the extension. */
export function listedCycle(results: readonly Result[], facts: CycleFacts, name: string): ListedCycle {
  const status = worstStatus(results)?.status ?? 'error';
  return {
    kind: 'novaperf.cycle-report',
    file: `${name}.html`,
    decision: decisionOf({ status, isInterrupted: status === 'aborted', notRun: facts.failures.length }),
    component: oneLine([...new Set(results.map(({ component }) => component))].join(', ') || 'no scenario ran', 120),
    began_at: new Date(facts.beganAtMs).toISOString(),
    counts: countsText(results, facts.failures),
    runs: results.map((result) => ({
      href: facts.hrefs?.get(result.run) ?? encodeURIComponent(result.run),
      scenario: oneLine(result.scenario, 80),
      status: result.status,
    })),
  };
}

/** The cycles with an overall report in `out`, newest first. Other files are ignored. */
export async function listCycles(out: string): Promise<ListedCycle[]> {
  const names = await readdir(out).catch(() => []);
  const cycles: ListedCycle[] = [];
  for (const name of names.filter((each) => /^OverallPerformanceReport_.*\.json$/.test(each))) {
    const text = await readFile(join(out, name), 'utf8').catch(() => undefined);
    const cycle = listedCycleSchema.safeParse(text === undefined ? undefined : parseJson(text)).data;
    if (cycle !== undefined && cycle.file === name.replace(/\.json$/, '.html')) cycles.push(cycle);
  }
  return cycles.sort((a, b) => b.began_at.localeCompare(a.began_at));
}

/** The previous completed run of the same scenario, profile and environment for each result, by the name of the result's run. */
export function previousRuns(results: readonly Result[], runs: readonly ListedRun[]): Map<string, ListedRun> {
  const own = new Set(results.map(({ run }) => run));
  const ended = runs.filter(({ status, folder }) => isCompleted(status) && !own.has(folder));
  const previous = new Map<string, ListedRun>();
  for (const result of results) {
    const [newest] = ended
      .filter(
        (run) =>
          run.scenario === oneLine(result.scenario, 80) &&
          run.profile === oneLine(result.profile, 30) &&
          run.environment === oneLine(result.environment, 40) &&
          run.started_at < result.started_at,
      )
      .sort((a, b) => b.started_at.localeCompare(a.started_at));
    if (newest !== undefined) previous.set(result.run, newest);
  }
  return previous;
}
