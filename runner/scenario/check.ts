// check() for scenarios: as in k6, with samples of failed responses for the runner. Runs inside k6.

import { type Checkers, check as k6Check } from 'k6';
import { hasFailed, sampleChecks, sampleFirst } from './failed-request.ts';

/**
 * Replaces `check` of `k6`: the same, with samples of responses that fail a check. k6 does not report which of several checks failed,
 * and finding out takes 3 µs per check, so this starts after the first failure of a VU. So there is no sample of the first failure
 * among several checks on an expected response.
 */
export function check<VT>(value: VT, sets: Checkers<VT>, tags?: object): boolean {
  if (hasFailed()) return checkOneByOne(value, sets, tags);
  const passed = tags === undefined ? k6Check(value, sets) : k6Check(value, sets, tags);
  if (!passed) sampleFirst(value, Object.keys(sets));
  return passed;
}

/** Evaluates the checks and passes their results to k6, which accepts them in place of functions. */
function checkOneByOne<VT>(value: VT, sets: Checkers<VT>, tags?: object): boolean {
  // Untyped, because k6's types require functions.
  const results = Object.create(null);
  let failed: string[] | undefined;
  let made = '';
  let isAsync = false;
  try {
    for (const name in sets) {
      made = name;
      const test = sets[name];
      const holds = typeof test === 'function' ? test(value) : test;
      isAsync = holds !== true && isPromise(holds);
      if (isAsync) break;
      results[name] = holds;
      if (!holds) failed = [...(failed ?? []), name];
    }
  } catch (error) {
    // As in k6: the check fails, further ones are skipped, and the exception is rethrown.
    results[made] = false;
    k6Check(value, results, tags ?? {});
    sampleChecks(value, [...(failed ?? []), made]);
    throw error;
  }
  // k6 rejects asynchronous checks with its own message.
  if (isAsync) return k6Check(value, sets, tags ?? {});
  const passed = tags === undefined ? k6Check(value, results) : k6Check(value, results, tags);
  if (failed !== undefined) sampleChecks(value, failed);
  return passed;
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value instanceof Promise;
}
