// A script becomes one iteration in real k6: what it did, step by step.

import { ExceptionCounter } from '../k6/exceptions.ts';
import type { K6 } from '../k6/find.ts';
import type { K6Script } from '../k6/inspect.ts';
import { launchK6 } from '../k6/launch.ts';
import { type Iteration, IterationReader } from './iteration.ts';

export interface OneIteration {
  readonly k6: K6;
  readonly script: K6Script;
  /** `__ENV` of the script. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
  /** Flags of `k6 run`, such as those that keep it off hosts. */
  readonly args: readonly string[];
  /** Gets the number of requests so far, now and then. */
  readonly onRequests: (requests: number) => void;
}

export interface RunningIteration {
  /** Ends it at once; it is still waited for by `ended`. */
  stop(): void;
  readonly ended: Promise<Iteration>;
}

/** Rejects with a UserError where k6 cannot be started. */
export async function runOnce({
  k6,
  script,
  variables,
  env,
  args,
  onRequests,
}: OneIteration): Promise<RunningIteration> {
  const reader = new IterationReader();
  const exceptions = new ExceptionCounter();
  const running = await launchK6({
    k6,
    script,
    variables: { ...variables, NOVAPERF_TRIAL: '1' },
    env,
    args: [...args, '--http-debug=full'],
    stream: 'samples',
    gracefulStopMs: 500,
    killAfterMs: 1000,
    onStdout: (chunk) => reader.push(chunk),
    onLog: (entry) => {
      if (reader.log(entry)) onRequests(reader.requests);
      else if (!exceptions.add(entry)) reader.note(entry);
    },
  });
  return { stop: () => running.stop(), ended: running.ended.then(() => reader.end(exceptions.exceptions())) };
}
