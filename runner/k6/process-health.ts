// Measures CPU and memory of a process once a second, for a k6 without our output, which reports them itself.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import type { GeneratorHealth } from '../model/metrics.ts';
import { parseResident, parseStat, readProc, TICKS_PER_SECOND } from '../system/proc.ts';

/** What a process had used at one time. */
export interface ProcessUsage {
  /** User and system time since its start, seconds. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/**
 * Samples a process every `intervalMs` and passes CPU (cores) and resident memory of each interval to `onHealth` until
 * stop(). The last, incomplete interval is dropped. Does nothing if the system does not report them (Windows) or the
 * process has ended.
 */
export function watchProcessHealth(
  pid: number,
  onHealth: (health: GeneratorHealth) => void,
  intervalMs = 1000,
): { stop(): void } {
  const cores = coresAllowed();
  let before: { atMs: number; usage: ProcessUsage } | undefined;
  let isStopped = false;
  const sample = async () => {
    const usage = await readProcessUsage(pid);
    if (usage === undefined || isStopped) return;
    const atMs = Date.now();
    if (before !== undefined && atMs > before.atMs) {
      const lengthMs = atMs - before.atMs;
      const cpuSeconds = usage.cpuSeconds - before.usage.cpuSeconds;
      onHealth({
        startMs: before.atMs,
        lengthMs,
        cpuCores: Math.max(0, (cpuSeconds * 1000) / lengthMs),
        coresAllowed: cores,
        residentBytes: usage.residentBytes,
      });
    }
    before = { atMs, usage };
  };
  void sample();
  const timer = setInterval(sample, intervalMs);
  timer.unref();
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

/** CPU time and memory of a process from /proc (Linux) or ps (macOS, BSD); undefined if not available. */
export async function readProcessUsage(pid: number): Promise<ProcessUsage | undefined> {
  if (process.platform === 'linux') return usageOf(readProc(`${pid}/stat`) ?? '', readProc(`${pid}/status`) ?? '');
  if (process.platform === 'win32') return undefined;
  const { failed, stdout } = await execa('ps', ['-o', 'time=,rss=', '-p', String(pid)], { reject: false });
  return failed ? undefined : parsePs(stdout);
}

/** Parses /proc/<pid>/stat and /proc/<pid>/status; undefined if they are not those of a running process with memory. */
export function usageOf(stat: string, status: string): ProcessUsage | undefined {
  const ticks = parseStat(stat)?.ticks;
  const residentBytes = parseResident(status);
  if (ticks === undefined || residentBytes === undefined) return undefined;
  return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes };
}

/**
 * Parses one line of `ps -o time=,rss=`: `[[days-]hours:]minutes:seconds[.hundredths]  KiB`. undefined for other text.
 */
export function parsePs(line: string): ProcessUsage | undefined {
  const match = /^\s*(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s+(\d+)\s*$/.exec(line);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds, kib] = match.slice(1).map((part) => Number(part ?? 0));
  if (
    days === undefined ||
    hours === undefined ||
    minutes === undefined ||
    seconds === undefined ||
    kib === undefined
  ) {
    return undefined;
  }
  return { cpuSeconds: days * 86_400 + hours * 3600 + minutes * 60 + seconds, residentBytes: kib * 1024 };
}

/**
 * Cores that a Go program started by this process may use: GOMAXPROCS if set, else the CPUs of our affinity, limited by
 * the quota of the control group (v2), which Go 1.25 and later apply themselves.
 */
export function coresAllowed(): number {
  const bounds = [availableParallelism()];
  const asked = Number(process.env.GOMAXPROCS);
  if (Number.isInteger(asked) && asked > 0) return asked;
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').trim().split(' ').map(Number);
    if (quota !== undefined && period !== undefined && quota / period > 0) {
      // Go rounds the quota up, and uses at least two threads if there are two CPUs.
      bounds.push(Math.max(Math.min(2, availableParallelism()), Math.ceil(quota / period)));
    }
  } catch {
    // No such control group.
  }
  return Math.min(...bounds);
}
