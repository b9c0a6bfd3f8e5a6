// The names that metrics of the system under test have here, and what they are measured in.
//
//   of a process tree            server.cpu_percent (100 = one core), memory_bytes (resident), threads, open_files, processes,
//                                disk_read_bytes_per_s, disk_written_bytes_per_s; net_rx_bytes_per_s and net_tx_bytes_per_s where
//                                the process has a network namespace of its own
//   of the machine               server.machine_cpu_percent (100 = all cores), machine_cpu_iowait_percent, machine_cpu_steal_percent,
//                                machine_memory_bytes (used), machine_memory_percent, machine_load1, and with a label `interface` or
//                                `device` machine_net_rx_bytes_per_s, machine_net_tx_bytes_per_s, machine_disk_read_bytes_per_s,
//                                machine_disk_written_bytes_per_s, machine_disk_busy_percent
//   of an exporter               server.<its own name> with its own labels: a gauge as it is, a counter as its rate per second, a
//                                histogram as p50, p95 and p99 of each second under the label `quantile`, its _count as a rate
//   of a CSV or a command        server.<name of the column>
//
// server.cpu and server.memory are short for server.cpu_percent and server.memory_bytes.

import { SERVER_PREFIX } from './metrics.ts';

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['server.cpu', 'server.cpu_percent'],
  ['server.memory', 'server.memory_bytes'],
]);

/** True for the name of a metric of the system under test. */
export function isServerMetric(name: string): boolean {
  return name.startsWith(SERVER_PREFIX);
}

/** The full name of a metric that may be given by a short one. */
export function fullName(name: string): string {
  return SHORT_NAMES.get(name) ?? name;
}

/** What follows `server.`: what stands in charts and tables. */
export function bareName(name: string): string {
  return isServerMetric(name) ? name.slice(SERVER_PREFIX.length) : name;
}

/** A column's or an exporter's name as that of a metric: what Prometheus allows in a name, everything else an underscore. */
export function metricName(name: string): string {
  return (
    SERVER_PREFIX +
    name
      .trim()
      .replace(/[^A-Za-z0-9_:]+/g, '_')
      .slice(0, 200)
  );
}

/**
 * The unit that a name has by Prometheus' conventions (prometheus.io/docs/practices/naming): `_bytes`, `_seconds`, `_ratio`,
 * `_percent`, and of a rate that unit per second; '' where it has none. `isRate`: the values are a counter's rate.
 */
export function unitByName(name: string, isRate = false): string {
  const plain = name.replace(/_(total|count|sum|per_s|per_second)$/g, '');
  const perSecond = isRate || (plain !== name && /_per_s(econd)?$/.test(name));
  if (/_bytes$/.test(plain) && !/_count$/.test(name)) return perSecond ? 'bytes/s' : 'bytes';
  // Seconds a second are a number of things busy at once: cores, for a CPU.
  if (/_seconds$/.test(plain) && !/_count$/.test(name)) return perSecond ? '' : 's';
  if (/_(ms|milliseconds)$/.test(plain) && !perSecond) return 'ms';
  if (/_ratio$/.test(plain) && !perSecond) return 'share';
  if (/_(percent|pct)$/.test(plain) && !perSecond) return '%';
  return perSecond ? '1/s' : '';
}
