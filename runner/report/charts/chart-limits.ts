// The largest size of a chart and of its table.

/** Most rows of a chart's data table. */
export const MAX_TABLE_ROWS = 30;

/** Most points of a line; more could not be distinguished. */
export const MAX_POINTS = 400;

/** Most points of a line of one endpoint, because every endpoint has its own charts. */
export const MAX_ENDPOINT_POINTS = 80;

/** Lines with at most this many points also show the points. */
export const FEW_POINTS = 30;
