// The data of monitoring: sources of the system under test, and their readings.

import type { Tags } from './metrics.ts';

export const SERVER_SOURCE_KINDS = [
  'process',
  'machine',
  'exposition',
  'prometheus',
  'csv',
  'command',
  'stream',
] as const;
export type SourceKind = (typeof SERVER_SOURCE_KINDS)[number];

/** One measured quantity of one source: a metric with one set of labels. All readings of it share the object. */
export interface ServerSeries {
  /** `server.cpu_percent`; the names are listed in server-metrics.ts. */
  readonly metric: string;
  /** A unit that format.ts accepts: `%`, `bytes`, `bytes/s`, `1/s`, `s`, `share`, or '' for a plain number. */
  readonly unit: string;
  readonly labels: Tags;
}

/** One value at one time, always finite. */
export interface Reading {
  readonly series: ServerSeries;
  readonly value: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** A source that is sampled during the run. */
export interface Source {
  /** Short and unique within a run; the tag `source` of its series. */
  readonly name: string;
  readonly kind: SourceKind;
  /** What is monitored, readable and without secrets. */
  readonly target: string;
  /**
   * Returns the current readings. Rates need two samples, so the first result may be empty. Rejects with the reason if
   * nothing can be read. `signal` is aborted when the sample takes too long or the run is over.
   */
  sample(signal: AbortSignal): Promise<readonly Reading[]>;
  /** What a reader should know about the numbers, such as values this system does not provide; each once. */
  remarks(): readonly string[];
  /** Ends what the source itself started. */
  close?(): void;
}

/** A source that is read once, after the run, for its whole time. */
export interface AfterRunSource extends Pick<Source, 'name' | 'kind' | 'target' | 'remarks'> {
  /** Readings from `fromMs` to `toMs`, epoch milliseconds. Rejects with the reason if nothing can be read. */
  collect(range: { readonly fromMs: number; readonly toMs: number }, signal: AbortSignal): Promise<readonly Reading[]>;
}

export type AnySource = Source | AfterRunSource;

/** A time range in which a source gave no reading, and why. Epoch milliseconds. */
export interface Gap {
  readonly source: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}
