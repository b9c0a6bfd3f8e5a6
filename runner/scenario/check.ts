// check() of k6 for scenarios: the same call and the same result, and the runner gets samples of the responses that failed. Runs inside k6.

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
  // Of no type: k6's types ask for functions.
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
    // As k6 does it: the check failed, those after it are not made, and the exception goes on.
    results[made] = false;
    k6Check(value, results, tags ?? {});
    sampleChecks(value, [...(failed ?? []), made]);
    throw error;
  }
  // k6 refuses asynchronous checks in words of its own.
  if (isAsync) return k6Check(value, sets, tags ?? {});
  const passed = tags === undefined ? k6Check(value, results) : k6Check(value, results, tags);
  if (failed !== undefined) sampleChecks(value, failed);
  return passed;
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value instanceof Promise;
}
