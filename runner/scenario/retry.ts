// Retries with metrics, because hidden retries make a system look better than it is for users. Runs inside k6.

import { sleep } from 'k6';
import { Counter, Rate } from 'k6/metrics';

/** Number of repeated attempts. */
const retries = new Counter('retries');
/** Share of retried calls that succeeded in the end. */
const succeeded = new Rate('retries_succeeded');

/** Options of retry(). */
export interface RetryOptions<Answer> {
  /** Maximum number of attempts. Default 3. */
  readonly attempts?: number;
  /** Whether to try again. Default: no response, 429, or 500 and above. */
  readonly when?: (answer: Answer) => boolean;
  /** Wait before the second attempt, doubled for each further one. Default 0.5. */
  readonly waitSeconds?: number;
  /** Tags of the two metrics, such as the endpoint. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Calls `attempt` with its number (from 1) until `when` is false or there are no more attempts, and returns the last answer. Every
 * attempt counts in http_reqs and http_req_failed. The metrics `retries` and `retries_succeeded` count retries and successful ones.
 */
export function retry<Answer extends { readonly status: number }>(
  attempt: (number: number) => Answer,
  { attempts = 3, when = isFailure, waitSeconds = 0.5, tags = {} }: RetryOptions<Answer> = {},
): Answer {
  let answer = attempt(1);
  if (!when(answer)) return answer;
  for (let number = 2; number <= attempts; number++) {
    sleep(waitSeconds * 2 ** (number - 2));
    retries.add(1, { ...tags });
    answer = attempt(number);
    if (!when(answer)) {
      succeeded.add(true, { ...tags });
      return answer;
    }
  }
  succeeded.add(false, { ...tags });
  return answer;
}

function isFailure({ status }: { readonly status: number }): boolean {
  return status === 0 || status === 429 || status >= 500;
}
