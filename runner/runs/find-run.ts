// A run as users name it → its folder: a path, a name in the folder of runs, latest, previous, or a build.

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
 * The folder of `run`: an existing path, the name of a folder in `out`, `latest`, or `previous` (the run of the same scenario and
 * profile before the latest). Throws a UserError if there is none.
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
      `Expected an earlier run of "${latest.scenario}", profile ${latest.profile}, found only one run.`,
      {
        where: out,
        next: 'run the scenario again, or name a run',
      },
    );
  }
  const [near] = nearest(
    run,
    runs.map(({ folder }) => folder),
  );
  throw new UserError(
    `Expected the folder or name of a run, latest or previous; found no ${run} in the current folder or in ${out}.`,
    {
      next: near === undefined ? `index.html in ${out} lists the runs` : `did you mean ${near}?`,
    },
  );
}

/**
 * The folders of the newest run of each build, with the same scenario and profile. If both builds are the same: its newest run and the
 * run before. Throws a UserError that lists the existing builds, or the scenarios of each build.
 */
export async function findRunsOfBuilds(from: string, to: string, out: string): Promise<readonly [string, string]> {
  const runs = await newestFirst(out);
  const [before, after] = [from, to].map((build) => runs.filter((run) => run.build === build));
  if (before?.[0] === undefined) throw noRunOf(from, runs, out);
  if (after?.[0] === undefined) throw noRunOf(to, runs, out);
  for (const [index, run] of after.entries()) {
    const earlier = from === to ? after.slice(index + 1) : before;
    const same = earlier.find(({ scenario, profile }) => scenario === run.scenario && profile === run.profile);
    if (same !== undefined) return [join(out, same.folder), join(out, run.folder)];
  }
  const found =
    from === to
      ? `found one run of each: ${subjects(after)}`
      : `found ${subjects(before)} of ${from}, and ${subjects(after)} of ${to}`;
  throw new UserError(`Expected two runs of the same scenario and profile; ${found}.`, {
    where: out,
    next: 'run the same scenario with both builds, or name two runs: novaperf compare <a> <b>',
  });
}

function subjects(runs: readonly ListedRun[]): string {
  return [...new Set(runs.map(({ scenario, profile }) => `${scenario} (${profile})`))].slice(0, 10).join(', ');
}

function noRunOf(build: string, runs: readonly ListedRun[], out: string): UserError {
  const builds = [...new Set(runs.map((run) => run.build))].slice(0, 10);
  return new UserError(`Expected a run of build ${build}, found none.`, {
    where: out,
    next: builds.length === 0 ? 'there are no runs yet' : `existing builds: ${builds.join(', ')}`,
  });
}
