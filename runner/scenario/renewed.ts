// A token that a login gives for a while, fetched again before it expires. Runs inside k6.

/** What a login gives. */
export interface Granted<Value> {
  readonly value: Value;
  /** How long it is valid, such as OAuth's `expires_in`. */
  readonly expiresInSeconds: number;
}

export interface RenewOptions {
  /** Renew it so long before it expires. Default 10. */
  readonly beforeSeconds?: number;
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
}

/**
 * A function that gives the current token: it calls `grant` the first time, and again when the last one is about to expire. Each VU
 * has its own, as each has its own variables. An undefined grant (a login that failed) is not kept: the next call tries again.
 */
export function renewed<Value>(
  grant: () => Granted<Value> | undefined,
  { beforeSeconds = 10, now = Date.now }: RenewOptions = {},
): () => Value | undefined {
  let last: { readonly value: Value; readonly renewAtMs: number } | undefined;
  return () => {
    if (last === undefined || now() >= last.renewAtMs) {
      const granted = grant();
      // A token that is valid for less than the margin is used once.
      const validMs = granted === undefined ? 0 : Math.max(0, granted.expiresInSeconds - beforeSeconds) * 1000;
      last = granted === undefined ? undefined : { value: granted.value, renewAtMs: now() + validMs };
    }
    return last?.value;
  };
}
