// Nothing goes in; a running target comes out: its URL, and what it answered from one question to the next.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';

export interface Answered {
  /** Requests since the last call of answered(). */
  readonly requests: number;
  /** From the first of them to the last, milliseconds. */
  readonly spanMs: number;
}

export interface Target {
  readonly url: string;
  answered(): Promise<Answered>;
  stop(): Promise<void>;
}

const listening = z.object({ port: z.int() });
const count = z.object({ answered: z.int(), spanMs: z.number() });

/** Starts the compiled bench/programs/target.ts; it ends with this process, however that ends. */
export async function startTarget(program: string): Promise<Target> {
  const child = fork(program, { execArgv: [] });
  const [message] = await once(child, 'message');
  const { port } = listening.parse(message);
  return {
    url: `http://127.0.0.1:${port}`,
    async answered() {
      const reply = once(child, 'message');
      child.send('count');
      const { answered, spanMs } = count.parse((await reply)[0]);
      return { requests: answered, spanMs };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
