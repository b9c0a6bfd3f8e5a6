// The REST API of k6 in the runners, through the proxy of the API server: to end k6 gracefully and to compare clocks.

import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeApi, KubeUnreachable } from './kube-api.ts';
import type { Runner } from './runner.ts';

const TIMEOUT_MS = 5000;
const STOP_ATTEMPTS = 20;
const STOP_RETRY_MS = 1000;

export interface RunnersApi {
  readonly api: KubeApi;
  /** Path of the status of k6 in the runner with this number. */
  readonly pathOf: (runner: number) => string;
  /** Aborted when the run is over and no response is needed. */
  readonly signal: AbortSignal;
}

/** Requests the status of k6 once, from which the runner estimates its clock offset. Ignores an unreachable API. */
export async function probeClock({ api, pathOf }: RunnersApi, runner: Runner): Promise<void> {
  const askedAtMs = Date.now();
  try {
    const answer = await api.request('GET', pathOf(runner.pod.runner), undefined, { timeoutMs: TIMEOUT_MS });
    if (answer.status === 200) runner.sawClock(answer, askedAtMs, Date.now());
  } catch (error) {
    if (!(error instanceof KubeUnreachable)) throw error;
  }
}

/**
 * Requests that k6 in the runner ends gracefully. Repeats the request every STOP_RETRY_MS until it succeeds, the runner
 * ends, `signal` is aborted, or STOP_ATTEMPTS is reached.
 */
export async function stopRunner({ api, pathOf, signal }: RunnersApi, runner: Runner): Promise<void> {
  const body = { data: { type: 'status', id: 'default', attributes: { stopped: true } } };
  for (let attempt = 0; attempt < STOP_ATTEMPTS && !runner.hasEnded && !signal.aborted; attempt++) {
    try {
      const { status } = await api.request('PATCH', pathOf(runner.pod.runner), body, { timeoutMs: TIMEOUT_MS });
      if (status === 200) return;
    } catch (error) {
      if (!(error instanceof KubeUnreachable)) throw error;
    }
    await sleep(STOP_RETRY_MS);
  }
}
