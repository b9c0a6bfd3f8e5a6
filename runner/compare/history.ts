// Two compared runs → further runs of the same builds under the same load, which show the variation between runs.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isKnownBuild } from '../model/build.ts';
import { isCompleted, type Result, resultSchema } from '../model/result.ts';
import { type ListedRun, listedRun } from '../report/listed-run.ts';
import { listRuns } from '../runs/run-list.ts';
import { parseJson } from '../system/json.ts';
import { comparabilityNotes, TOPICS } from './comparable.ts';
import { hashOfBundle, type KeptRun } from './kept-run.ts';

/** The runs of both builds, a and b themselves included. */
export interface History {
  readonly a: readonly Result[];
  readonly b: readonly Result[];
  /** True if all runs of b were after those of a, or before. They then count as one run, because a slow drift looks the same. */
  readonly inBlocks: boolean;
  /** True if a[i] and b[i] ran one after the other, in turns. */
  readonly inPairs?: boolean;
}

/** The most runs of a build. In older runs the machine may have been different, even under the same name. */
export const MOST_RUNS = 20;

/** False for runs with unreliable measurements, which would increase the variation. */
export function isSound({ partial, status, generator }: Result): boolean {
  return !partial && isCompleted(status) && generator.state !== 'saturated';
}

/** Topics in which a run differs from `like`, the most important first; empty if the runs are comparable. */
export function mismatchesOf(
  run: Pick<KeptRun, 'result' | 'scriptHash'>,
  like: Pick<KeptRun, 'result' | 'scriptHash'>,
) {
  const kinds = ({ result }: Pick<KeptRun, 'result'>) => result.phases.map(({ kind }) => kind);
  const phases = isDeepStrictEqual(kinds(run), kinds(like)) ? [] : [TOPICS.load];
  const notes = comparabilityNotes(like, run).filter(({ level }) => level === 'differs');
  const topics = notes.map(({ topic }) => topic);
  const script = run.scriptHash === like.scriptHash ? [] : [TOPICS.script];
  return [...new Set([...topics, ...script, ...phases])];
}

/** Reads the further runs from the folder of each run. A run of an unknown build has no further runs. */
export async function findHistory(a: KeptRun, b: KeptRun): Promise<History> {
  const [ofA, ofB] = [await runsLike(a), await runsLike(b)];
  // Two runs of the same build: all its other runs belong to a, and b is compared with them.
  const isOneBuild = a.result.build_version === b.result.build_version;
  const [sideA, sideB] = isOneBuild ? [ofA.filter(({ run }) => run !== b.result.run), [b.result]] : [ofA, ofB];
  return historyFor(sideA, sideB);
}

/** The runs of both builds, with `inBlocks` from their start times. */
export function historyFor(a: readonly Result[], b: readonly Result[]): History {
  const times = (runs: readonly Result[]) => runs.map(({ started_at }) => Date.parse(started_at));
  const [tA, tB] = [times(a), times(b)];
  const inBlocks = Math.max(...tA) < Math.min(...tB) || Math.max(...tB) < Math.min(...tA);
  return { a, b, inBlocks };
}

async function runsLike(run: KeptRun): Promise<Result[]> {
  const { path, folder, result } = run;
  if (!isKnownBuild(result.build_version)) return [result];
  const like = listedRun(result, folder);
  const distanceMs = (iso: string) => Math.abs(Date.parse(iso) - Date.parse(result.started_at));
  const candidates = (await listRuns(dirname(path))).runs
    .filter((each) => each.folder !== folder && FIELDS.every((field) => each[field] === like[field]))
    .sort((x, y) => distanceMs(x.started_at) - distanceMs(y.started_at));
  const found: Result[] = [result];
  for (const candidate of candidates) {
    if (found.length === MOST_RUNS) break;
    const other = await readListed(dirname(path), candidate);
    if (other !== undefined && isSound(other.result) && mismatchesOf(other, run).length === 0) found.push(other.result);
  }
  return found;
}

/** Fields that the list of runs has, so that runs of other builds need not be opened. */
const FIELDS = ['scenario', 'profile', 'environment', 'build'] as const;

/** The result and script hash of a run in the list, without its archive; undefined if it has no valid result.json. */
export async function readListed(
  out: string,
  { folder }: Pick<ListedRun, 'folder'>,
): Promise<Pick<KeptRun, 'result' | 'scriptHash'> | undefined> {
  const path = join(out, folder);
  const text = await readFile(join(path, 'result.json'), 'utf8').catch(() => undefined);
  const parsed = resultSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return parsed.success ? { result: parsed.data, scriptHash: await hashOfBundle(path) } : undefined;
}
