// The data with which numbers of a page follow a range: tracks (measurements in slots of time) and bindings (which figure of which track
// an element shows). Only types: Node packs the data, the page's script reads it.

/** Numbers as text (column.ts), or the values themselves if they span too many orders of magnitude for that. */
export type PackedColumn = string | readonly number[];

/**
 * One track, with a value per slot in each column; all columns but `count` skip slots without samples. Only columns that a figure needs
 * are present. The `sum` of a rate is its number of non-zero values.
 */
export interface PackedTrack {
  readonly count: string;
  readonly sum?: PackedColumn;
  readonly min?: PackedColumn;
  readonly max?: PackedColumn;
  readonly last?: PackedColumn;
  /** A histogram per slot, in the layout of pack-track.ts. */
  readonly bins?: string;
}

/**
 * How a figure is calculated from the tracks `of` (added up) and `per`:
 *
 *   count             samples of `of`              sum, mean, min, max, last   of the values
 *   q                 the quantile `q`, 0 to 1     perSecond, countPerSecond   sum or samples per second of the range
 *   elapsed           milliseconds of the range; `of` does not matter
 *   share             samples of `of` / samples of `per`
 *   sumShare          sum of `of` / samples of `per`
 *   missing           samples of `per` - samples of `of`
 *   missingShare      missing / samples of `per`
 *   zeros             samples - sum, which is the number of zeros of a rate
 *   zeroShare         zeros / samples
 */
export type FigureName =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'last'
  | 'q'
  | 'elapsed'
  | 'perSecond'
  | 'countPerSecond'
  | 'share'
  | 'sumShare'
  | 'missing'
  | 'missingShare'
  | 'zeros'
  | 'zeroShare';

/** How a figure is formatted: the function of format.ts, and its arguments after the value. */
export type FormatName =
  | readonly ['count' | 'duration' | 'percent' | 'perSecond' | 'compact' | 'bytes' | 'bytesPerSecond' | 'cores']
  | readonly ['unit', unit: string]
  | readonly ['target', target: number, unit: string]
  | readonly ['plural', noun: string];

/** One figure. `of` and `per` are indices of `TrackData.tracks`; -1 is a track without samples. */
export interface BoundFigure {
  readonly figure: FigureName;
  readonly q?: number;
  readonly of: readonly number[];
  readonly per?: readonly number[];
  readonly format: FormatName;
}

/** The content of one element of the page. */
export interface Binding {
  readonly figures: readonly BoundFigure[];
  /** The text before, between and after the figures: `p50 `, ` · p99 `, ``. Empty by default. */
  readonly text?: readonly string[];
  /** Only the highest or the lowest of the figures is shown. */
  readonly worst?: 'highest' | 'lowest';
  /** Only this part of the range counts, such as a phase; milliseconds since the start of the load. */
  readonly within?: { readonly fromMs: number; readonly toMs: number };
  /** The element is marked as bad if the figure is above 0 (`some`) or below 1 (`short`). */
  readonly bad?: 'some' | 'short';
}

/** All times are milliseconds since the start of the load. */
export interface TrackData {
  /** Start of the first slot. */
  readonly startMs: number;
  readonly slotMs: number;
  readonly slots: number;
  /** First and last sample of the run; rates count only the seconds between them. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The greatest relative error of percentiles, 0 to 1. */
  readonly error: number;
  readonly tracks: readonly PackedTrack[];
  /** An element's `data-n` is the index of its binding, counted from 1. */
  readonly bindings: readonly Binding[];
  /**
   * For each scenario that the page can be filtered by: the indices of the tracks that replace the first of `tracks`. The index is the
   * same if all samples are the scenario's, NO_SAMPLES if none is, UNDIVIDED if k6 does not tag them with a scenario or there is no room.
   */
  readonly scenarios?: ReadonlyArray<readonly number[]>;
  /** Indices of tracks that charts use: `primary`, the anchor of an endpoint or scenario, and `<anchor>-all` for all samples of an endpoint. */
  readonly drawn: Readonly<Record<string, number>>;
}
