// What a page's scripts know beside what is written on it. Only types: both sides of the page share them.

/** Packed by page-data.ts, unpacked by browser/page-data.ts. Times are milliseconds since the start of load. */
export interface PageData {
  /** Start of load, epoch milliseconds: 0 of the time axis. */
  readonly loadStartMs: number;
  /** Length of the time axis. */
  readonly axisMs: number;
}
