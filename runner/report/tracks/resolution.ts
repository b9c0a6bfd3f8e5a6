// Finds the finest resolution at which all tracks fit a page, by packing some of them.

import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import type { PackedTrack } from './model.ts';
import { packTrack, type Resolution, type SlotFigures, type TrackNeeds, widened } from './pack-track.ts';

/** How many tracks are packed to try a resolution. */
const TRIED_TRACKS = 5;

/** The histogram has 512 keys per power of two. */
const KEYS_PER_OCTAVE = 512;

/** Levels from fine to coarse. `slots`: most slots of a track. */
const LEVELS = [
  { slots: Infinity, fineKeys: 1, coarseKeys: 1 },
  { slots: Infinity, fineKeys: 1, coarseKeys: 32 },
  { slots: Infinity, fineKeys: 4, coarseKeys: 32 },
  { slots: 480, fineKeys: 8, coarseKeys: 64 },
  { slots: 320, fineKeys: 8, coarseKeys: 64 },
  { slots: 240, fineKeys: 8, coarseKeys: 64 },
  { slots: 160, fineKeys: 8, coarseKeys: 64 },
  { slots: 120, fineKeys: 8, coarseKeys: 64 },
  { slots: 120, fineKeys: 16, coarseKeys: 64 },
  { slots: 80, fineKeys: 16, coarseKeys: 64 },
  { slots: 60, fineKeys: 16, coarseKeys: 128 },
  { slots: 40, fineKeys: 16, coarseKeys: 128 },
  { slots: 30, fineKeys: 32, coarseKeys: 128 },
  { slots: 20, fineKeys: 32, coarseKeys: 256 },
] as const;

/** Used if no level fits. */
const COARSEST = { slots: 10, fineKeys: 64, coarseKeys: 512 } as const;

/** About how many deflated bytes a slot with a histogram has: 22 to 37 in runs of minutes and hours, 70 at the finest levels of hours. */
const HEAVY_BYTES = 25;

/** About how many deflated bytes a slot without a histogram has: counts and sums that resemble their neighbours. */
const LIGHT_BYTES = 1.2;

/** A track with histograms, and its intervals. */
export interface Tried<E> {
  readonly entry: E;
  readonly intervals: readonly SlotFigures[];
}

/** A resolution, and the tracks that were packed to try it. */
export interface TriedOut<E> {
  readonly resolution: Resolution;
  readonly packed: ReadonlyMap<E, PackedTrack>;
}

/** A sample of the tracks with histograms, evenly spread. */
export function someOf<E>(heavy: readonly E[]): E[] {
  const step = Math.max(1, Math.ceil(heavy.length / TRIED_TRACKS));
  return heavy.filter((_, index) => index % step === 0);
}

/** The finest level at which all tracks have at most `maxBytes`, deflated; the coarsest if none fits. */
export function finestThatFits<E extends TrackNeeds>(
  tried: ReadonlyArray<Tried<E>>,
  {
    heavyTracks,
    lightTracks,
    intervals,
    maxBytes,
  }: {
    /** Numbers of tracks with and without histograms. */
    readonly heavyTracks: number;
    readonly lightTracks: number;
    readonly intervals: number;
    readonly maxBytes: number;
  },
): TriedOut<E> {
  const levels = resolutionsOf(intervals);
  const wide = tried.map(() => new Map<number, readonly SlotFigures[]>());
  const slotsOf = (index: number, intervalsPerSlot: number) => {
    const slots = wide[index]?.get(intervalsPerSlot) ?? widened(tried[index]?.intervals ?? [], intervalsPerSlot);
    wide[index]?.set(intervalsPerSlot, slots);
    return slots;
  };
  const attempt = (level: number) => {
    const resolution = levels[level] ?? resolutionOf(COARSEST, intervals);
    const { intervalsPerSlot } = resolution;
    const packed = new Map(
      tried.map(({ entry }, index) => [entry, packTrack(slotsOf(index, intervalsPerSlot), entry, resolution)]),
    );
    const text = JSON.stringify([...packed.values()]);
    const perTrack = tried.length === 0 ? 0 : deflateRawSync(text).length / tried.length;
    const ofLight = lightTracks * LIGHT_BYTES * Math.ceil(intervals / intervalsPerSlot);
    return { resolution, packed, fits: perTrack * heavyTracks + ofLight <= maxBytes };
  };
  // Starts at the level that is expected to fit, because every attempt packs five tracks and fine levels take longest.
  const expectedSlots = maxBytes / (heavyTracks * HEAVY_BYTES + lightTracks * LIGHT_BYTES);
  let level = levels.findIndex(({ intervalsPerSlot }) => intervals / intervalsPerSlot <= expectedSlots);
  if (level < 0) level = levels.length;
  let best = attempt(level);
  if (!best.fits) {
    while (!best.fits && level < levels.length) best = attempt(++level);
    return best;
  }
  for (; level > 0; level--) {
    const finer = attempt(level - 1);
    if (!finer.fits) break;
    best = finer;
  }
  return best;
}

interface Level {
  readonly slots: number;
  readonly fineKeys: number;
  readonly coarseKeys: number;
}

function resolutionOf({ slots, fineKeys, coarseKeys }: Level, intervals: number): Resolution {
  return { intervalsPerSlot: Math.max(1, Math.ceil(intervals / slots)), fineKeys, coarseKeys };
}

/** The levels for a number of intervals, without duplicates. */
function resolutionsOf(intervals: number): Resolution[] {
  const all = LEVELS.map((level) => resolutionOf(level, intervals));
  return all.filter((level, index) => !isDeepStrictEqual(level, all[index - 1]));
}

/** The greatest relative error of a percentile (0 to 1): half a bin. Relative to the value it is greatest at the lower edge of a power of two. */
export function errorOf({ fineKeys }: Resolution): number {
  return fineKeys / 2 / KEYS_PER_OCTAVE;
}
