// Reads from a Linux executable its architecture and whether it needs shared libraries.

import type { ImageArch } from '../model/cluster.ts';

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: e_machine */
const MACHINES: Readonly<Record<number, ImageArch>> = { 62: 'amd64', 183: 'arm64' };
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const HEADER_BYTES = 64;
/** Program header of the dynamic loader's path. */
const PT_INTERP = 3;

export interface Executable {
  readonly arch: ImageArch;
  /** True if it needs a dynamic loader, which a minimal image does not have. */
  readonly isDynamic: boolean;
}

/** Reads a 64-bit little-endian ELF file; undefined for anything else, including other architectures. */
export function elfOf(file: Buffer): Executable | undefined {
  const is64Little = file[4] === 2 && file[5] === 1;
  if (file.length < HEADER_BYTES || !file.subarray(0, 4).equals(MAGIC) || !is64Little) return undefined;
  const arch = MACHINES[file.readUInt16LE(18)];
  if (arch === undefined) return undefined;
  const from = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  const headers = Array.from({ length: file.readUInt16LE(56) }, (_, index) => from + index * size);
  const isDynamic = headers.some((at) => at + 4 <= file.length && file.readUInt32LE(at) === PT_INTERP);
  return { arch, isDynamic };
}
