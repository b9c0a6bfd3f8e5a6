// Readings of the system under test become windows of the run's archive, besides k6's own.
//
// A reading is a window of one second with one value, of a trend, so that merging, coarsening and percentiles come for free.
// What was read before and after the load carries the tag `phase`: in a long run an interval of the archive is longer than the
// baseline, and the two would be mixed up.

import { keyOf } from '../metrics/histogram.ts';
import { BinBytes } from '../metrics/histograms-bins.ts';
import { BorrowedBins } from '../metrics/kept-bins.ts';
import type { Metric, Series, SeriesWindow } from '../model/metrics.ts';
import type { Reading, ServerSeries } from '../model/server.ts';
import { SERVER_NOTE, type ServerNote } from './notes.ts';

/** What the recorder needs of an archive. */
export interface ServerArchive {
  window(window: SeriesWindow): void;
  note(kind: string, payload: unknown): void;
}

/** `''` is the load itself. */
export type RunPhase = 'before' | '' | 'after';

/** The tags that are ours; a label of an exporter by such a name is kept as exported_<name>, as Prometheus does it. */
const OWN_TAGS = ['source', 'phase'];
const WINDOW_MS = 1000;
const ONCE = Float64Array.of(1);
/**
 * Readings wait this long: k6's windows come up to three seconds late, and an archive that has seen something newer writes what
 * comes late in lines of its own. It also begins its own axis with k6's first window, not with the baseline.
 */
const HOLD_MS = 4000;
/** Times of another clock that lie further outside the run than this are not of this run. */
const CLOCK_SLACK_MS = 2000;

interface Held {
  readonly source: string;
  readonly readings: readonly Reading[];
}

/** A series of a source as the archive knows it, in the phase that it was last read in. */
interface Placed {
  readonly source: string;
  readonly phase: RunPhase;
  readonly series: Series;
}

export class ServerRecorder {
  /** What nearly all readings need: those of a second ago. */
  readonly #placed = new Map<ServerSeries, Placed>();
  readonly #bytes = new BinBytes();
  /** The histogram of one reading: an archive takes no longer than the call for it. */
  readonly #ofOne = new BorrowedBins();
  readonly #key = new Int32Array(1);
  readonly #metrics = new Map<string, Metric>();
  readonly #series = new Map<string, Map<ServerSeries, Map<RunPhase, Series>>>();
  #held: Held[] = [];
  #heldNotes: ServerNote[] = [];
  #archive: ServerArchive | undefined;
  #launchedAtMs = Infinity;
  #endedAtMs = Infinity;
  /** Readings whose time lay outside the run, by source. */
  readonly strayed = new Map<string, number>();

  /** `beganAtMs`: when watching begins; nothing older is of this run. */
  constructor(private readonly beganAtMs = Date.now()) {}

  /** From here on everything is written, what was held before first. */
  attach(archive: ServerArchive, launchedAtMs: number): void {
    this.#archive = archive;
    this.#launchedAtMs = launchedAtMs;
  }

  /** k6 has ended: what is read from here on shows how the system recovers. */
  loadEnded(atMs: number): void {
    this.#endedAtMs = atMs;
  }

  readings(source: string, readings: readonly Reading[]): void {
    if (readings.length > 0) this.#held.push({ source, readings });
    this.#writeBefore(Date.now() - HOLD_MS);
  }

  note(note: ServerNote): void {
    this.#heldNotes.push(note);
  }

  /** Writes all that is still held; before the archive is closed. */
  flush(): void {
    this.#writeBefore(Infinity);
    this.#writeNotes();
  }

  #writeBefore(atMs: number): void {
    const archive = this.#archive;
    const isEarly = atMs !== Infinity && Date.now() - this.#launchedAtMs < HOLD_MS;
    if (archive === undefined || isEarly) return;
    this.#writeNotes();
    const nowMs = Date.now();
    const later: Held[] = [];
    for (const held of this.#held) {
      if ((held.readings.at(-1)?.atMs ?? 0) > atMs) later.push(held);
      else for (const reading of held.readings) this.#write(archive, held.source, reading, nowMs);
    }
    this.#held = later;
  }

  #writeNotes(): void {
    for (const note of this.#heldNotes) this.#archive?.note(SERVER_NOTE, note);
    this.#heldNotes = [];
  }

  #write(archive: ServerArchive, source: string, { series: of, value, atMs }: Reading, nowMs: number): void {
    if (atMs < this.beganAtMs - CLOCK_SLACK_MS || atMs > nowMs + CLOCK_SLACK_MS) {
      this.strayed.set(source, (this.strayed.get(source) ?? 0) + 1);
      return;
    }
    const phase = this.#phaseAt(atMs);
    let placed = this.#placed.get(of);
    if (placed === undefined || placed.phase !== phase || placed.source !== source) {
      placed = { source, phase, series: this.#seriesOf(source, of, phase, archive) };
      this.#placed.set(of, placed);
    }
    archive.window({
      series: placed.series,
      startMs: Math.floor(atMs / WINDOW_MS) * WINDOW_MS,
      lengthMs: WINDOW_MS,
      count: 1,
      sum: value,
      min: value,
      max: value,
      last: value,
      bins: this.#binsOf(value),
    });
  }

  #binsOf(value: number): BorrowedBins {
    this.#key[0] = keyOf(value);
    this.#ofOne.end = this.#bytes.encode(this.#key, ONCE, 1);
    this.#ofOne.bytes = this.#bytes.bytes;
    return this.#ofOne;
  }

  #phaseAt(atMs: number): RunPhase {
    if (atMs < this.#launchedAtMs) return 'before';
    return atMs < this.#endedAtMs ? '' : 'after';
  }

  #seriesOf(source: string, of: ServerSeries, phase: RunPhase, archive: ServerArchive): Series {
    const ofSource = this.#series.get(source) ?? new Map<ServerSeries, Map<RunPhase, Series>>();
    this.#series.set(source, ofSource);
    const phases = ofSource.get(of) ?? new Map<RunPhase, Series>();
    ofSource.set(of, phases);
    let series = phases.get(phase);
    if (series === undefined) {
      const labels = Object.entries(of.labels).map(([label, value]) => [
        OWN_TAGS.includes(label) ? `exported_${label}` : label,
        value,
      ]);
      const tags = Object.fromEntries([...labels, ['source', source], ...(phase === '' ? [] : [['phase', phase]])]);
      series = { id: 0, metric: this.#metricOf(of, archive), tags };
      phases.set(phase, series);
    }
    return series;
  }

  #metricOf({ metric: name, unit }: ServerSeries, archive: ServerArchive): Metric {
    let metric = this.#metrics.get(name);
    if (metric === undefined) {
      metric = { name, type: 'trend', contains: 'default' };
      this.#metrics.set(name, metric);
      archive.note(SERVER_NOTE, { about: 'metric', name, unit });
    }
    return metric;
  }
}
