// A token that is renewed before it expires. Runs inside k6.

/** The result of a login. */
export interface Granted<Value> {
  readonly value: Value;
  /** How long it is valid, such as OAuth's `expires_in`. */
  readonly expiresInSeconds: number;
}

/** Options of renewed(). */
export interface RenewOptions {
  /** How long before the expiry to renew. Default 10. */
  readonly beforeSeconds?: number;
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
}

/**
 * Returns a function for the current token. It calls `grant` the first time, and again before the token expires. Each VU has its own
 * token. If `grant` returns undefined (a failed login), the next call tries again.
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
