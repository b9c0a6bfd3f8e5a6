// The plain data of the server stage: what a source of the system under test is, what it reads, and what is known about it.

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

/** One measured quantity of one source: a metric with one set of labels. The same object with every reading of it. */
export interface ServerSeries {
  /** `server.cpu_percent`; see metrics.ts for the names. */
  readonly metric: string;
  /** As format.ts knows it: `%`, `bytes`, `bytes/s`, `1/s`, `s`, `share`, or '' for a plain number. */
  readonly unit: string;
  readonly labels: Tags;
}

/** One number at one moment, always finite. */
export interface Reading {
  readonly series: ServerSeries;
  readonly value: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** What is sampled while the run goes on. */
export interface Source {
  /** Short, unique within a run; the tag `source` of its series. */
  readonly name: string;
  readonly kind: SourceKind;
  /** What is watched, as people name it; no secrets. */
  readonly target: string;
  /**
   * What can be read now; rates need two samples, so the first may be empty. Rejects with the reason where nothing can be read.
   * Heeds `signal`, which is aborted when the sample takes too long or the run is over.
   */
  sample(signal: AbortSignal): Promise<readonly Reading[]>;
  /** What a reader should know of the numbers, such as what this system does not report; each once. */
  remarks(): readonly string[];
  /** Ends what the source itself started. */
  close?(): void;
}

/** What is asked once, after the run, for all of it. */
export interface LaterSource extends Pick<Source, 'name' | 'kind' | 'target' | 'remarks'> {
  /** Readings from `fromMs` to `toMs`. Rejects with the reason where nothing can be read. */
  collect(range: { readonly fromMs: number; readonly toMs: number }, signal: AbortSignal): Promise<readonly Reading[]>;
}

export type AnySource = Source | LaterSource;

/** A stretch of time in which a source gave no reading, and why. */
export interface Gap {
  readonly source: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}
