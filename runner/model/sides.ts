// Two builds loaded in one run, in turn: the tag that says which of them a sample is of, `a` or `b`.

export const SIDE_TAG = 'novaperf_side';

/** Variables that hold the addresses of the two. */
export const SIDE_VARIABLES = { a: 'NOVAPERF_SIDE_A', b: 'NOVAPERF_SIDE_B' } as const;
