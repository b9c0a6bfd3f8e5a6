// The counts and conflicts of a push.

/** A record that was changed here and on the server. */
export interface Conflict {
  /** `progress/3` or `PerformanceNotes:Catalog_…`, the argument of `conport push --ours|--theirs`. */
  readonly item: string;
  readonly ours: string;
  readonly theirs: string;
}

/** The progress of a push. */
export interface PushTally {
  created: number;
  updated: number;
  unchanged: number;
  /** Records that stay as they were changed on the server: changed only there, or decided with --theirs. */
  kept: number;
  readonly conflicts: Conflict[];
  readonly warnings: string[];
}

/** The user's decisions on conflicts, as names of items here. */
export interface Choices {
  readonly ours: ReadonlySet<string>;
  readonly theirs: ReadonlySet<string>;
}

/** No side is chosen for any record. */
export const NO_CHOICES: Choices = { ours: new Set(), theirs: new Set() };
