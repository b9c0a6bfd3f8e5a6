// The tracks of a page, unpacked as they are asked for, become sums over a range of the run. Runs on both sides, so no Node in here.

import type { RangeSums } from './figure.ts';
import type { TrackData } from './model.ts';
import { emptySum, type SlotSum, Track } from './track.ts';

/** Milliseconds since the start of load. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export class Tracks {
  readonly #unpacked: Array<Track | undefined> = [];

  constructor(readonly data: TrackData) {}

  /** The whole slots that are nearest to a stretch of time, one at least. */
  slotsIn({ fromMs, toMs }: Span): { readonly from: number; readonly to: number } {
    const { startMs, slotMs, slots } = this.data;
    const at = (ms: number) => (ms - startMs) / slotMs;
    const from = Math.round(at(fromMs));
    const to = Math.round(at(toMs));
    if (to > from) return { from: Math.max(from, 0), to: Math.min(to, slots) };
    const middle = Math.min(Math.max(Math.floor(at((fromMs + toMs) / 2)), 0), slots - 1);
    return { from: middle, to: middle + 1 };
  }

  /** When those slots begin and end. */
  snapped(span: Span): Span {
    const { startMs, slotMs } = this.data;
    const { from, to } = this.slotsIn(span);
    return { fromMs: startMs + from * slotMs, toMs: startMs + to * slotMs };
  }

  /** Every track over those slots; each is added up once. */
  sums(span: Span): RangeSums {
    const { from, to } = this.slotsIn(span);
    const { fromMs, toMs } = this.snapped(span);
    const { firstMs, lastMs } = this.data;
    const known = new Map<number, SlotSum>();
    const parts = new Map<string, RangeSums>();
    return {
      seconds: Math.max(Math.min(toMs, lastMs) - Math.max(fromMs, firstMs), 0) / 1000,
      within: (other) => {
        const part = { fromMs: Math.max(fromMs, other.fromMs), toMs: Math.min(toMs, other.toMs) };
        // Less than half a slot is no part that slots can tell of.
        return part.toMs - part.fromMs < this.data.slotMs / 2 ? undefined : this.#part(part, parts);
      },
      of: (place) => {
        const sum = known.get(place) ?? this.#track(place)?.between(from, to) ?? emptySum();
        known.set(place, sum);
        return sum;
      },
    };
  }

  /** Several figures ask for the same part. */
  #part(span: Span, parts: Map<string, RangeSums>): RangeSums {
    const key = `${span.fromMs} ${span.toMs}`;
    const sums = parts.get(key) ?? this.sums(span);
    parts.set(key, sums);
    return sums;
  }

  #track(place: number): Track | undefined {
    const packed = this.data.tracks[place];
    if (packed === undefined) return undefined;
    this.#unpacked[place] ??= new Track(packed, this.data.slots);
    return this.#unpacked[place];
  }
}
