// A source for the whole machine: CPU, memory and load average on every system, network and disks on Linux.

import { freemem, loadavg, totalmem } from 'node:os';
import type { Reading, ServerSeries, Source } from '../model/server.ts';
import { type CpuTicks, machineTicks, parseDisks, parseMemory, parseNetwork, readProc } from '../system/proc.ts';

/** More interfaces or disks than anyone reads; every container adds an interface. */
const MOST_DEVICES = 16;

/**
 * An amount that only grows, and the series of its growth per second. `factor` converts the unit, for example ms/s to
 * percent.
 */
interface Growing {
  readonly series: ServerSeries;
  readonly amount: number;
  readonly factor: number;
}

/** Samples the machine that this program runs on. */
export class MachineSource implements Source {
  readonly kind = 'machine';
  readonly target = 'this machine';
  readonly #known = new Map<string, ServerSeries>();
  #before: { atMs: number; cpu: CpuTicks | undefined; amounts: ReadonlyMap<ServerSeries, number> } | undefined;

  constructor(readonly name: string) {}

  async sample(): Promise<readonly Reading[]> {
    const atMs = Date.now();
    const cpu = machineTicks();
    const growing = process.platform === 'linux' ? [...this.#network(), ...this.#disks()] : [];
    const amounts = new Map(growing.map(({ series, amount }) => [series, amount]));
    const readings: Reading[] = [...this.#memory(atMs), ...this.#load(atMs), ...this.#cpu(cpu, atMs)];
    const seconds = this.#before === undefined ? 0 : (atMs - this.#before.atMs) / 1000;
    for (const { series, amount, factor } of growing) {
      const earlier = this.#before?.amounts.get(series);
      // A counter that decreased belongs to a device that was removed and added again.
      if (earlier === undefined || seconds <= 0 || amount < earlier) continue;
      readings.push({ series, value: ((amount - earlier) / seconds) * factor, atMs });
    }
    this.#before = { atMs, cpu, amounts };
    return readings;
  }

  remarks(): readonly string[] {
    return process.platform === 'linux' ? [] : [`network and disks are not available on ${process.platform}`];
  }

  #seriesOf(name: string, unit: string, labels: Record<string, string> = {}): ServerSeries {
    const key = JSON.stringify([name, labels]);
    const known = this.#known.get(key) ?? { metric: `server.machine_${name}`, unit, labels };
    this.#known.set(key, known);
    return known;
  }

  #cpu(now: CpuTicks | undefined, atMs: number): Reading[] {
    const before = this.#before?.cpu;
    if (now === undefined || before === undefined || now.total <= before.total) return [];
    const percent = (part: 'busy' | 'iowait' | 'steal') =>
      Math.min(100, Math.max(0, ((now[part] - before[part]) / (now.total - before.total)) * 100));
    const reading = (name: string, part: 'busy' | 'iowait' | 'steal'): Reading => ({
      series: this.#seriesOf(name, '%'),
      value: percent(part),
      atMs,
    });
    if (process.platform !== 'linux') return [reading('cpu_percent', 'busy')];
    return [
      reading('cpu_percent', 'busy'),
      reading('cpu_iowait_percent', 'iowait'),
      reading('cpu_steal_percent', 'steal'),
    ];
  }

  #memory(atMs: number): Reading[] {
    const { totalBytes, availableBytes } = (process.platform === 'linux'
      ? parseMemory(readProc('meminfo') ?? '')
      : undefined) ?? { totalBytes: totalmem(), availableBytes: freemem() };
    const used = totalBytes - availableBytes;
    return [
      { series: this.#seriesOf('memory_bytes', 'bytes'), value: used, atMs },
      { series: this.#seriesOf('memory_percent', '%'), value: (used / totalBytes) * 100, atMs },
    ];
  }

  #load(atMs: number): Reading[] {
    const [load] = loadavg();
    // Windows has no load average; Node returns 0.
    if (load === undefined || process.platform === 'win32') return [];
    return [{ series: this.#seriesOf('load1', ''), value: load, atMs }];
  }

  #network(): Growing[] {
    const interfaces = [...parseNetwork(readProc('net/dev') ?? '')].slice(0, MOST_DEVICES);
    return interfaces.flatMap(([name, { rxBytes, txBytes }]) => [
      { series: this.#seriesOf('net_rx_bytes_per_s', 'bytes/s', { interface: name }), amount: rxBytes, factor: 1 },
      { series: this.#seriesOf('net_tx_bytes_per_s', 'bytes/s', { interface: name }), amount: txBytes, factor: 1 },
    ]);
  }

  #disks(): Growing[] {
    const disks = [...parseDisks(readProc('diskstats') ?? '')].slice(0, MOST_DEVICES);
    return disks.flatMap(([device, { readBytes, writtenBytes, busyMs }]) => [
      { series: this.#seriesOf('disk_read_bytes_per_s', 'bytes/s', { device }), amount: readBytes, factor: 1 },
      { series: this.#seriesOf('disk_written_bytes_per_s', 'bytes/s', { device }), amount: writtenBytes, factor: 1 },
      // Milliseconds per second, divided by ten, are percent.
      { series: this.#seriesOf('disk_busy_percent', '%', { device }), amount: busyMs, factor: 0.1 },
    ]);
  }
}
