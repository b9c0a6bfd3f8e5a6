// The metrics, windows and notes of an archive go in, as it is written or as it is read; the numbers of the run, its facts and its outcome
// come out.

import { type RunMetrics, SERVER_PREFIX, type StreamFaults, type TimeRange } from '../model/metrics.ts';
import type { StreamSink } from './sink.ts';
import { splitSink } from './split.ts';
import { MetricsStore } from './store.ts';

export interface ReadArchiveOptions {
  /** What the run's intervals may take in memory, bytes; see StoreOptions. */
  readonly maxBytes?: number;
}

export interface Archive {
  readonly metrics: RunMetrics;
  /** What the writer was given as facts and as outcome; undefined where the archive ends before it. Not checked. */
  readonly run: unknown;
  readonly outcome: unknown;
  /** What it was given as samples, for a run that has no outcome. */
  readonly samples: readonly unknown[];
  /** What was wrong with the archive itself. What k6's stream lacked stands in the outcome. */
  readonly faults: StreamFaults;
  /** The archive has no end: the run died, or the file was cut. The numbers are those up to there. */
  readonly truncated: boolean;
}

/** What is known of an archive when it was read, or written, to its end. */
export interface PouredArchive {
  readonly faults: StreamFaults;
  readonly truncated: boolean;
  readonly span: TimeRange | undefined;
  readonly load: TimeRange | undefined;
}

export class ArchiveContent {
  /** For everything but the notes. */
  readonly sink: StreamSink;
  readonly #store: MetricsStore;
  /** Of the system under test. */
  readonly #server: MetricsStore;
  readonly #notes = new Map<string, unknown>();
  readonly #serverNotes: unknown[] = [];
  readonly #samples: unknown[] = [];

  constructor(options: ReadArchiveOptions = {}) {
    this.#store = new MetricsStore({ timeline: true, ...options });
    this.#server = new MetricsStore({ timeline: true, ...options });
    this.sink = splitSink(({ name }) => name.startsWith(SERVER_PREFIX), this.#server.sink, this.#store.sink);
  }

  /** A control line: its kind and payload. The header, "novaperf", comes before the first window. */
  note(kind: string, payload: unknown): void {
    if (kind === 'novaperf') for (const each of [this.#store, this.#server]) each.layGridFrom(originOf(payload));
    if (kind === 'server') this.#serverNotes.push(payload);
    if (kind === 'sample') this.#samples.push(payload);
    this.#notes.set(kind, payload);
  }

  /** All that came, once; nothing may come after it. */
  end({ faults, truncated, span, load }: PouredArchive): Archive {
    const [store, server] = [this.#store, this.#server];
    store.end(faults);
    if (span !== undefined) store.setSpan(span);
    if (load !== undefined) store.setLoad(load);
    server.end(faults);
    const hasServer = this.#serverNotes.length > 0 || server.series.length > 0;
    if (hasServer) store.server = { metrics: server, notes: this.#serverNotes };
    const [run, outcome] = [this.#notes.get('run'), this.#notes.get('outcome')];
    return { metrics: store, run, outcome, samples: this.#samples, faults, truncated };
  }
}

function originOf(header: unknown): number | undefined {
  if (typeof header !== 'object' || header === null || !('origin_ms' in header)) return undefined;
  return typeof header.origin_ms === 'number' ? header.origin_ms : undefined;
}
