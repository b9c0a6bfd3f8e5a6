// The messages from the runner to an open live page. Types only, because both sides import them.

/** A scenario of the cycle that has ended. */
export interface FinishedRun {
  readonly name: string;
  /** `Passed`, `Failed`, …, or why it did not run. */
  readonly word: string;
  readonly tone: 'good' | 'bad' | 'warn';
  /** Path of its report, relative to the page's address; null if there is none. */
  readonly href: string | null;
  /** Path of the report on the machine that ran it; '' if there is none. */
  readonly file: string;
}

/** The bar at the top of the page, with the state of the run. */
export interface LiveBar {
  /** ended: the cycle is over, and no further message follows. */
  readonly stage: 'waiting' | 'running' | 'reporting' | 'ended';
  readonly text: string;
  readonly isStopping: boolean;
  readonly finished: readonly FinishedRun[];
}

/** A block of the page, listed in page order. */
export interface BlockChange {
  readonly key: string;
  /** undefined: unchanged. */
  readonly html?: string;
}

/** A change of the page. Blocks that are not listed any more are removed. */
export interface PageChange {
  /** The run that the page shows. The page keeps folds and filters as long as this stays the same. */
  readonly run: string;
  readonly title: string;
  readonly blocks: readonly BlockChange[];
  /** The page's packed data block. */
  readonly data: string;
}

/** One message: always the bar, and the page if it changed. */
export interface LiveEvent {
  readonly bar: LiveBar;
  readonly page?: PageChange;
}
