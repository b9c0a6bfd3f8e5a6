// Asks again until an answer is the one that is waited for. Runs inside k6.

import { sleep } from 'k6';

export interface PollOptions {
  /** Between two questions. Default 1. */
  readonly everySeconds?: number;
  /** Default 30. */
  readonly timeoutSeconds?: number;
}

export interface Polled<Answer> {
  readonly last: Answer;
  /** false: the time was over. */
  readonly done: boolean;
  readonly attempts: number;
  /** From the first question to the last answer. */
  readonly durationMs: number;
}

/** Calls `ask` until `isDone` holds for its answer or the time is over; every question is a request with metrics of its own. */
export function poll<Answer>(
  ask: () => Answer,
  isDone: (answer: Answer) => boolean,
  { everySeconds = 1, timeoutSeconds = 30 }: PollOptions = {},
): Polled<Answer> {
  const startedAtMs = Date.now();
  for (let attempts = 1; ; attempts++) {
    const last = ask();
    const done = isDone(last);
    const durationMs = Date.now() - startedAtMs;
    if (done || durationMs + everySeconds * 1000 > timeoutSeconds * 1000) return { last, done, attempts, durationMs };
    sleep(everySeconds);
  }
}
