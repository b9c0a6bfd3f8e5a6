// Starts the bench's server: its URL, and the number of answered requests.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';

/** Requests since the last call. */
export interface Answered {
  /** Requests since the last call of answered(). */
  readonly requests: number;
  /** Times of every thousandth of them, milliseconds by the server's clock. */
  readonly thousandthsMs: readonly number[];
}

/** The running server. */
export interface Target {
  readonly url: string;
  answered(): Promise<Answered>;
  stop(): Promise<void>;
}

const listening = z.object({ port: z.int() });
const count = z.object({ answered: z.int(), thousandthsMs: z.array(z.number()) });

/** Starts the compiled bench/programs/target.ts, which always ends with this process. */
export async function startTarget(program: string): Promise<Target> {
  const child = fork(program, { execArgv: [] });
  const [message] = await once(child, 'message');
  const { port } = listening.parse(message);
  return {
    url: `http://127.0.0.1:${port}`,
    async answered() {
      const reply = once(child, 'message');
      child.send('count');
      const { answered, thousandthsMs } = count.parse((await reply)[0]);
      return { requests: answered, thousandthsMs };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** Requests per second from the request number `from` to the number `to`, both whole thousands. */
export function rateBetween({ thousandthsMs }: Answered, from: number, to: number): number {
  const [beganMs, endedMs] = [from, to].map((number) => thousandthsMs[number / 1000 - 1]);
  if (beganMs === undefined || endedMs === undefined) {
    throw new Error(`Expected ${to} requests, found ${thousandthsMs.length} thousand`);
  }
  return ((to - from) * 1000) / (endedMs - beganMs);
}
