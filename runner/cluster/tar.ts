// Writes files as a reproducible tar archive: no times and no user names.

import { Header } from 'tar';

const BLOCK = 512;
/** The smallest time that tar writes; used for every entry. */
const NO_TIME = new Date(1000);

export interface TarEntry {
  /** Without a leading slash; a folder's path ends with one. At most 100 bytes. */
  readonly path: string;
  /** undefined: a folder. */
  readonly content: Buffer | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The bytes of a tar archive in ustar format, with the entries in the given order. Throws an Error for a path that does
 * not fit.
 */
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
