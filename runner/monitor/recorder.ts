// Writes readings of the system under test into the run's archive, next to k6's metrics.
//
// A reading becomes a window of one second with one value of a trend, so merging and percentiles work as for k6's
// metrics. Readings from before and after the load have the tag `phase`: in a long run an interval of the archive is
// longer than the idle time, and both would be mixed.

import { keyOf } from '../metrics/buckets/histogram.ts';
import { BinBytes } from '../metrics/buckets/histograms-bins.ts';
import { BorrowedBins } from '../metrics/buckets/kept-bins.ts';
import type { Metric, Series, SeriesWindow } from '../model/metrics.ts';
import type { Reading, ServerSeries } from '../model/server.ts';
import { SERVER_NOTE, type ServerNote } from './notes.ts';

/** The part of an archive that the recorder uses. It must not keep a window beyond the call. */
export interface ServerArchive {
  window(window: SeriesWindow): void;
  note(kind: string, payload: unknown): void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** `''` is the load itself. */
export type RunPhase = 'before' | '' | 'after';

/** Our own tags. An exporter's label with such a name becomes exported_<name>, as in Prometheus. */
const OWN_TAGS = ['source', 'phase'];
const WINDOW_MS = 1000;
const ONCE = Float64Array.of(1);
/**
 * Readings wait this long before they are written: k6's windows come up to three seconds late, and an archive writes
 * late windows as extra lines. The archive's intervals must also start with k6's first window, not with the idle time.
 */
const HOLD_MS = 4000;
/** Readings with times further outside the run than this are dropped; they come from another clock. */
const CLOCK_SLACK_MS = 2000;

/**
 * The series of a source in its order. The object is reused as long as they stay the same, as they nearly always do.
 */
interface Row {
  readonly source: string;
  readonly series: readonly ServerSeries[];
  /** By place: the archive's series, for the phase in which it was last read. */
  readonly placed: Placed[];
}

interface Placed {
  readonly phase: RunPhase;
  readonly series: Series;
}

/** Numbers only: V8 would copy hundreds of objects that live for seconds again and again. */
interface Held {
  readonly row: Row;
  /** In the order of the row's series. */
  readonly values: Float64Array;
  readonly times: Float64Array;
}

/** Collects readings and notes, and writes them once attach() has given it an archive. Times are epoch milliseconds. */
export class ServerRecorder {
  /** By source. */
  readonly #rows = new Map<string, Row>();
  /** Reused for every reading, because an archive does not keep it. */
  #window: Writable<SeriesWindow> | undefined;
  readonly #bytes = new BinBytes();
  /** The histogram of a single reading. */
  readonly #bins = new BorrowedBins();
  readonly #key = new Int32Array(1);
  readonly #metrics = new Map<string, Metric>();
  readonly #series = new Map<string, Map<ServerSeries, Map<RunPhase, Series>>>();
  #held: Held[] = [];
  #heldNotes: ServerNote[] = [];
  #archive: ServerArchive | undefined;
  #launchedAtMs = Infinity;
  #endedAtMs = Infinity;
  /** Number of readings that were dropped because their time is outside the run, by source. */
  readonly droppedReadings = new Map<string, number>();

  /** `beganAtMs`: when monitoring began; older readings are dropped. */
  constructor(private readonly beganAtMs = Date.now()) {}

  /** Sets the archive. What was collected before is written first. */
  attach(archive: ServerArchive, launchedAtMs: number): void {
    this.#archive = archive;
    this.#launchedAtMs = launchedAtMs;
  }

  /** Marks the end of k6: later readings belong to the phase after the load. */
  loadEnded(atMs: number): void {
    this.#endedAtMs = atMs;
  }

  /** Adds the readings of one sample and writes those that have waited long enough. */
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

  /** Adds a note, which is written with the readings. */
  note(note: ServerNote): void {
    this.#heldNotes.push(note);
  }

  /** Writes the rest. Call it before the archive is closed. */
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
        this.droppedReadings.set(row.source, (this.droppedReadings.get(row.source) ?? 0) + 1);
        continue;
      }
      const series = this.#placedSeries(row, i, this.#phaseAt(atMs), archive);
      if (series !== undefined) archive.window(this.#windowOf(series, value, atMs));
    }
  }

  #placedSeries(row: Row, index: number, phase: RunPhase, archive: ServerArchive): Series | undefined {
    const placed = row.placed[index];
    if (placed?.phase === phase) return placed.series;
    const serverSeries = row.series[index];
    if (serverSeries === undefined) return undefined;
    const series = this.#seriesOf(row.source, serverSeries, phase, archive);
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
    this.#bins.end = this.#bytes.encode(this.#key, ONCE, 1);
    this.#bins.bytes = this.#bytes.bytes;
    return this.#bins;
  }

  #phaseAt(atMs: number): RunPhase {
    if (atMs < this.#launchedAtMs) return 'before';
    return atMs < this.#endedAtMs ? '' : 'after';
  }

  #seriesOf(source: string, serverSeries: ServerSeries, phase: RunPhase, archive: ServerArchive): Series {
    const ofSource = this.#series.get(source) ?? new Map<ServerSeries, Map<RunPhase, Series>>();
    this.#series.set(source, ofSource);
    const phases = ofSource.get(serverSeries) ?? new Map<RunPhase, Series>();
    ofSource.set(serverSeries, phases);
    let series = phases.get(phase);
    if (series === undefined) {
      const labels = Object.entries(serverSeries.labels).map(([label, value]) => [
        OWN_TAGS.includes(label) ? `exported_${label}` : label,
        value,
      ]);
      const tags = Object.fromEntries([...labels, ['source', source], ...(phase === '' ? [] : [['phase', phase]])]);
      series = { id: 0, metric: this.#metricOf(serverSeries, archive), tags };
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
