// The files of a store → records. A file with git's conflict markers gives one record of each side.

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { conflictSides } from '../../config/conflict-sides.ts';
import { parseYaml } from '../../config/yaml-text.ts';
import { capture } from '../../system/capture.ts';
import { UserError } from '../../system/errors.ts';
import { filesIn } from '../../system/exclusive-file.ts';
import { isRecord } from '../../system/json.ts';

/** Kinds of records with numbers as ids, which can collide when branches are merged. */
export const NUMBERED_KINDS = ['progress', 'decisions', 'links'] as const;
export type NumberedKind = (typeof NUMBERED_KINDS)[number];
export type Side = 'ours' | 'theirs';

/** A record in the version of one side. */
export interface MergedRecord {
  readonly kind: NumberedKind | 'custom_data';
  readonly path: string;
  /** undefined if the file was not in conflict. */
  readonly side: Side | undefined;
  readonly record: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Whether it exists only in git's history. */
  readonly isFromGit?: boolean;
}

/** All records of a store, without files that are no records or have a side that cannot be read. */
export async function readMerged(dir: string): Promise<MergedRecord[]> {
  const records: MergedRecord[] = [];
  for (const kind of NUMBERED_KINDS) records.push(...(await readFolder(join(dir, kind), kind)));
  const data = join(dir, 'custom_data');
  for (const category of await filesIn(data)) {
    if (category.startsWith('.')) continue;
    records.push(...(await readFolder(join(data, category), 'custom_data')));
  }
  return records;
}

async function readFolder(folder: string, kind: MergedRecord['kind']): Promise<MergedRecord[]> {
  const records: MergedRecord[] = [];
  for (const name of await filesIn(folder).catch(() => [])) {
    if (!name.endsWith('.yaml') || name.startsWith('.')) continue;
    const path = join(folder, name);
    const text = await readFile(path, 'utf8');
    const sides = conflictSides(text);
    const versions: ReadonlyArray<readonly [Side | undefined, string]> =
      sides === undefined
        ? [[undefined, text]]
        : [
            ['ours', sides.ours],
            ['theirs', sides.theirs],
          ];
    const read = versions.flatMap(([side, version]) => {
      const record = recordOf(version, path);
      return record === undefined ? [] : [{ kind, path, side, record, text: version }];
    });
    // Only if both sides are readable; otherwise a repair would lose the other side.
    if (read.length === versions.length) records.push(...read);
  }
  return records;
}

function recordOf(text: string, path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const { value } = parseYaml(text, path, 'a record');
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The key of the record's cycle; undefined for records that people or older versions wrote. */
export function cycleKeyOf({ record }: Pick<MergedRecord, 'record'>): string | undefined {
  const { cycle_key: own, value } = record;
  const key = own ?? (isRecord(value) ? value.cycle_key : undefined);
  return typeof key === 'string' ? key : undefined;
}

const GIT_TIMEOUT_MS = 60_000;

/** How many versions of a file are searched, newest first. */
const MOST_VERSIONS = 50;

/**
 * A record of a cycle that was lost when a merge was resolved, from git's history: the newest version of the file that belongs to
 * the cycle. undefined without git or without such a version.
 */
export async function recordFromGit(
  path: string,
  kind: NumberedKind,
  cycleKey: string,
): Promise<MergedRecord | undefined> {
  const cwd = dirname(path);
  const name = basename(path);
  const git = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout } = await capture('git', args, { cwd, timeoutMs: GIT_TIMEOUT_MS });
    return exitCode === 0 ? stdout : '';
  };
  try {
    const commits = (await git('log', '--all', '--full-history', `-${MOST_VERSIONS}`, '--format=%H', '--', name)).split(
      '\n',
    );
    for (const commit of commits.filter((each) => each !== '')) {
      const text = await git('show', `${commit}:./${name}`);
      const record = conflictSides(text) === undefined ? recordOf(text, path) : undefined;
      if (record !== undefined && record.cycle_key === cycleKey) {
        return { kind, path, side: undefined, record, text, isFromGit: true };
      }
    }
  } catch {
    // git is not installed, or this is no repository.
  }
  return undefined;
}
