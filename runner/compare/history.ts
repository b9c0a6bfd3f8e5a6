// The runs that lie next to two compared ones → further runs of the same builds under the same load: what separates change from spread.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isKnownBuild } from '../model/build.ts';
import { type Result, resultSchema } from '../model/result.ts';
import { type ListedRun, listedRun } from '../report/listed-run.ts';
import { listRuns } from '../runs/run-list.ts';
import { parseJson } from '../system/json.ts';
import { comparabilityNotes } from './comparable.ts';
import { hashOfBundle, type KeptRun } from './kept-run.ts';

/** Runs like a and like b, themselves among them. */
export interface History {
  readonly a: readonly Result[];
  readonly b: readonly Result[];
  /** b's runs were all taken after a's, or before: then they count as one, as a slow drift would look the same. */
  readonly inBlocks: boolean;
  /** a[i] and b[i] were taken next to each other, in turn. */
  readonly inPairs?: boolean;
}

/** Older ones are of another machine, even if it has the same name. */
export const MOST_RUNS = 20;

/** Runs that measured badly widen the spread for reasons of their own. */
export function isSound({ partial, status, generator }: Result): boolean {
  return !partial && status !== 'error' && status !== 'aborted' && generator.state !== 'saturated';
}

/** What a run did otherwise than `like`, the weightiest first; none where it did the same. By its result and its bundle. */
export function mismatchesOf(
  run: Pick<KeptRun, 'result' | 'scriptHash'>,
  like: Pick<KeptRun, 'result' | 'scriptHash'>,
) {
  const kinds = ({ result }: Pick<KeptRun, 'result'>) => result.phases.map(({ kind }) => kind);
  const phases = isDeepStrictEqual(kinds(run), kinds(like)) ? [] : ['Different load or options'];
  const notes = comparabilityNotes(like, run).filter(({ level }) => level === 'differs');
  const topics = notes.map(({ topic }) => topic);
  const script = topics.includes('Another script') || run.scriptHash === like.scriptHash ? [] : ['Another script'];
  return [...new Set([...topics, ...script, ...phases])];
}

/** Reads the runs next to each of the two. Runs of an unknown build are not taken for one build. */
export async function findHistory(a: KeptRun, b: KeptRun): Promise<History> {
  const [ofA, ofB] = [await runsLike(a), await runsLike(b)];
  // Two runs of one build: every other run of it is a's, and b is compared with them.
  const isOneBuild = a.result.build_version === b.result.build_version;
  const [sideA, sideB] = isOneBuild ? [ofA.filter(({ run }) => run !== b.result.run), [b.result]] : [ofA, ofB];
  return historyFor(sideA, sideB);
}

/** Whether b's runs were taken in turn with a's. */
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
  const away = (iso: string) => Math.abs(Date.parse(iso) - Date.parse(result.started_at));
  const candidates = (await listRuns(dirname(path))).runs
    .filter((each) => each.folder !== folder && FIELDS.every((field) => each[field] === like[field]))
    .sort((x, y) => away(x.started_at) - away(y.started_at));
  const found: Result[] = [result];
  for (const candidate of candidates) {
    if (found.length === MOST_RUNS) break;
    const other = await readListed(dirname(path), candidate);
    if (other !== undefined && isSound(other.result) && mismatchesOf(other, run).length === 0) found.push(other.result);
  }
  return found;
}

/** What the list has already without opening a run. */
const FIELDS = ['scenario', 'profile', 'environment', 'build'] as const;

/** A run of the list without its numbers over time. */
export async function readListed(
  out: string,
  { folder }: Pick<ListedRun, 'folder'>,
): Promise<Pick<KeptRun, 'result' | 'scriptHash'> | undefined> {
  const path = join(out, folder);
  const text = await readFile(join(path, 'result.json'), 'utf8').catch(() => undefined);
  const parsed = resultSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return parsed.success ? { result: parsed.data, scriptHash: await hashOfBundle(path) } : undefined;
}
