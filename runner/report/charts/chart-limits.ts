// How much of a run a chart and its table take.

/** Rows of a chart's data table. */
export const MAX_TABLE_ROWS = 30;

/** More points than this in a line can no longer be distinguished on a page. */
export const MAX_POINTS = 400;
