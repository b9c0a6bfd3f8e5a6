// Any JSON goes in; it stands on stdout, and the process may end.

import { setTimeout as wait } from 'node:timers/promises';

/** Longer than V8 compiles a function in the background. */
const SETTLE_MS = 20;

/**
 * Prints the answer of a program and lets V8 finish what it compiles: Node 20 that ends right after hot code can wait for its
 * own compiler thread for ever (nodejs/node#54918; 3 of 60 readers did on a busy machine, process.exit() or not).
 */
export async function printAnswer(answer: unknown): Promise<void> {
  process.stdout.write(JSON.stringify(answer));
  await wait(SETTLE_MS);
}
