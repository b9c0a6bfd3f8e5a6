// Turns SIGINT (Ctrl-C) and SIGTERM into stop requests, so that runs end gracefully and the report is still written.

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const STOPPING = '\nStopping gracefully; a report will be written. Press Ctrl-C again to stop now.';
const TERMINAL_CLOSED = 'The terminal was closed. The run goes on to its report; kill the process to stop it.';

export interface Interrupt {
  /** True if the user has requested a stop at least once. */
  readonly isRequested: boolean;
  /**
   * Calls `listener` for each further request, and at once if there was one already. Returns a function that stops
   * listening.
   */
  onRequest(listener: () => void): () => void;
  /** Requests a stop, as Ctrl-C does. */
  request(): void;
  /** Restores Node's default handling of the signals. */
  release(): void;
}

/**
 * Listens for SIGINT and SIGTERM; `say` is called with a line for people. Never ends the process: the run must still be
 * reported, and launchK6 escalates with each request. SIGHUP (a closed terminal) stops nothing, because people close
 * their laptops during a soak.
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
