// A run that just ended and a choice of baseline → the earlier runs that it is compared with, and why others were left out.

import { basename, dirname, join } from 'node:path';
import type { BaselineResult } from '../model/baseline.ts';
import type { BaselineChoice } from '../model/baseline-choice.ts';
import { isKnownBuild } from '../model/build.ts';
import { isCompleted, type Result } from '../model/result.ts';
import type { ListedRun } from '../report/listed-run.ts';
import { listRuns } from '../runs/run-list.ts';
import { type History, historyFor, isSound, MOST_RUNS, mismatchesOf, readListed } from './history.ts';
import type { KeptRun } from './kept-run.ts';

/** The most result files to open, the newest first. */
const MAX_READ = 100;

export interface BaselineRuns {
  /** The folder of the newest run of the choice. */
  readonly path: string;
  readonly history: History;
  readonly leftOut: BaselineResult['left_out'];
}

type Earlier = NonNullable<Awaited<ReturnType<typeof readListed>>> & { readonly folder: string };

/** Why an earlier run of the same scenario is not used as baseline; undefined if it is used. */
function reasonAgainst(other: Earlier, run: KeptRun): string | undefined {
  const { status, baseline } = other.result;
  if (!isCompleted(status)) return status === 'aborted' ? 'Aborted' : 'Failed to run';
  if (!isSound(other.result)) return 'Partial, or load generator saturated';
  // Otherwise a regression would become the baseline of the next build.
  if (baseline?.verdict === 'slower') return 'Slower than its own baseline';
  return mismatchesOf(other, run)[0];
}

function fits(listed: ListedRun, choice: BaselineChoice): boolean {
  if (choice.kind === 'build') return listed.build === choice.build;
  if (choice.kind === 'green') return listed.status === 'pass';
  return choice.kind === 'branch' ? listed.branch === choice.branch : true;
}

function tallied(reasons: readonly string[]): BaselineResult['left_out'] {
  return [...new Set(reasons)]
    .map((reason) => ({ reason, runs: reasons.filter((each) => each === reason).length }))
    .sort((x, y) => y.runs - x.runs);
}

async function earlierRuns(run: KeptRun): Promise<ListedRun[]> {
  return (await listRuns(dirname(run.path))).runs
    .filter((each) => each.folder !== run.folder && each.scenario === run.result.scenario)
    .filter((each) => each.started_at < run.result.started_at)
    .sort((a, b) => b.started_at.localeCompare(a.started_at));
}

/** A named run becomes its build. If it is of another scenario, the runs of its build for the scenario of `run` are used. */
async function resolved(run: KeptRun, choice: BaselineChoice): Promise<{ choice: BaselineChoice; named?: string }> {
  if (choice.kind !== 'run') return { choice };
  const named = await readListed(dirname(choice.run), { folder: basename(choice.run) });
  if (named === undefined) return { choice, named: choice.run };
  const { build_version: build, scenario } = named.result;
  const isOwn = scenario === run.result.scenario;
  if (!isOwn && !isKnownBuild(build)) return { choice: { kind: 'none' } };
  const byBuild: BaselineChoice = isKnownBuild(build) ? { kind: 'build', build } : choice;
  return isOwn ? { choice: byBuild, named: choice.run } : { choice: byBuild };
}

/**
 * At most 20 of the newest accepted runs with the same scenario, profile, load, system under test and machine as `run`. Further runs of
 * the build of `run` are added to its side. undefined if there is no such earlier run.
 */
export async function findBaselineRuns(run: KeptRun, wanted: BaselineChoice): Promise<BaselineRuns | undefined> {
  const { choice, named } = await resolved(run, wanted);
  if (choice.kind === 'none') return undefined;
  const out = dirname(run.path);
  const isAlone = choice.kind === 'run' || (named !== undefined && dirname(named) !== out);
  const listed = isAlone && named !== undefined ? [] : await earlierRuns(run);
  const accepted: Earlier[] = [];
  const own: Earlier[] = [];
  const reasons: string[] = [];
  let newest: string | undefined;
  for (const each of listed.slice(0, MAX_READ)) {
    const isOwnBuild = isKnownBuild(each.build) && each.build === run.result.build_version;
    if (accepted.length === MOST_RUNS || (!isOwnBuild && !fits(each, choice))) continue;
    const found = await readListed(out, each);
    if (found === undefined) continue;
    const earlier = { ...found, folder: each.folder };
    const isBase = fits(each, choice);
    if (isBase) newest ??= each.folder;
    const reason = reasonAgainst(earlier, run);
    if (reason !== undefined) {
      if (isBase) reasons.push(reason);
    } else if (isOwnBuild) own.push(earlier);
    else accepted.push(earlier);
  }
  // Without runs of another build, a build is compared with its own earlier runs.
  const fitting = own.filter((each) => fitsResult(each.result, choice));
  const isRerun = accepted.length === 0 && fitting.length > 0;
  const [a, further] = isRerun ? [fitting, []] : [accepted, own];
  const path = named ?? (a[0] && join(out, a[0].folder)) ?? (newest === undefined ? undefined : join(out, newest));
  if (path === undefined) return undefined;
  const results = (runs: readonly Earlier[]): Result[] => runs.map(({ result }) => result);
  const base = results(a);
  const history =
    base.length === 0
      ? { a: [], b: [run.result], inBlocks: true }
      : historyFor(base, [run.result, ...results(further)]);
  return { path, history, leftOut: tallied(reasons) };
}

function fitsResult({ build_version: build, branch = '', status }: Result, choice: BaselineChoice): boolean {
  if (choice.kind === 'build') return build === choice.build;
  if (choice.kind === 'green') return status === 'pass';
  return choice.kind === 'branch' ? branch === choice.branch : true;
}
