// What every scenario of a script becomes for a trial: one VU that makes one iteration. Evaluated inside k6.

/** A trial that has not ended by then is stopped, and did not verify. */
export const TRIAL_MS = 60_000;

export const TRIAL = {
  executor: 'per-vu-iterations',
  vus: 1,
  iterations: 1,
  maxDuration: `${TRIAL_MS / 1000}s`,
  gracefulStop: '0s',
} as const;
