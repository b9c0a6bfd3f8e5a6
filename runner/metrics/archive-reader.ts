// The path of an archive goes in, whole or cut; the numbers of the run, its facts and its outcome come out.

import { access } from 'node:fs/promises';
import { type RunMetrics, SERVER_PREFIX, type StreamFaults, type TimeRange } from '../model/metrics.ts';
import { UserError } from '../system/errors.ts';
import { PART_SUFFIX } from './archive.ts';
import { type Recovery, recoveryOf } from './archive-recovery.ts';
import { HistogramsReader, type HistogramsReaderOptions } from './histograms-reader.ts';
import { openInput } from './input.ts';
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

/** What is known of an archive when it was read to its end. */
export interface PouredArchive {
  readonly faults: StreamFaults;
  readonly truncated: boolean;
  readonly span: TimeRange | undefined;
  readonly load: TimeRange | undefined;
}

/**
 * Pours an archive into a sink, the system under test included; where there is no `path` but a `path`.part, which a run that died has
 * left, that one and its tail. Throws a UserError where there is neither, or where the file is no histograms stream from its first
 * line on. `bins`: see HistogramsReaderOptions.
 */
export async function pourArchive(
  path: string,
  sink: StreamSink,
  onNote: (kind: string, payload: unknown) => void,
  { bins = 'decoded' }: Pick<HistogramsReaderOptions, 'bins'> = {},
): Promise<PouredArchive> {
  const present = await presentPath(path);
  const recovery = present === path ? undefined : await recoveryOf(path, (await openInput(present)).chunks);
  const input = await openInput(present);
  let hasHeader = false;
  const takeNote = (kind: string, payload: unknown) => {
    hasHeader ||= kind === 'novaperf';
    onNote(kind, payload);
  };
  const reader = new HistogramsReader(sink, takeNote, { bins, isArchive: true });
  for await (const chunk of recovery === undefined ? input.chunks : recovered(input.chunks, recovery))
    reader.push(chunk);
  const faults = reader.end();
  if (!hasHeader) {
    const found = faults.firstBadLine === undefined ? 'an empty file' : `"${faults.firstBadLine.text.slice(0, 60)}"`;
    throw new UserError(
      `Expected the archive of a run, which begins with the header of a histograms stream, found ${found}`,
      {
        where: input.name,
        next: 'for a k6 JSON output use novaperf analyze <file>',
      },
    );
  }
  return { faults, truncated: input.truncated || !faults.complete, span: reader.span, load: reader.load };
}

/** Reads an archive into memory. Throws a UserError as pourArchive(). */
export async function readArchive(path: string, options: ReadArchiveOptions = {}): Promise<Archive> {
  const store = new MetricsStore({ timeline: true, ...options });
  const server = new MetricsStore({ timeline: true, ...options });
  const notes = new Map<string, unknown>();
  const serverNotes: unknown[] = [];
  const samples: unknown[] = [];
  const takeNote = (kind: string, payload: unknown) => {
    if (kind === 'novaperf') for (const each of [store, server]) each.layGridFrom(originOf(payload));
    if (kind === 'server') serverNotes.push(payload);
    if (kind === 'sample') samples.push(payload);
    notes.set(kind, payload);
  };
  const sink = splitSink(({ name }) => name.startsWith(SERVER_PREFIX), server.sink, store.sink);
  const { faults, truncated, span, load } = await pourArchive(path, sink, takeNote, { bins: 'borrowed' });
  store.end(faults);
  if (span !== undefined) store.setSpan(span);
  if (load !== undefined) store.setLoad(load);
  server.end(faults);
  if (serverNotes.length > 0 || server.series.length > 0) store.server = { metrics: server, notes: serverNotes };
  return { metrics: store, run: notes.get('run'), outcome: notes.get('outcome'), samples, faults, truncated };
}

async function* recovered(chunks: AsyncIterable<Buffer>, { bytes, tail }: Recovery): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  yield tail;
}

/** The archive's own path, or that of the part which a run that died has left. */
export async function presentPath(path: string): Promise<string> {
  const exists = (file: string) =>
    access(file).then(
      () => true,
      () => false,
    );
  return !(await exists(path)) && (await exists(`${path}${PART_SUFFIX}`)) ? `${path}${PART_SUFFIX}` : path;
}

function originOf(header: unknown): number | undefined {
  if (typeof header !== 'object' || header === null || !('origin_ms' in header)) return undefined;
  return typeof header.origin_ms === 'number' ? header.origin_ms : undefined;
}
