// Finds out how to read the archive of a run that died: how many bytes count, and which lines of a tail file follow
// them.

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseJson } from '../../system/json.ts';
import { COMMIT_KIND, tailPath } from './archive-tail.ts';

const NEWLINE = 0x0a;
const LONGEST_COMMIT = 256;

const commitSchema = z.tuple([
  z.number(),
  z.literal(COMMIT_KIND),
  z.object({ tail: z.union([z.literal(0), z.literal(1), z.null()]) }),
]);

/** How to read a cut archive: the first `bytes` unpacked bytes, then the lines in `tail`. */
export interface Recovery {
  readonly bytes: number;
  readonly tail: Buffer;
}

/** Returns undefined if there is no tail to use: then everything readable in the archive counts. */
export async function recoveryOf(archivePath: string, chunks: AsyncIterable<Buffer>): Promise<Recovery | undefined> {
  const commit = await lastCommit(chunks);
  if (commit?.tail == null) return undefined;
  const path = archivePath.replace(/\.part$/, '');
  const content = await readFile(tailPath(path, commit.tail)).catch(() => undefined);
  if (content === undefined || !content.toString('latin1', 0, 32).startsWith(`[${commit.seq + 1},`)) return undefined;
  // The last line may be cut off.
  return { bytes: commit.end, tail: content.subarray(0, content.lastIndexOf(NEWLINE) + 1) };
}

async function lastCommit(chunks: AsyncIterable<Buffer>) {
  let found: { readonly end: number; readonly seq: number; readonly tail: 0 | 1 | null } | undefined;
  let before = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    for (
      let at = bytes.lastIndexOf(COMMIT_KIND);
      at >= 0;
      at = at === 0 ? -1 : bytes.lastIndexOf(COMMIT_KIND, at - 1)
    ) {
      const start = bytes.lastIndexOf(NEWLINE, at) + 1;
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0) continue;
      const line = commitSchema.safeParse(parseJson(bytes.toString('utf8', start, end)));
      if (!line.success) continue;
      found = { end: before + end + 1, seq: line.data[0], tail: line.data[2].tail };
      break;
    }
    rest = Buffer.from(bytes.subarray(Math.max(0, bytes.length - LONGEST_COMMIT)));
    before += bytes.length - rest.length;
  }
  return found;
}
