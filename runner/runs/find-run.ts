// A run as people name it → its folder: a path, a name below the runs' folder, latest, previous, or a build.

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ListedRun } from '../report/listed-run.ts';
import { UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';
import { listRuns } from './run-list.ts';

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function newestFirst(out: string): Promise<ListedRun[]> {
  if (!(await isFolder(out))) return [];
  return [...(await listRuns(out)).runs].sort((a, b) => b.started_at.localeCompare(a.started_at));
}

/**
 * The folder of `run`: an existing path, a folder's name below `out`, `latest`, or `previous` (the run of the same scenario and profile
 * before the latest). Throws a UserError where there is none.
 */
export async function findRun(run: string, out: string): Promise<string> {
  for (const candidate of [resolve(run), join(out, run)]) if (await isFolder(candidate)) return candidate;
  const runs = await newestFirst(out);
  const [latest] = runs;
  if (run === 'latest' && latest !== undefined) return join(out, latest.folder);
  if (run === 'previous' && latest !== undefined) {
    const before = runs
      .slice(1)
      .find(({ scenario, profile }) => scenario === latest.scenario && profile === latest.profile);
    if (before !== undefined) return join(out, before.folder);
    throw new UserError(
      `Expected an earlier run of "${latest.scenario}", profile ${latest.profile}; found only one run of it.`,
      {
        where: out,
        next: 'run it again, or choose a run',
      },
    );
  }
  const [near] = nearest(
    run,
    runs.map(({ folder }) => folder),
  );
  throw new UserError(
    `Expected the folder or name of a run, latest or previous; found no ${run}, neither here nor in ${out}.`,
    {
      next: near === undefined ? `index.html in ${out} lists the runs` : `did you mean ${near}?`,
    },
  );
}

/** The folder of the newest run of a build. Throws a UserError that lists the builds there are. */
export async function findRunOfBuild(build: string, out: string): Promise<string> {
  const runs = await newestFirst(out);
  const found = runs.find((run) => run.build === build);
  if (found !== undefined) return join(out, found.folder);
  const builds = [...new Set(runs.map((run) => run.build))].slice(0, 10);
  throw new UserError(`Expected a run of build ${build}, found none.`, {
    where: out,
    next: builds.length === 0 ? 'there are no runs yet' : `existing builds: ${builds.join(', ')}`,
  });
}
