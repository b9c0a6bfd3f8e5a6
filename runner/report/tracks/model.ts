// What a page knows of its numbers over time, so that they can follow a range: tracks (what was measured, slot by slot) and
// bindings (which figure of which track stands where). Only types: the server side packs them, the page's scripts read them.

/** Whole numbers as text (column.ts), or, where they span too many magnitudes for that, the values themselves. */
export type PackedColumn = string | readonly number[];

/**
 * One track, slot by slot; columns but `count` skip the slots without a sample. Which there are depends on what is asked of it.
 * `sum` of a rate is its number of non-zero values.
 */
export interface PackedTrack {
  readonly count: string;
  readonly sum?: PackedColumn;
  readonly min?: PackedColumn;
  readonly max?: PackedColumn;
  readonly last?: PackedColumn;
  /** A histogram per slot, as pack-track.ts lays it out. */
  readonly bins?: string;
}

/**
 * What is taken from the tracks `of` (added up) and `per`:
 *
 *   count             samples                      sum, mean, min, max, last   of the values
 *   q                 the quantile `q`, 0 to 1     perSecond, countPerSecond   sum or samples per second of the range
 *   elapsed           milliseconds of the range, whatever `of` is
 *   share             samples of `of` / samples of `per`
 *   sumShare          sum of `of` / samples of `per`
 *   missing           samples of `per` - samples of `of`
 *   missingShare      the same / samples of `per`
 *   zeros, zeroShare  samples - sum: of a rate, the values that are 0; the same / samples
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

/** How a figure is written: the function of format.ts, and what it takes besides the value. */
export type FormatName =
  | readonly ['count' | 'duration' | 'percent' | 'perSecond' | 'compact' | 'bytes' | 'bytesPerSecond' | 'cores']
  | readonly ['unit', unit: string]
  | readonly ['target', target: number, unit: string]
  | readonly ['plural', noun: string];

/** One figure: tracks by their place in `TrackData.tracks`; -1 is one that never had a sample. */
export interface BoundFigure {
  readonly figure: FigureName;
  readonly q?: number;
  readonly of: readonly number[];
  readonly per?: readonly number[];
  readonly format: FormatName;
}

/** What one element of the page says. */
export interface Binding {
  readonly figures: readonly BoundFigure[];
  /** The text before, between and after the figures: `p50 `, ` · p99 `, ``. Default: none. */
  readonly text?: readonly string[];
  /** The figures are readings of the same thing, of which the one on the wrong side counts. */
  readonly worst?: 'highest' | 'lowest';
  /** Of the range only what lies in this stretch, milliseconds since the start of load: a phase. */
  readonly within?: { readonly fromMs: number; readonly toMs: number };
  /** It is bad when the figure is above 0, or below 1. */
  readonly bad?: 'some' | 'short';
}

/** All times in milliseconds since the start of load. */
export interface TrackData {
  /** Start of the first slot. */
  readonly startMs: number;
  readonly slotMs: number;
  readonly slots: number;
  /** First and last sample of the run: seconds of a range count between them. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Percentiles are within this share of those of all samples. */
  readonly error: number;
  readonly tracks: readonly PackedTrack[];
  /** An element's `data-n` is the place of its binding here, counted from 1. */
  readonly bindings: readonly Binding[];
  /**
   * For each scenario that the page can be filtered by, the track that replaces each of `tracks` (those of its end have none):
   * the same one where all its samples are the scenario's, NO_SAMPLES where none is, UNDIVIDED if not known.
   */
  readonly scenarios?: ReadonlyArray<readonly number[]>;
  /**
   * Tracks whose histogram can be drawn: by `primary`, or the anchor of an endpoint or scenario; and all samples of an endpoint by
   * `<anchor>-all`.
   */
  readonly drawn: Readonly<Record<string, number>>;
}
