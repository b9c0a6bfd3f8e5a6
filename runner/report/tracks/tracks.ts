// The tracks of a page → sums over a range of the run. Used in Node and in the browser.

import type { RangeSums } from './figure.ts';
import type { Binding, TrackData } from './model.ts';
import { emptySum, type SlotSum, Track } from './track.ts';

/** A part of the run in milliseconds since the start of the load. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Values of TrackData.scenarios that are no index of a track. */
export const NO_SAMPLES = -1;
export const UNDIVIDED = -2;

/** The name in TrackData.drawn of all samples of an endpoint, failed requests included; its anchor alone names those with an expected response. */
export function allSamplesOf(anchor: string): string {
  return `${anchor}-all`;
}

/** The tracks of a page; each is unpacked when it is first needed. */
export class Tracks {
  readonly #unpacked: Array<Track | undefined> = [];

  constructor(readonly data: TrackData) {}

  /** The slots nearest to a part of the run, at least one; `from` inclusive, `to` exclusive. */
  slotsIn({ fromMs, toMs }: Span): { readonly from: number; readonly to: number } {
    const { startMs, slotMs, slots } = this.data;
    const at = (ms: number) => (ms - startMs) / slotMs;
    const from = Math.round(at(fromMs));
    const to = Math.round(at(toMs));
    if (to > from) return { from: Math.max(from, 0), to: Math.min(to, slots) };
    const middle = Math.min(Math.max(Math.floor(at((fromMs + toMs) / 2)), 0), slots - 1);
    return { from: middle, to: middle + 1 };
  }

  /** The part of the run that slotsIn() covers. */
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

  /** The track with only the samples of a scenario, given by its index in TrackData.scenarios; or NO_SAMPLES, or UNDIVIDED. */
  placeIn(track: number, scenario: number | undefined): number {
    if (scenario === undefined || track < 0) return track;
    return this.data.scenarios?.[scenario]?.[track] ?? UNDIVIDED;
  }

  /** Whether a binding can be filtered by a scenario; `none` if the scenario has no samples for it. */
  kindIn({ figures }: Binding, scenario: number | undefined): 'divided' | 'none' | 'undivided' {
    if (scenario === undefined) return 'divided';
    const places = (tracks: readonly number[]) => tracks.map((track) => this.placeIn(track, scenario));
    if (figures.some(({ of, per = [] }) => places([...of, ...per]).includes(UNDIVIDED))) return 'undivided';
    return figures.every(({ of }) => places(of).every((place) => place === NO_SAMPLES)) ? 'none' : 'divided';
  }

  /** The tracks over the slots of slotsIn(); with `scenario` only its samples. Sums are cached. */
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
        // Slots cannot show less than half a slot.
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

  /** Cached, because several figures use the same part. */
  #part(span: Span, parts: Map<string, RangeSums>, scenario: number | undefined): RangeSums {
    const key = `${span.fromMs} ${span.toMs}`;
    const sums = parts.get(key) ?? this.sums(span, scenario);
    parts.set(key, sums);
    return sums;
  }

  /** Unpacks one more track in advance; false if all are unpacked. */
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
