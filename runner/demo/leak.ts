// A rate in bytes per second becomes resident memory that is never given back.

// A forgotten demo must not take the machine with it.
const LIMIT_BYTES = 1_000_000_000;
const CHECK_EVERY_MS = 100;

/** Memory held on purpose. */
export interface Leak {
  readonly leakedBytes: number;
}

/**
 * Begins to leak at once. The amount follows the clock, not the number of timer calls, so a busy process leaks no slower; it
 * stops at 1 GB.
 */
export function startLeak(bytesPerSecond: number): Leak {
  const held: Buffer[] = [];
  const leak = { leakedBytes: 0 };
  if (bytesPerSecond <= 0) return leak;
  const beganAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(((performance.now() - beganAt) / 1000) * bytesPerSecond, LIMIT_BYTES);
    const bytes = Math.floor(due - leak.leakedBytes);
    if (bytes < 1) return;
    // Filled with ones: pages that were never written to are not resident.
    held.push(Buffer.alloc(bytes, 1));
    leak.leakedBytes += bytes;
  }, CHECK_EVERY_MS);
  timer.unref();
  return leak;
}
