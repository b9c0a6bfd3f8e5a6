// The smallest change between runs that counts as one, if nothing else is configured.

/** Response times must change by both, rates by the percentage. */
export const DEFAULT_PRACTICAL_SIZE = { percent: 5, ms: 5 };
