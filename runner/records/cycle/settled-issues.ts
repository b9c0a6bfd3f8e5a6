// The open issues that the results of a cycle settle: notes of earlier runs of the same scenario, and error logs that were closed.

import type { Result } from '../../model/result.ts';
import { UserError } from '../../system/errors.ts';
import { recordLine } from '../../text/record-text.ts';
import type { ConportStore } from '../store/store.ts';
import { ERROR_LOGS_CATEGORY, isOpen } from './error-logs.ts';
import { itemOfIssue } from './open-issues.ts';

/** Items (`Category:Key`) to remove from `open_issues`. */
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
      category === ERROR_LOGS_CATEGORY ? !isOpen(value) : results.some((result) => replaces(result, value));
    if (isSettled) settled.add(item);
  }
  return settled;
}

/** The value of an item; undefined if it does not exist or is broken, so that it does not count as settled. */
async function readableValue(store: ConportStore, category: string, key: string): Promise<unknown> {
  try {
    return (await store.customData.read(category, key))?.value;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Whether a result replaces a note: it is a complete run of the same scenario, profile and environment. */
function replaces(result: Result, note: unknown): boolean {
  if (typeof note !== 'object' || note === null || result.partial || result.status === 'error') return false;
  const fields = { component: result.component, scenario: result.scenario, environment: result.environment };
  return (
    Object.entries(fields).every(([field, value]) => Reflect.get(note, field) === recordLine(value)) &&
    Reflect.get(note, 'profile') === result.profile
  );
}
