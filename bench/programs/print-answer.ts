// Prints the answer of a program as JSON, after which the process may end.

import { setTimeout as wait } from 'node:timers/promises';

/** Longer than a background compilation of V8. */
const SETTLE_MS = 20;

/**
 * Prints the answer and lets V8 finish its compilations: Node 20 that ends right after hot code can wait for its compiler thread
 * forever (nodejs/node#54918; 3 of 60 readers on a busy machine, with and without process.exit()).
 */
export async function printAnswer(answer: unknown): Promise<void> {
  process.stdout.write(JSON.stringify(answer));
  await wait(SETTLE_MS);
}
