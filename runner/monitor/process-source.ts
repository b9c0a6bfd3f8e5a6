// A source for a process and its children: CPU, memory, threads, open files, disk and network.

import type { Reading, ServerSeries, Source } from '../model/server.ts';
import { choiceText, findProcesses, type ProcessChoice } from './find-process.ts';
import { ProcessTree, type TreeUsage } from './process-tree.ts';

const NO_LABELS = {};
const series = (name: string, unit: string): ServerSeries => ({ metric: `server.${name}`, unit, labels: NO_LABELS });

/**
 * Samples the process tree of the chosen processes. When it has ended, the next sample searches again, so a restarted
 * server is found and its rates start anew. Linux only: sample() rejects elsewhere.
 */
export class ProcessSource implements Source {
  readonly kind = 'process';
  readonly target: string;
  readonly #series = {
    cpu: series('cpu_percent', '%'),
    memory: series('memory_bytes', 'bytes'),
    threads: series('threads', ''),
    processes: series('processes', ''),
    openFiles: series('open_files', ''),
    diskRead: series('disk_read_bytes_per_s', 'bytes/s'),
    diskWritten: series('disk_written_bytes_per_s', 'bytes/s'),
    received: series('net_rx_bytes_per_s', 'bytes/s'),
    sent: series('net_tx_bytes_per_s', 'bytes/s'),
  };
  readonly #remarks = new Set<string>();
  #tree: ProcessTree | undefined;
  #sampledAtMs: number | undefined;

  constructor(
    readonly name: string,
    private readonly choice: ProcessChoice,
  ) {
    this.target = choiceText(choice);
  }

  async sample(): Promise<readonly Reading[]> {
    if (process.platform !== 'linux') throw new Error(`not available on ${process.platform}: needs /proc of Linux`);
    this.#tree ??= this.#find();
    const usage = this.#tree.sample();
    const atMs = Date.now();
    if (usage === undefined) {
      this.#tree = undefined;
      this.#sampledAtMs = undefined;
      throw new Error(`the process has ended (${this.target})`);
    }
    const seconds = this.#sampledAtMs === undefined ? undefined : (atMs - this.#sampledAtMs) / 1000;
    this.#sampledAtMs = atMs;
    this.#remark(usage);
    return this.#readings(usage, seconds, atMs);
  }

  remarks(): readonly string[] {
    return [...this.#remarks];
  }

  #find(): ProcessTree {
    const found = findProcesses(this.choice);
    if (found.length === 0) {
      const what = this.choice.by === 'port' ? 'no visible process listens on it' : 'there is no such process';
      throw new Error(`${what} (${this.target})`);
    }
    return new ProcessTree(found);
  }

  #remark({ openFiles }: TreeUsage): void {
    if (openFiles === undefined)
      this.#remarks.add('open files and disk are not available: the process belongs to another user');
    if (this.#tree?.sharesNetwork === true) {
      this.#remarks.add(
        'Linux does not count network traffic per process; --server-metrics machine has the traffic of the machine',
      );
    }
  }

  #readings(usage: TreeUsage, seconds: number | undefined, atMs: number): Reading[] {
    const { cpu, memory, threads, processes, openFiles, diskRead, diskWritten, received, sent } = this.#series;
    const readings: Reading[] = [];
    const add = (of: ServerSeries, value: number | undefined) => {
      if (value !== undefined) readings.push({ series: of, value, atMs });
    };
    const rate = (amount: number | undefined) =>
      amount === undefined || seconds === undefined || seconds <= 0 ? undefined : amount / seconds;
    add(cpu, rate(usage.cpuSeconds === undefined ? undefined : usage.cpuSeconds * 100));
    add(memory, usage.residentBytes);
    add(threads, usage.threads);
    add(processes, usage.processes);
    add(openFiles, usage.openFiles);
    add(diskRead, rate(usage.disk?.readBytes));
    add(diskWritten, rate(usage.disk?.writtenBytes));
    add(received, rate(usage.network?.rxBytes));
    add(sent, rate(usage.network?.txBytes));
    return readings;
  }
}
