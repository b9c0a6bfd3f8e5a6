// Collects what an archive holds, while it is written or read, and returns the run's metrics, facts and outcome.

import { type RunMetrics, SERVER_PREFIX, type StreamFaults, type TimeRange } from '../../model/metrics.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { splitSink } from '../sinks/split.ts';
import { MetricsStore } from '../store/store.ts';

export interface ReadArchiveOptions {
  /** Memory limit for the run's intervals, bytes; see StoreOptions. */
  readonly maxBytes?: number;
}

export interface Archive {
  readonly metrics: RunMetrics;
  /** The facts and the outcome as given to the writer; undefined if the archive ends before them. Not validated. */
  readonly run: unknown;
  readonly outcome: unknown;
  /** The error samples as given to the writer, for a run without an outcome. */
  readonly samples: readonly unknown[];
  /** What was wrong with the archive itself. Faults of k6's own stream are in the outcome. */
  readonly faults: StreamFaults;
  /** True if the closing line is missing: the run died or the file was cut. The numbers cover what came before. */
  readonly truncated: boolean;
}

/** What is known once an archive has been read or written to its end. Times are epoch milliseconds. */
export interface ArchiveEnd {
  readonly faults: StreamFaults;
  readonly truncated: boolean;
  readonly span: TimeRange | undefined;
  readonly load: TimeRange | undefined;
}

/**
 * Receives one archive, windows through `sink` and control lines through note(), and returns its content from end().
 */
export class ArchiveContent {
  /** Receives everything but the control lines. */
  readonly sink: StreamSink;
  readonly #store: MetricsStore;
  /** Metrics of the system under test. */
  readonly #server: MetricsStore;
  readonly #notes = new Map<string, unknown>();
  readonly #serverNotes: unknown[] = [];
  readonly #samples: unknown[] = [];

  constructor(options: ReadArchiveOptions = {}) {
    this.#store = new MetricsStore({ timeline: true, ...options });
    this.#server = new MetricsStore({ timeline: true, ...options });
    this.sink = splitSink(({ name }) => name.startsWith(SERVER_PREFIX), this.#server.sink, this.#store.sink);
  }

  /**
   * Takes a control line. `kind` is its second element, `payload` its JSON. The header, "novaperf", must come before
   * the first window.
   */
  note(kind: string, payload: unknown): void {
    if (kind === 'novaperf') for (const each of [this.#store, this.#server]) each.setGridOrigin(originOf(payload));
    if (kind === 'server') this.#serverNotes.push(payload);
    if (kind === 'sample') this.#samples.push(payload);
    this.#notes.set(kind, payload);
  }

  /** Returns the content. Call it once; nothing may be added afterwards. */
  end({ faults, truncated, span, load }: ArchiveEnd): Archive {
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
