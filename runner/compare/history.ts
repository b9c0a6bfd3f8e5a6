// The runs that lie next to two compared ones → further runs of the same builds under the same load: what separates change from spread.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Result, resultSchema } from '../model/result.ts';
import { listedRun } from '../report/listed-run.ts';
import { listRuns } from '../runs/run-list.ts';
import { parseJson } from '../system/json.ts';
import { comparabilityNotes } from './comparable.ts';
import { hashOfBundle, type KeptRun } from './kept-run.ts';

/** Runs like a and like b, themselves among them. */
export interface History {
  readonly a: readonly Result[];
  readonly b: readonly Result[];
  /** b's runs were all taken after a's, or before: then only b itself is held against a's, as a slow drift looks the same. */
  readonly inBlocks: boolean;
}

/** Older ones speak of another machine, whatever it is called. */
const MOST_RUNS = 20;

/** Runs that measured badly widen the spread for reasons of their own. */
function isSound({ partial, status, generator }: Result): boolean {
  return !partial && status !== 'error' && status !== 'aborted' && generator.state !== 'saturated';
}

/** Whether a run did what `like` did, by its result alone. */
function isLike(run: Result, like: Result): boolean {
  const bare = (result: Result) => ({ result, scriptHash: undefined });
  return (
    run.build_version === like.build_version &&
    isDeepStrictEqual(
      run.phases.map(({ kind }) => kind),
      like.phases.map(({ kind }) => kind),
    ) &&
    comparabilityNotes(bare(like), bare(run)).every(({ level }) => level !== 'differs')
  );
}

/** Reads the runs next to each of the two. Runs of an unknown build are not taken for one build. */
export async function findHistory(a: KeptRun, b: KeptRun): Promise<History> {
  const [ofA, ofB] = [await runsLike(a), await runsLike(b)];
  // Two runs of one build: every other run of it is a's, and b is held against them.
  const isOneBuild = a.result.build_version === b.result.build_version;
  const [sideA, sideB] = isOneBuild ? [ofA.filter(({ run }) => run !== b.result.run), [b.result]] : [ofA, ofB];
  const times = (runs: readonly Result[]) => runs.map(({ started_at }) => Date.parse(started_at));
  const [tA, tB] = [times(sideA), times(sideB)];
  const inBlocks = Math.max(...tA) < Math.min(...tB) || Math.max(...tB) < Math.min(...tA);
  return { a: sideA, b: inBlocks ? [b.result] : sideB, inBlocks };
}

async function runsLike({ path, folder, result, scriptHash }: KeptRun): Promise<Result[]> {
  if (result.build_version === 'unknown' || result.build_version === '') return [result];
  const out = dirname(path);
  const like = listedRun(result, folder);
  const away = (iso: string) => Math.abs(Date.parse(iso) - Date.parse(result.started_at));
  const candidates = (await listRuns(out)).runs
    .filter((run) => run.folder !== folder && FIELDS.every((field) => run[field] === like[field]))
    .sort((x, y) => away(x.started_at) - away(y.started_at));
  const found: Result[] = [result];
  for (const candidate of candidates) {
    if (found.length === MOST_RUNS) break;
    const other = await readResultOf(join(out, candidate.folder));
    if (other === undefined || !isSound(other) || !isLike(other, result)) continue;
    if ((await hashOfBundle(join(out, candidate.folder))) === scriptHash) found.push(other);
  }
  return found;
}

/** What the list has already without opening a run. */
const FIELDS = ['scenario', 'profile', 'environment', 'build'] as const;

async function readResultOf(path: string): Promise<Result | undefined> {
  const text = await readFile(join(path, 'result.json'), 'utf8').catch(() => undefined);
  const parsed = resultSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return parsed.success ? parsed.data : undefined;
}
