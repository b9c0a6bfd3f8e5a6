// Measures what a tree of processes uses, on Linux.
//
// A sample lists /proc once and reads stat, status, io and the number of open files per member: some hundred
// microseconds. Only new processes are read to find their parent, because reading hundreds of processes every second
// would itself be load.

import { readdirSync, readlinkSync } from 'node:fs';
import {
  type ProcessStat,
  parseIo,
  parseNetwork,
  parseResident,
  parseStat,
  readProc,
  TICKS_PER_SECOND,
} from '../system/proc.ts';
import { allPids } from './find-process.ts';

/** What the tree uses, from one sample. */
export interface TreeUsage {
  readonly processes: number;
  /** CPU time since the previous sample, seconds; undefined for the first. */
  readonly cpuSeconds: number | undefined;
  readonly residentBytes: number;
  readonly threads: number;
  /** undefined: the owner of a process does not allow reading it. */
  readonly openFiles: number | undefined;
  /** Bytes since the previous sample. */
  readonly disk: { readonly readBytes: number; readonly writtenBytes: number } | undefined;
  /** Bytes since the previous sample; only if the roots have their own network namespace. */
  readonly network: { readonly rxBytes: number; readonly txBytes: number } | undefined;
}

interface Member {
  readonly stat: ProcessStat;
  readonly io: { readBytes: number; writtenBytes: number } | undefined;
}

/** The root processes and all their descendants. */
export class ProcessTree {
  readonly roots: ReadonlySet<number>;
  readonly #parents = new Map<number, number>();
  readonly #ownNetwork: number | undefined;
  #members: ReadonlyMap<number, Member> | undefined;
  #traffic: { rxBytes: number; txBytes: number } | undefined;

  constructor(roots: readonly number[]) {
    this.roots = new Set(roots);
    this.#ownNetwork = roots.find((pid) => {
      const namespace = namespaceOf(pid);
      return namespace !== undefined && namespace !== namespaceOf('self');
    });
  }

  /** True if the processes share this machine's network: Linux does not count its traffic per process. */
  get sharesNetwork(): boolean {
    return this.#ownNetwork === undefined;
  }

  /** What the tree uses now; undefined if no root is left. */
  sample(): TreeUsage | undefined {
    const members = new Map<number, Member>();
    let residentBytes = 0;
    let threads = 0;
    let openFiles: number | undefined = 0;
    for (const pid of this.#pidsOfTree()) {
      const stat = parseStat(readProc(`${pid}/stat`) ?? '');
      if (stat === undefined) continue;
      // Another process has reused the id.
      const before = this.#members?.get(pid);
      if (before !== undefined && before.stat.startTicks !== stat.startTicks && this.roots.has(pid)) continue;
      members.set(pid, { stat, io: parseIo(readProc(`${pid}/io`) ?? '') });
      residentBytes += parseResident(readProc(`${pid}/status`) ?? '') ?? 0;
      threads += stat.threads;
      const files = countFiles(pid);
      openFiles = openFiles === undefined || files === undefined ? undefined : openFiles + files;
    }
    if (![...this.roots].some((pid) => members.has(pid))) return undefined;
    const before = this.#members;
    this.#members = members;
    return {
      processes: members.size,
      cpuSeconds: before === undefined ? undefined : cpuTicks(before, members) / TICKS_PER_SECOND,
      residentBytes,
      threads,
      openFiles,
      disk: before === undefined ? undefined : diskBytes(before, members),
      network: this.#networkBytes(),
    };
  }

  #pidsOfTree(): number[] {
    const present = allPids();
    const known = this.#parents;
    const alive = new Set(present);
    for (const pid of known.keys()) if (!alive.has(pid)) known.delete(pid);
    for (const pid of present) {
      // Read once: a process that loses its parent stays in the tree, although init is its parent now.
      if (!known.has(pid)) known.set(pid, parseStat(readProc(`${pid}/stat`) ?? '')?.parent ?? 0);
    }
    const isMember = new Map<number, boolean>();
    const belongs = (pid: number, depth = 0): boolean => {
      if (this.roots.has(pid)) return true;
      const answer = isMember.get(pid);
      if (answer !== undefined) return answer;
      const parent = known.get(pid) ?? 0;
      const found = parent > 1 && depth < 1000 && (belongs(parent, depth + 1) || this.#members?.has(parent) === true);
      isMember.set(pid, found);
      return found;
    };
    return present.filter((pid) => belongs(pid));
  }

  #networkBytes(): TreeUsage['network'] {
    if (this.#ownNetwork === undefined) return undefined;
    let rxBytes = 0;
    let txBytes = 0;
    for (const [name, counted] of parseNetwork(readProc(`${this.#ownNetwork}/net/dev`) ?? '')) {
      if (name === 'lo') continue;
      rxBytes += counted.rxBytes;
      txBytes += counted.txBytes;
    }
    const before = this.#traffic;
    this.#traffic = { rxBytes, txBytes };
    if (before === undefined || rxBytes < before.rxBytes || txBytes < before.txBytes) return undefined;
    return { rxBytes: rxBytes - before.rxBytes, txBytes: txBytes - before.txBytes };
  }
}

/**
 * CPU ticks of the tree between two samples: those of the members, and those of children that lived and died in
 * between, which the kernel adds to the parent that waited for them. For a former member the latter include ticks that
 * were already counted, so these are subtracted.
 */
function cpuTicks(before: ReadonlyMap<number, Member>, now: ReadonlyMap<number, Member>): number {
  let own = 0;
  let reaped = 0;
  for (const [pid, { stat }] of now) {
    const earlier = before.get(pid)?.stat;
    const isSame = earlier?.startTicks === stat.startTicks;
    own += stat.ticks - (isSame ? (earlier?.ticks ?? 0) : 0);
    reaped += stat.childTicks - (isSame ? (earlier?.childTicks ?? 0) : 0);
  }
  let counted = 0;
  for (const [pid, { stat }] of before) if (!now.has(pid)) counted += stat.ticks + stat.childTicks;
  return Math.max(0, own) + Math.max(0, reaped - counted);
}

function diskBytes(before: ReadonlyMap<number, Member>, now: ReadonlyMap<number, Member>): TreeUsage['disk'] {
  let readBytes = 0;
  let writtenBytes = 0;
  for (const [pid, { io, stat }] of now) {
    if (io === undefined) return undefined;
    const earlier = before.get(pid);
    const isSame = earlier?.stat.startTicks === stat.startTicks;
    readBytes += Math.max(0, io.readBytes - (isSame ? (earlier?.io?.readBytes ?? io.readBytes) : 0));
    writtenBytes += Math.max(0, io.writtenBytes - (isSame ? (earlier?.io?.writtenBytes ?? io.writtenBytes) : 0));
  }
  return { readBytes, writtenBytes };
}

function countFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

function namespaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
