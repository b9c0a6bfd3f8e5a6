// Ctrl-C, a closed terminal and a polite kill become requests to stop: runs end gracefully, and the report is still written.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** The user has asked for the end at least once. */
  readonly isRequested: boolean;
  /** Calls `listener` at each request from now on, and at once if there was one already. Returns the way to stop listening. */
  onRequest(listener: () => void): () => void;
  /** Asks for the end as Ctrl-C does. */
  request(): void;
  /** Gives the signals back to Node's defaults. */
  release(): void;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP; `tell` hears which request it is, from 1. The process is never ended here: what ran
 * must still be reported, and k6's launcher presses harder with each request.
 */
export function listenForInterrupt(tell: (request: number) => void): Interrupt {
  const listeners = new Set<() => void>();
  let requests = 0;
  const request = () => {
    requests++;
    tell(requests);
    for (const listener of listeners) listener();
  };
  for (const name of SIGNALS) process.on(name, request);
  return {
    get isRequested() {
      return requests > 0;
    },
    onRequest(listener) {
      listeners.add(listener);
      if (requests > 0) listener();
      return () => listeners.delete(listener);
    },
    request,
    release() {
      for (const name of SIGNALS) process.off(name, request);
    },
  };
}
