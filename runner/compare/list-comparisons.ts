// The folder of all runs → its comparisons, for the list of runs.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { comparisonSchema } from '../model/comparison.ts';
import { parseJson } from '../system/json.ts';
import { overallMark } from './overall-mark.ts';
import { comparedTitle } from './view.ts';
import { comparisonSentence } from './words.ts';

export interface ListedComparison {
  readonly folder: string;
  readonly madeAtMs: number;
  readonly tone: string;
  readonly icon: string;
  readonly word: string;
  readonly title: string;
  readonly sentence: string;
}

/** The most comparisons in the list. Older ones stay in their folders. */
const MOST_COMPARISONS = 20;

/** The comparisons in `out`, newest first. Folders without a valid comparison.json are ignored. */
export async function listComparisons(out: string): Promise<ListedComparison[]> {
  const folders = (await readdir(out, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name.startsWith('compare_'),
  );
  const dated = await Promise.all(
    folders.map(async ({ name }) => ({
      name,
      madeAtMs: (await stat(fileOf(out, name)).catch(() => undefined))?.mtimeMs,
    })),
  );
  const newest = dated
    .flatMap(({ name, madeAtMs }) => (madeAtMs === undefined ? [] : [{ name, madeAtMs }]))
    .sort((x, y) => y.madeAtMs - x.madeAtMs)
    .slice(0, MOST_COMPARISONS);
  return (await Promise.all(newest.map(({ name, madeAtMs }) => listed(out, name, madeAtMs)))).flat();
}

function fileOf(out: string, folder: string): string {
  return join(out, folder, 'comparison.json');
}

async function listed(out: string, folder: string, madeAtMs: number): Promise<ListedComparison[]> {
  const text = await readFile(fileOf(out, folder), 'utf8').catch(() => undefined);
  const parsed = comparisonSchema.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) return [];
  const { a, b, metrics } = parsed.data;
  return [
    {
      folder,
      madeAtMs,
      ...overallMark(parsed.data),
      title: comparedTitle({ a, b }),
      sentence: comparisonSentence(metrics),
    },
  ];
}
