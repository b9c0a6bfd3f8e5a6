// What the runner sends to an open live page. Only types: both sides share them.

/** A scenario of the cycle that is over. */
export interface FinishedRun {
  readonly name: string;
  /** `Passed`, `Failed`, …, or why it did not run. */
  readonly word: string;
  readonly tone: 'good' | 'bad' | 'warn';
  /** Path of its report below the page's own address; null where there is none. */
  readonly href: string | null;
  /** Where the report lies on the machine that ran it; '' where there is none. */
  readonly file: string;
}

/** The bar at the top of the page: where the run is. */
export interface LiveBar {
  /** ended: the cycle is over, nothing more comes. */
  readonly stage: 'waiting' | 'running' | 'reporting' | 'ended';
  readonly text: string;
  readonly isStopping: boolean;
  readonly finished: readonly FinishedRun[];
}

/** A part of the page, in the order in which the parts stand. */
export interface BlockChange {
  readonly key: string;
  /** undefined: as the page has it already. */
  readonly html?: string;
}

/** The page itself has changed. What it had and is not named any more is gone. */
export interface PageChange {
  /** The run that the page is about; folds, filters and the like are kept within one run. */
  readonly run: string;
  readonly title: string;
  readonly blocks: readonly BlockChange[];
  /** The page's data block, packed. */
  readonly data: string;
}

/** One message: the bar always, the page where it changed. */
export interface LiveEvent {
  readonly bar: LiveBar;
  readonly page?: PageChange;
}
