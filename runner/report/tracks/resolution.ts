// Some tracks of a page, interval by interval, become the finest resolution at which all of them fit into it.

import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import type { PackedTrack } from './model.ts';
import { packTrack, type Resolution, type SlotFigures, type TrackNeeds, widened } from './pack-track.ts';

/** Tracks that a resolution is tried out on, before all are packed with it. */
const TRIED_TRACKS = 5;

/** 512 keys of the histogram are a power of two. */
const KEYS_PER_OCTAVE = 512;

/** How fine, in the order of preference; slots: at most so many. */
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

/** Taken where no other fits. */
const COARSEST = { slots: 10, fineKeys: 64, coarseKeys: 512 } as const;

/** Deflated bytes of a slot of a track with histogram, about: 22 to 37 in runs of minutes and hours, 70 at the finest levels of hours. */
const HEAVY_BYTES = 25;

/** Deflated bytes of a slot of a track without histogram: counts and sums, mostly as their neighbours are. */
const LIGHT_BYTES = 1.2;

/** A track with a histogram, interval by interval. */
export interface Tried<E> {
  readonly entry: E;
  readonly intervals: readonly SlotFigures[];
}

/** A resolution, and the tracks that were packed with it on the way. */
export interface TriedOut<E> {
  readonly resolution: Resolution;
  readonly packed: ReadonlyMap<E, PackedTrack>;
}

/** Those of the tracks with histograms that stand for all of them. */
export function someOf<E>(heavy: readonly E[]): E[] {
  const step = Math.max(1, Math.ceil(heavy.length / TRIED_TRACKS));
  return heavy.filter((_, index) => index % step === 0);
}

/** The finest level at which all tracks take `maxBytes` at most, deflated; the coarsest where none fits. */
export function finestThatFits<E extends TrackNeeds>(
  tried: ReadonlyArray<Tried<E>>,
  {
    heavyTracks,
    lightTracks,
    intervals,
    maxBytes,
  }: {
    /** With and without histograms. */
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
  // From the level that is expected to fit step by step: an attempt takes as long as five tracks, and the finest ones longest.
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

/** The levels for so many intervals, without those that come to the same. */
function resolutionsOf(intervals: number): Resolution[] {
  const all = LEVELS.map((level) => resolutionOf(level, intervals));
  return all.filter((level, index) => !isDeepStrictEqual(level, all[index - 1]));
}

/** The greatest relative error of a percentile: half a bin next to its lower edge, which is where the greatest error is. */
export function errorOf({ fineKeys }: Resolution): number {
  return fineKeys / 2 / KEYS_PER_OCTAVE;
}
