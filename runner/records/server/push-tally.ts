// What a push counts while it goes on, and what it leaves for a person to decide.

/** A record that was changed here and on the server. */
export interface Conflict {
  /** `progress/3`, `PerformanceNotes:Catalog_…`: what `conport push --ours|--theirs` takes. */
  readonly item: string;
  readonly ours: string;
  readonly theirs: string;
}

/** What a push has done so far. */
export interface PushTally {
  created: number;
  updated: number;
  unchanged: number;
  /** Changed on the server only: left as it is there. */
  kept: number;
  readonly conflicts: Conflict[];
  readonly warnings: string[];
}

/** How a person decided about conflicts: items by the name that they have here. */
export interface Choices {
  readonly ours: ReadonlySet<string>;
  readonly theirs: ReadonlySet<string>;
}

export const NO_CHOICES: Choices = { ours: new Set(), theirs: new Set() };
