// The open issues that a cycle's results settle: notes about the same scenario from an earlier run, and logs that were closed.

import type { Result } from '../../model/result.ts';
import { UserError } from '../../system/errors.ts';
import { recordLine } from '../../text/record-text.ts';
import type { ConportStore } from '../store/store.ts';
import { ERROR_LOGS_CATEGORY, isOpen } from './error-logs.ts';
import { itemOfIssue } from './open-issues.ts';

/** Items, as `Category:Key`, that need not stand in `open_issues` any more. */
export async function settledIssues(store: ConportStore, results: readonly Result[]): Promise<Set<string>> {
  const { open_issues: issues = [] } = await store.readActiveContext();
  const settled = new Set<string>();
  for (const issue of issues) {
    const item = itemOfIssue(issue);
    if (item === undefined) continue;
    const colon = item.indexOf(':');
    const [category, key] = [item.slice(0, colon), item.slice(colon + 1)];
    const value = await readableValue(store, category, key);
    if (value === undefined) continue;
    const isSettled =
      category === ERROR_LOGS_CATEGORY ? !isOpen(value) : results.some((result) => speaksOf(value, result));
    if (isSettled) settled.add(item);
  }
  return settled;
}

/** undefined: no such item, or a broken one, which cannot count as settled. */
async function readableValue(store: ConportStore, category: string, key: string): Promise<unknown> {
  try {
    return (await store.customData.read(category, key))?.value;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** A run of the same load on the same target says all that the earlier one said; one that broke off does not. */
function speaksOf(note: unknown, result: Result): boolean {
  if (typeof note !== 'object' || note === null || result.partial || result.status === 'error') return false;
  const fields = { component: result.component, scenario: result.scenario, environment: result.environment };
  return (
    Object.entries(fields).every(([field, value]) => Reflect.get(note, field) === recordLine(value)) &&
    Reflect.get(note, 'profile') === result.profile
  );
}
