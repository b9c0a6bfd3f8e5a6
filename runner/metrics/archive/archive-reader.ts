// Reads an archive, whole or cut off, into a sink or into memory.

import { access } from 'node:fs/promises';
import { UserError } from '../../system/errors.ts';
import { openInput } from '../bytes/input.ts';
import { HistogramsReader, type HistogramsReaderOptions } from '../histograms/histograms-reader.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { PART_SUFFIX } from './archive.ts';
import { type Archive, ArchiveContent, type ArchiveEnd, type ReadArchiveOptions } from './archive-content.ts';
import { type Recovery, recoveryOf } from './archive-recovery.ts';

/**
 * Reads the archive at `path` into `sink`, including the metrics of the system under test. If only `path`.part exists,
 * because the run died, reads that and its tail. `onNote` gets each control line's kind and payload; `bins` is
 * described in HistogramsReaderOptions. Throws a UserError if there is neither file, or if the first line is not a
 * histograms header.
 */
export async function readArchiveInto(
  path: string,
  sink: StreamSink,
  onNote: (kind: string, payload: unknown) => void,
  { bins = 'decoded' }: Pick<HistogramsReaderOptions, 'bins'> = {},
): Promise<ArchiveEnd> {
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

/** Reads an archive into memory. Throws the same UserErrors as readArchiveInto(). */
export async function readArchive(path: string, options: ReadArchiveOptions = {}): Promise<Archive> {
  const content = new ArchiveContent(options);
  const takeNote = (kind: string, payload: unknown) => content.note(kind, payload);
  return content.end(await readArchiveInto(path, content.sink, takeNote, { bins: 'borrowed' }));
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

/** Returns `path`, or `path`.part if only that exists because the run died. */
export async function presentPath(path: string): Promise<string> {
  const exists = (file: string) =>
    access(file).then(
      () => true,
      () => false,
    );
  return !(await exists(path)) && (await exists(`${path}${PART_SUFFIX}`)) ? `${path}${PART_SUFFIX}` : path;
}
