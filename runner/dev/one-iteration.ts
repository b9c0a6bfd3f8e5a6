// Runs one iteration of a script in k6 and returns its steps.

import { ExceptionCounter } from '../k6/exceptions.ts';
import type { K6 } from '../k6/find.ts';
import type { K6Script } from '../k6/inspect.ts';
import { launchK6 } from '../k6/launch.ts';
import { type Iteration, IterationReader } from './iteration.ts';

/** What to run. */
export interface OneIteration {
  readonly k6: K6;
  readonly script: K6Script;
  /** `__ENV` of the script. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
  /** Flags of `k6 run`, such as those that block hosts. */
  readonly args: readonly string[];
  /** Called from time to time with the number of requests so far. */
  readonly onRequests: (requests: number) => void;
}

/** An iteration under way. */
export interface RunningIteration {
  /** Ends it at once; `ended` still resolves. */
  stop(): void;
  readonly ended: Promise<Iteration>;
}

/** Starts one iteration. Rejects with a UserError if k6 cannot be started. */
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
