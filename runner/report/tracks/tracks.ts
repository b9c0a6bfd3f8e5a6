// The tracks of a page, unpacked as they are asked for, become sums over a range of the run. Runs on both sides, so no Node in here.

import type { RangeSums } from './figure.ts';
import type { Binding, TrackData } from './model.ts';
import { emptySum, type SlotSum, Track } from './track.ts';

/** Milliseconds since the start of load. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Stand in for the place of a track in TrackData.scenarios. */
export const NO_SAMPLES = -1;
export const UNDIVIDED = -2;

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

  /** From the start of the first slot to the end of the last. */
  get whole(): Span {
    const { startMs, slotMs, slots } = this.data;
    return { fromMs: startMs, toMs: startMs + slots * slotMs };
  }

  /** The track that has the samples of a scenario (its place in TrackData.scenarios) alone; or NO_SAMPLES, or UNDIVIDED. */
  placeIn(track: number, scenario: number | undefined): number {
    if (scenario === undefined || track < 0) return track;
    return this.data.scenarios?.[scenario]?.[track] ?? UNDIVIDED;
  }

  /** Whether what a binding says is known of a scenario: `none` where the scenario has no sample of it. */
  kindIn({ figures }: Binding, scenario: number | undefined): 'divided' | 'none' | 'undivided' {
    if (scenario === undefined) return 'divided';
    const places = (tracks: readonly number[]) => tracks.map((track) => this.placeIn(track, scenario));
    if (figures.some(({ of, per = [] }) => places([...of, ...per]).includes(UNDIVIDED))) return 'undivided';
    return figures.every(({ of }) => places(of).every((place) => place === NO_SAMPLES)) ? 'none' : 'divided';
  }

  /** Every track over those slots, with the samples of one scenario alone where one is named; each is added up once. */
  sums(span: Span, scenario?: number): RangeSums {
    const { from, to } = this.slotsIn(span);
    const { fromMs, toMs } = this.snapped(span);
    const { firstMs, lastMs } = this.data;
    const known = new Map<number, SlotSum>();
    const parts = new Map<string, RangeSums>();
    return {
      seconds: Math.max(Math.min(toMs, lastMs) - Math.max(fromMs, firstMs), 0) / 1000,
      within: (other) => {
        const part = { fromMs: Math.max(fromMs, other.fromMs), toMs: Math.min(toMs, other.toMs) };
        // Less than half a slot is too short for slots to show.
        return part.toMs - part.fromMs < this.data.slotMs / 2 ? undefined : this.#part(part, parts, scenario);
      },
      of: (track) => {
        const place = this.placeIn(track, scenario);
        const sum = known.get(place) ?? this.#track(place)?.between(from, to) ?? emptySum();
        known.set(place, sum);
        return sum;
      },
    };
  }

  /** Several figures ask for the same part. */
  #part(span: Span, parts: Map<string, RangeSums>, scenario: number | undefined): RangeSums {
    const key = `${span.fromMs} ${span.toMs}`;
    const sums = parts.get(key) ?? this.sums(span, scenario);
    parts.set(key, sums);
    return sums;
  }

  /** Unpacks the next of those that nobody asked for yet; false where all are. */
  unpackNext(): boolean {
    const place = this.data.tracks.findIndex((_, index) => this.#unpacked[index] === undefined);
    return place >= 0 && this.#track(place) !== undefined;
  }

  #track(place: number): Track | undefined {
    const packed = this.data.tracks[place];
    if (packed === undefined) return undefined;
    this.#unpacked[place] ??= new Track(packed, this.data.slots);
    return this.#unpacked[place];
  }
}
