// SIGINT (Ctrl-C) and SIGTERM become requests to stop: runs end gracefully, and the report is still written.

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const STOPPING = '\nStopping gracefully; a report will be written. Press Ctrl-C again to stop now.';
const TERMINAL_CLOSED = 'The terminal was closed. The run goes on to its report; kill the process to stop it.';

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
 * Listens for SIGINT and SIGTERM; `say` gets a line for people. The process is never ended here: what ran must still be reported,
 * and k6's launcher presses harder with each request. SIGHUP, a terminal that was closed, stops nothing: people close their
 * laptops over a soak.
 */
export function listenForInterrupt(say: (text: string) => void): Interrupt {
  const listeners = new Set<() => void>();
  let requests = 0;
  const request = () => {
    requests++;
    say(requests === 1 ? STOPPING : 'Stopping now.');
    for (const listener of listeners) listener();
  };
  for (const name of SIGNALS) process.on(name, request);
  const onHangUp = () => say(TERMINAL_CLOSED);
  process.on('SIGHUP', onHangUp);
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
      process.off('SIGHUP', onHangUp);
    },
  };
}
