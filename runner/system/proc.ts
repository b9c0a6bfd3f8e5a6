// Parses the files of Linux' /proc; see proc(5). Parsers return undefined for text in another format.

import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Reads a file of /proc; undefined if it does not exist or may not be read. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** USER_HZ: Linux reports times in hundredths of a second on every architecture that Node supports. */
export const TICKS_PER_SECOND = 100;

/** The fields of /proc/<pid>/stat that are used. */
export interface ProcessStat {
  readonly name: string;
  readonly parent: number;
  /** Own user and system time, ticks. */
  readonly ticks: number;
  /** CPU time of children that have ended and were waited for, including their own children, ticks. */
  readonly childTicks: number;
  readonly threads: number;
  /** Start time in ticks after boot, which distinguishes processes that reuse an id. */
  readonly startTicks: number;
}

/** Parses /proc/<pid>/stat. The name may contain spaces and parentheses. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  // fields[0] is field 3 of proc(5), the state.
  const fields = text.slice(close + 2).split(' ');
  const at = (number: number) => Number(fields[number - 3]);
  const stat = {
    name: text.slice(open + 1, close),
    parent: at(4),
    ticks: at(14) + at(15),
    childTicks: at(16) + at(17),
    threads: at(20),
    startTicks: at(22),
  };
  const isWhole = [stat.parent, stat.ticks, stat.childTicks, stat.threads, stat.startTicks].every(Number.isFinite);
  return isWhole ? stat : undefined;
}

/** VmRSS of /proc/<pid>/status, bytes; undefined for kernel threads and zombies, which have none. */
export function parseResident(status: string): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** Parses /proc/<pid>/io, bytes. */
export function parseIo(text: string): { readBytes: number; writtenBytes: number } | undefined {
  const read = /^read_bytes: (\d+)$/m.exec(text)?.[1];
  const written = /^write_bytes: (\d+)$/m.exec(text)?.[1];
  return read === undefined || written === undefined
    ? undefined
    : { readBytes: Number(read), writtenBytes: Number(written) };
}

/** CPU time of all cores, ticks. */
export interface CpuTicks {
  readonly busy: number;
  readonly iowait: number;
  readonly steal: number;
  readonly total: number;
}

/** Parses the line `cpu` of /proc/stat, the sum of all cores. Guest time is already part of user time. */
export function parseCpu(text: string): CpuTicks | undefined {
  const line = /^cpu +(.+)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(' ')
    .map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  const total = busy + idle + iowait;
  return Number.isFinite(total) && total > 0 ? { busy, iowait, steal, total } : undefined;
}

/** CPU time of the whole machine so far; undefined if the operating system does not report it. */
export function machineTicks(): CpuTicks | undefined {
  if (process.platform === 'linux') return parseCpu(readProc('stat') ?? '');
  let busy = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return busy + idle === 0 ? undefined : { busy, iowait: 0, steal: 0, total: busy + idle };
}

/** Microseconds so far in which a task waited for a CPU: the line `some` of /proc/pressure/cpu. */
export function parsePressure(text: string): number | undefined {
  const total = /^some .*total=(\d+)$/m.exec(text)?.[1];
  return total === undefined ? undefined : Number(total);
}

/** Parses MemTotal and MemAvailable of /proc/meminfo, bytes. */
export function parseMemory(text: string): { totalBytes: number; availableBytes: number } | undefined {
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return total === undefined || available === undefined
    ? undefined
    : { totalBytes: Number(total) * 1024, availableBytes: Number(available) * 1024 };
}

/** Parses /proc/net/dev: received and sent bytes by interface. */
export function parseNetwork(text: string): Map<string, { rxBytes: number; txBytes: number }> {
  const found = new Map<string, { rxBytes: number; txBytes: number }>();
  for (const [, name = '', rest = ''] of text.matchAll(/^\s*([^\s:]+):(.*)$/gm)) {
    const fields = rest.trim().split(/\s+/).map(Number);
    const [rxBytes, txBytes] = [fields[0], fields[8]];
    if (rxBytes === undefined || txBytes === undefined || !Number.isFinite(rxBytes + txBytes)) continue;
    found.set(name, { rxBytes, txBytes });
  }
  return found;
}

/** The kernel counts sectors of 512 bytes, whatever the device's are. */
const SECTOR_BYTES = 512;
/** Partitions, loop devices, RAM disks and other devices that are not whole disks. */
const NO_DISK = /^(loop|ram|zram|fd|sr|dm-|md)|^(sd|hd|vd|xvd)[a-z]+\d+$|^(nvme\d+n\d+|mmcblk\d+)p\d+$/;

/** Parses /proc/diskstats: bytes and busy milliseconds by whole disk. */
export function parseDisks(text: string): Map<string, { readBytes: number; writtenBytes: number; busyMs: number }> {
  const found = new Map<string, { readBytes: number; writtenBytes: number; busyMs: number }>();
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const name = fields[2];
    if (name === undefined || NO_DISK.test(name)) continue;
    const [readSectors, writtenSectors, busyMs] = [Number(fields[5]), Number(fields[9]), Number(fields[12])];
    if (!Number.isFinite(readSectors + writtenSectors + busyMs)) continue;
    found.set(name, { readBytes: readSectors * SECTOR_BYTES, writtenBytes: writtenSectors * SECTOR_BYTES, busyMs });
  }
  return found;
}

/** Inodes of the sockets that listen on a port, from /proc/net/tcp or tcp6. */
export function listeningInodes(text: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return text.split('\n').flatMap((line) => {
    // Columns: sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode; 0A = TCP_LISTEN.
    const fields = line.trim().split(/\s+/);
    const inode = fields[9];
    return fields[1]?.endsWith(`:${hexPort}`) === true && fields[3] === '0A' && inode !== undefined ? [inode] : [];
  });
}
