// What a push counts while it goes on.

/** What a push has done so far. */
export interface PushTally {
  created: number;
  updated: number;
  unchanged: number;
  readonly warnings: string[];
}
