// Names and units of metrics of the system under test.
//
//   process tree       server.cpu_percent (100 = one core), memory_bytes (resident), threads, open_files, processes,
//                      disk_read_bytes_per_s, disk_written_bytes_per_s; net_rx_bytes_per_s and net_tx_bytes_per_s if the
//                      process has its own network namespace
//   machine            server.machine_cpu_percent (100 = all cores), machine_cpu_iowait_percent, machine_cpu_steal_percent,
//                      machine_memory_bytes (used), machine_memory_percent, machine_load1, and with a label `interface` or
//                      `device` machine_net_rx_bytes_per_s, machine_net_tx_bytes_per_s, machine_disk_read_bytes_per_s,
//                      machine_disk_written_bytes_per_s, machine_disk_busy_percent
//   exporter           server.<its own name> with its own labels: a gauge as it is, a counter as its rate per second, a
//                      histogram as p50, p95 and p99 of each second with the label `quantile`, its _count as a rate
//   CSV or command     server.<name of the column>
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

/** The full name of a metric; short names are expanded, others returned unchanged. */
export function fullName(name: string): string {
  return SHORT_NAMES.get(name) ?? name;
}

/** The name without `server.`, for charts and tables. */
export function bareName(name: string): string {
  return isServerMetric(name) ? name.slice(SERVER_PREFIX.length) : name;
}

/** Converts the name of a column or exporter metric: characters that Prometheus does not allow become underscores. */
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
 * The unit in a name, by Prometheus' conventions (prometheus.io/docs/practices/naming): `_bytes`, `_seconds`, `_ratio`,
 * `_percent`, for a rate per second; '' if there is none. `isRate`: the values are the rate of a counter.
 */
export function unitByName(name: string, isRate = false): string {
  const plain = name.replace(/_(total|count|sum|per_s|per_second)$/g, '');
  const perSecond = isRate || (plain !== name && /_per_s(econd)?$/.test(name));
  if (/_bytes$/.test(plain) && !/_count$/.test(name)) return perSecond ? 'bytes/s' : 'bytes';
  // Seconds per second count busy units: for a CPU, cores.
  if (/_seconds$/.test(plain) && !/_count$/.test(name)) return perSecond ? '' : 's';
  if (/_(ms|milliseconds)$/.test(plain) && !perSecond) return 'ms';
  if (/_ratio$/.test(plain) && !perSecond) return 'share';
  if (/_(percent|pct)$/.test(plain) && !perSecond) return '%';
  return perSecond ? '1/s' : '';
}
