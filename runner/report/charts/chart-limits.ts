// The largest size of a chart and of its table.

/** Most rows of a chart's data table. */
export const MAX_TABLE_ROWS = 30;

/** Most points of a line; more could not be distinguished. */
export const MAX_POINTS = 400;
