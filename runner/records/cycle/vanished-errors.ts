// Resolves open errors that a run should have seen again but did not; they are reopened when they come back.

import type { StoredData } from '../../config/custom-data.ts';
import type { Result } from '../../model/result.ts';
import { isRecord } from '../../system/json.ts';
import { recordLine } from '../../text/record-text.ts';
import type { ConportStore } from '../store/store.ts';

const CATEGORY = 'ErrorLogs';

/** Statuses of open errors that no person has started to work on. */
const UNTOUCHED = ['OPEN', 'REOPENED'];

/** If an error still existed and 5 were expected, fewer than 1 of 100 runs would see none (e^-5 = 0.7 %). */
const MIN_EXPECTED = 5;

/**
 * Resolves errors of earlier runs of the same scenario, profile and environment that this run did not see although it made enough
 * requests. `seen`: keys of the errors that it saw. Returns the keys of the resolved ones.
 */
export async function resolveVanished(
  store: ConportStore,
  result: Result,
  seen: ReadonlySet<string>,
): Promise<string[]> {
  if (result.partial || result.status === 'error' || result.status === 'aborted') return [];
  const { items } = await store.customData.readable(CATEGORY);
  const resolved: string[] = [];
  for (const item of items) {
    if (seen.has(item.key) || !isUntouchedErrorOf(item, result)) continue;
    const { last_share: share, kind, endpoint } = item.value;
    const tries = triesOf(result, String(kind), String(endpoint ?? ''));
    const expected = Number(share) * tries;
    if (!(expected >= MIN_EXPECTED)) continue;
    await store.customData.update(CATEGORY, item.key, (value) => {
      if (!isRecord(value)) return value;
      const note = `Not seen in ${result.run}, build ${recordLine(result.build_version)}: about ${Math.round(expected)} were expected in ${tries}.`;
      const notes = value.verification_notes;
      return {
        ...value,
        status: 'RESOLVED',
        settled_in_run: result.run,
        verification_notes: typeof notes === 'string' && notes !== '' ? `${notes}\n${note}` : note,
      };
    });
    resolved.push(item.key);
  }
  return resolved;
}

type ErrorItem = StoredData & { readonly value: Record<string, unknown> };

function isUntouchedErrorOf(item: StoredData, result: Result): item is ErrorItem {
  const { value } = item;
  if (!isRecord(value) || !UNTOUCHED.includes(String(value.status)) || typeof value.last_share !== 'number')
    return false;
  const { component, scenario, environment } = result;
  return (
    value.component === recordLine(component) &&
    value.scenario === recordLine(scenario) &&
    value.environment === recordLine(environment) &&
    value.profile === result.profile
  );
}

/** How often the error could have happened in the run: requests to its endpoint, evaluations of a check, or iterations. */
function triesOf(result: Result, kind: string, endpoint: string): number {
  switch (kind) {
    case 'http':
    case 'transport':
      return result.endpoints.filter(({ name }) => name === endpoint).reduce((sum, { requests }) => sum + requests, 0);
    case 'check': {
      return result.checks.reduce((sum, { passes, fails }) => Math.max(sum, passes + fails), 0);
    }
    default:
      return result.iterations.completed;
  }
}
