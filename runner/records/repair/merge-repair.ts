// Repairs the records of two branches after a git merge: of two with the same number or key, the newer one gets another, with all references.

import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { rewriteYaml } from '../../config/yaml-text.ts';
import { isRecord } from '../../system/json.ts';
import { withLock } from '../../system/lock.ts';
import { writeWholeFile } from '../../system/whole-file.ts';
import type { ConportStore } from '../store/store.ts';
import { emptySyncMap } from '../store/sync-map.ts';
import { mergeContext } from './merge-context.ts';
import { isSame, isSameError, type Renaming, renameData, renamed, renumber } from './merge-renaming.ts';
import { type MergedRecord, NUMBERED_KINDS, readMerged, recordFromGit } from './merged-records.ts';
import { nameOf, strayReferences } from './stray-references.ts';

/** Repairs the records after a merge; returns one sentence per change. Writes nothing if there is nothing to repair. */
export async function repairMerge(store: ConportStore): Promise<string[]> {
  return withLock(store.lockFile, async () => {
    const records = await readMerged(store.dir);
    records.push(...(await lostRecords(store, records)));
    const done: string[] = [];
    const renaming: Renaming = { ofCycle: new Map(), ofSide: { ours: emptySyncMap(), theirs: emptySyncMap() } };
    const places = new Map<MergedRecord, { id?: number; key?: string }>();
    for (const kind of NUMBERED_KINDS) renumber(kind, records, renaming, places, done);
    renameData(records, renaming, places, done);
    const dropped = sameRecords(records, done);
    // Files that people wrote stay unchanged if there is nothing to repair.
    if (done.length > 0) await writeAll(store, records, dropped, renaming, places);
    await mergeContext(store, renaming, done);
    if (done.length > 0) done.push('check the records, then git add them');
    return done;
  });
}

/** Records that others of their cycle refer to, but that a record of another cycle has replaced. */
async function lostRecords(store: ConportStore, records: readonly MergedRecord[]): Promise<MergedRecord[]> {
  const lost = new Map<string, MergedRecord>();
  for (const { kind, id, cycleKey } of strayReferences(records)) {
    const found = await recordFromGit(join(store.dir, kind, `${id}.yaml`), kind, cycleKey);
    if (found !== undefined) lost.set(`${kind}/${id} ${cycleKey}`, found);
  }
  return [...lost.values()];
}

/** The versions to drop of records that both sides changed; the more complete version stays. */
function sameRecords(records: readonly MergedRecord[], done: string[]): Set<MergedRecord> {
  const dropped = new Set<MergedRecord>();
  const conflicted = records.filter(({ side }) => side !== undefined);
  for (const theirs of conflicted.filter(({ side }) => side === 'theirs')) {
    const ours = conflicted.find((each) => each.side === 'ours' && each.path === theirs.path);
    if (ours === undefined || !(isSame(ours, theirs) || isSameError(ours, theirs))) continue;
    const [kept, left] = furtherOf(theirs) > furtherOf(ours) ? [theirs, ours] : [ours, theirs];
    dropped.add(left);
    done.push(
      `${nameOf(kept)} was changed on both sides: ${kept.side === 'ours' ? 'this side' : 'the other side'} is kept, because it is more complete`,
    );
  }
  return dropped;
}

const PROGRESS_ORDER = ['TODO', 'IN_PROGRESS'];

/** A text that sorts later for a more complete record: one with an ended status or a later sighting. */
function furtherOf({ record }: MergedRecord): string {
  const value = isRecord(record.value) ? record.value : {};
  const ended = typeof record.status === 'string' && !PROGRESS_ORDER.includes(record.status) ? 1 : 0;
  return `${ended} ${String(value.last_seen_at ?? value.ended_at ?? '')} ${String(value.runs_seen ?? '').padStart(6, '0')}`;
}

async function writeAll(
  store: ConportStore,
  records: readonly MergedRecord[],
  dropped: ReadonlySet<MergedRecord>,
  renaming: Renaming,
  places: ReadonlyMap<MergedRecord, { readonly id?: number; readonly key?: string }>,
): Promise<void> {
  const written = new Set<string>();
  const old = new Set<string>();
  for (const each of records) {
    if (dropped.has(each)) continue;
    const place = places.get(each) ?? {};
    const record = renamed(each, renaming, place);
    const path = pathOf(store, each, place);
    if (path !== each.path) old.add(each.path);
    const isMoved = each.side !== undefined || each.isFromGit === true || path !== each.path;
    if (isMoved || !isDeepStrictEqual(record, each.record)) await writeWholeFile(path, rewriteYaml(each.text, record));
    written.add(path);
  }
  for (const path of old) if (!written.has(path)) await unlink(path).catch(() => undefined);
}

function pathOf(
  store: ConportStore,
  each: MergedRecord,
  place: { readonly id?: number; readonly key?: string },
): string {
  if (each.kind !== 'custom_data')
    return place.id === undefined ? each.path : join(store.dir, each.kind, `${place.id}.yaml`);
  return place.key === undefined ? each.path : store.customData.path(String(each.record.category), place.key);
}
