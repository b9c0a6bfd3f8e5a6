// Open errors that a run should have met again and did not become resolved; they are reopened when they come back.

import type { StoredData } from '../../config/custom-data.ts';
import type { Result } from '../../model/result.ts';
import { isRecord } from '../../system/json.ts';
import { recordLine } from '../../text/record-text.ts';
import type { ConportStore } from '../store/store.ts';

const CATEGORY = 'ErrorLogs';

/** Only what nobody works on: any other status is for people to change. */
const UNTOUCHED = ['OPEN', 'REOPENED'];

/** With so many expected and none seen, fewer than 1 of 100 runs would be so lucky. */
const MIN_EXPECTED = 5;

/**
 * Resolves the errors of earlier runs of the same scenario, load and environment that this run did not see, where it made enough
 * requests to see them. `seen`: keys of what it did see. Returns the keys of the resolved ones.
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

/** How often the run did what the error is a share of: requests to an endpoint, checks, iterations. */
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
