// Adds proposed targets to a component's PerformanceTargets item, as its next version.

import { TARGETS_CATEGORY } from '../../config/targets-store.ts';
import { UserError } from '../../system/errors.ts';
import { isRecord } from '../../system/json.ts';
import type { Proposal, ProposedTarget } from '../../targets/proposal.ts';
import type { UnreadRow } from '../../targets/unread-row.ts';
import { keyPart } from '../store/record-keys.ts';
import type { ConportStore } from '../store/store.ts';

/** Rows and sentences of one item, with the targets proposed for them. */
export interface ItemProposals {
  readonly item: string;
  readonly component: string;
  readonly rows: readonly UnreadRow[];
}

/** Unread rows grouped by item. */
export function byItem(rows: readonly UnreadRow[]): ItemProposals[] {
  const items = new Map<string, ItemProposals>();
  for (const row of rows) {
    const { item, component } = row;
    items.set(item, { item, component, rows: [...(items.get(item)?.rows ?? []), row] });
  }
  return [...items.values()];
}

/** Proposed targets without open questions. */
export function certain(proposals: readonly Proposal[]): ProposedTarget[] {
  return proposals.filter(({ questions }) => questions.length === 0).map(({ target }) => target);
}

/**
 * Writes `PerformanceTargets:[Component]_Targets_v[N+1]` with the targets of the newest version and the new ones; returns its key.
 * Throws a UserError if the newest version has no list of targets, because that cannot be merged automatically.
 */
export async function writeProposed(
  store: ConportStore,
  component: string,
  targets: readonly ProposedTarget[],
  description: string,
): Promise<string> {
  const base = `${keyPart(component)}_Targets_v`;
  const versions = (await store.customData.keys(TARGETS_CATEGORY))
    .filter((key) => key.startsWith(base))
    .map((key) => Number(key.slice(base.length)))
    .filter((version) => Number.isInteger(version));
  const newest = versions.length === 0 ? undefined : Math.max(...versions);
  const old = newest === undefined ? undefined : await store.customData.read(TARGETS_CATEGORY, `${base}${newest}`);
  const value = isRecord(old?.value) ? old.value : {};
  if (old !== undefined && !Array.isArray(value.targets)) {
    throw new UserError(
      `Expected a list \`targets\` in ${TARGETS_CATEGORY}:${old.key} to add to, found another shape.`,
      {
        where: old.path,
        next: 'omit --write and copy the entries',
      },
    );
  }
  const kept: unknown[] = Array.isArray(value.targets) ? value.targets : [];
  const next = { schema_version: '1.0', component, ...value, description, targets: [...kept, ...targets] };
  function* keys() {
    for (let version = (newest ?? 0) + 1; ; version++) yield `${base}${version}`;
  }
  return store.customData.create(TARGETS_CATEGORY, keys(), () => next);
}
