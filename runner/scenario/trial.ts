// The load of every scenario in a trial: one VU with one iteration. Runs inside k6.

/** Maximum duration of a trial; a longer one is stopped and fails the check. */
export const TRIAL_MS = 60_000;

/** The executor of a trial. */
export const TRIAL = {
  executor: 'per-vu-iterations',
  vus: 1,
  iterations: 1,
  maxDuration: `${TRIAL_MS / 1000}s`,
  gracefulStop: '0s',
} as const;
