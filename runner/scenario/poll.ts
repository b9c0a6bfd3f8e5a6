// Repeats a request until its answer is the expected one. Runs inside k6.

import { sleep } from 'k6';

/** Options of poll(). */
export interface PollOptions {
  /** Time between two calls of `ask`. Default 1. */
  readonly everySeconds?: number;
  /** Default 30. */
  readonly timeoutSeconds?: number;
}

/** The result of poll(). */
export interface Polled<Answer> {
  readonly last: Answer;
  /** false: timeout. */
  readonly done: boolean;
  readonly attempts: number;
  /** From the first call of `ask` to the last answer. */
  readonly durationMs: number;
}

/** Calls `ask` until `isDone` is true for its answer, or until the timeout. Every call is a request with its own metrics. */
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
