// Files become the bytes of a tar archive that are the same each time: no times, no names of users.

import { Header } from 'tar';

const BLOCK = 512;
/** What an entry without a time has, in all implementations: tar writes no zero. */
const NO_TIME = new Date(1000);

export interface TarEntry {
  /** Without a leading slash; a folder's ends with one. At most 100 bytes. */
  readonly path: string;
  /** undefined: a folder. */
  readonly content: Buffer | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** In the given order, in the ustar format. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap(({ path, content, mode, uid, gid }) => {
    const type = content === undefined ? 'Directory' : 'File';
    const size = content?.length ?? 0;
    const header = new Header({ path, mode, uid, gid, size, mtime: NO_TIME, type });
    if (header.encode() || header.block === undefined) throw new Error(`${path} does not fit into a ustar header`);
    return [header.block, content ?? Buffer.alloc(0), Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}
