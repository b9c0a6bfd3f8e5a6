// Names for two builds that are loaded in turn in one run: the value of the tag, `a` or `b`, says which one a
// sample belongs to.

export const SIDE_TAG = 'novaperf_side';

/** Environment variables with the addresses of the two builds. */
export const SIDE_VARIABLES = { a: 'NOVAPERF_SIDE_A', b: 'NOVAPERF_SIDE_B' } as const;
