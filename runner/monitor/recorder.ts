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

/** What the recorder needs of an archive, which keeps no window beyond the call. */
export interface ServerArchive {
  window(window: SeriesWindow): void;
  note(kind: string, payload: unknown): void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

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

/** What a source reads, in its order: the same object as long as that stays the same, as it does nearly every second. */
interface Row {
  readonly source: string;
  readonly series: readonly ServerSeries[];
  /** By place: the series as the archive knows it, in the phase that it was last read in. */
  readonly placed: Placed[];
}

interface Placed {
  readonly phase: RunPhase;
  readonly series: Series;
}

/** Numbers only: hundreds of objects that are held for seconds would be copied by V8 again and again. */
interface Held {
  readonly row: Row;
  /** Parallel to the row's series. */
  readonly values: Float64Array;
  readonly times: Float64Array;
}

export class ServerRecorder {
  /** By source. */
  readonly #rows = new Map<string, Row>();
  /** Written anew for every reading: an archive takes no longer than the call for it. */
  #window: Writable<SeriesWindow> | undefined;
  readonly #bytes = new BinBytes();
  /** The histogram of one reading. */
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
    if (readings.length > 0) {
      const row = this.#rowOf(source, readings);
      const [values, times] = [new Float64Array(readings.length), new Float64Array(readings.length)];
      for (let i = 0; i < readings.length; i++) {
        const reading = readings[i];
        values[i] = reading?.value ?? Number.NaN;
        times[i] = reading?.atMs ?? Number.NaN;
      }
      this.#held.push({ row, values, times });
    }
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
      if ((held.times.at(-1) ?? 0) > atMs) later.push(held);
      else this.#write(archive, held, nowMs);
    }
    this.#held = later;
  }

  #rowOf(source: string, readings: readonly Reading[]): Row {
    const known = this.#rows.get(source);
    let isSame = known?.series.length === readings.length;
    for (let i = 0; isSame && i < readings.length; i++) isSame = known?.series[i] === readings[i]?.series;
    if (known !== undefined && isSame) return known;
    const row: Row = { source, series: readings.map(({ series }) => series), placed: [] };
    this.#rows.set(source, row);
    return row;
  }

  #writeNotes(): void {
    for (const note of this.#heldNotes) this.#archive?.note(SERVER_NOTE, note);
    this.#heldNotes = [];
  }

  #write(archive: ServerArchive, { row, values, times }: Held, nowMs: number): void {
    for (let i = 0; i < values.length; i++) {
      const [value, atMs] = [values[i] ?? 0, times[i] ?? 0];
      if (atMs < this.beganAtMs - CLOCK_SLACK_MS || atMs > nowMs + CLOCK_SLACK_MS) {
        this.strayed.set(row.source, (this.strayed.get(row.source) ?? 0) + 1);
        continue;
      }
      const series = this.#placeOf(row, i, this.#phaseAt(atMs), archive);
      if (series !== undefined) archive.window(this.#windowOf(series, value, atMs));
    }
  }

  #placeOf(row: Row, index: number, phase: RunPhase, archive: ServerArchive): Series | undefined {
    const placed = row.placed[index];
    if (placed?.phase === phase) return placed.series;
    const of = row.series[index];
    if (of === undefined) return undefined;
    const series = this.#seriesOf(row.source, of, phase, archive);
    row.placed[index] = { phase, series };
    return series;
  }

  #windowOf(series: Series, value: number, atMs: number): SeriesWindow {
    const startMs = Math.floor(atMs / WINDOW_MS) * WINDOW_MS;
    const bins = this.#binsOf(value);
    const window = this.#window;
    if (window === undefined) {
      const figures = { count: 1, sum: value, min: value, max: value, last: value };
      this.#window = { series, startMs, lengthMs: WINDOW_MS, ...figures, bins };
      return this.#window;
    }
    window.series = series;
    window.startMs = startMs;
    window.sum = value;
    window.min = value;
    window.max = value;
    window.last = value;
    return window;
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
