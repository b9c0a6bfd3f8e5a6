// Assigns metrics of common exporters to panels. Names are those of the exporters, ours first.

/** `subject`: what the lines measure; `short`: for titles with little room. */
export const PANELS = {
  cpu: { title: 'CPU of the system under test', subject: 'CPU', short: 'Server CPU', unit: 'share' },
  memory: { title: 'Memory of the system under test', subject: 'Memory', short: 'Server memory', unit: 'bytes' },
  requests: panelOf('Requests as the server counts them', 'Server requests', '1/s'),
  connections: panelOf('Database connections', 'Database connections', ''),
  waiting: panelOf('Waiting for a database connection', 'Waiting for a connection', ''),
  clients: panelOf('Connections of clients', 'Client connections', ''),
  lag: panelOf('Event loop lag', 'Event loop lag', 's'),
  threads: panelOf('Threads and goroutines', 'Threads and goroutines', ''),
  gc: panelOf('Time spent in garbage collection', 'Garbage collection', 'share'),
  network: { title: 'Network of the system under test', subject: 'Network', short: 'Server network', unit: 'bytes/s' },
  disk: { title: 'Disk of the system under test', subject: 'Disk', short: 'Server disk', unit: 'bytes/s' },
} as const;

function panelOf(title: string, short: string, unit: string) {
  return { title, subject: title, short, unit };
}

export type PanelId = keyof typeof PANELS;

/**
 * What a line means to the verdicts. in_use, waiting and limit belong together: the resource is exhausted when in_use
 * reaches limit. all_cores: a value of 1 is all cores of the machine. resident: the resident memory of a process.
 */
export type Role = 'in_use' | 'waiting' | 'limit' | 'all_cores' | 'resident';

/** The label of lines with resident memory, which results also use. */
export const RESIDENT = 'resident';

/** Puts one metric into a panel. */
export interface PanelRule {
  readonly panel: PanelId;
  /** Name without `server.`. All its series of one source that `where` selects are added up. */
  readonly metric: string;
  readonly label: string;
  /** Selects series by a label: one of these values, or none of them. */
  readonly where?: Readonly<Record<string, { readonly is: readonly string[] } | { readonly not: readonly string[] }>>;
  /** Factor for converting to the panel's unit. */
  readonly scale?: number;
  /** This metric is subtracted. */
  readonly minus?: string;
  /** The value is divided by the sum of all series of the metric: a share of the whole. */
  readonly isShareOfWhole?: boolean;
  /** The line is hidden if one of these metrics is present, because it shows the same. */
  readonly unless?: readonly string[];
  readonly role?: Role;
}

const NO_LOOPBACK = { not: ['lo'] };
const rule = (
  panel: PanelId,
  metric: string,
  label: string,
  more: Omit<PanelRule, 'panel' | 'metric' | 'label'> = {},
): PanelRule => ({ panel, metric, label, ...more });

export const PANEL_RULES: readonly PanelRule[] = [
  // A process and the machine; 100 % of a process is one core, of a machine all cores.
  rule('cpu', 'cpu_percent', 'process (100 % = one core)', { scale: 0.01 }),
  rule('cpu', 'machine_cpu_percent', 'machine (100 % = all cores)', { scale: 0.01, role: 'all_cores' }),
  // node_exporter
  rule('cpu', 'node_cpu_seconds_total', 'machine (100 % = all cores)', {
    where: { mode: { not: ['idle', 'iowait'] } },
    isShareOfWhole: true,
    role: 'all_cores',
  }),
  // Micrometer
  rule('cpu', 'process_cpu_usage', 'process (100 % = all cores)', { role: 'all_cores' }),
  rule('cpu', 'system_cpu_usage', 'machine (100 % = all cores)', { role: 'all_cores' }),
  // client_golang, prom-client, client_java
  rule('cpu', 'process_cpu_seconds_total', 'process (100 % = one core)', {
    unless: ['cpu_percent', 'process_cpu_usage'],
  }),

  rule('memory', 'memory_bytes', RESIDENT, { role: 'resident' }),
  rule('memory', 'machine_memory_bytes', 'machine, used'),
  rule('memory', 'node_memory_MemTotal_bytes', 'machine, used', { minus: 'node_memory_MemAvailable_bytes' }),
  rule('memory', 'process_resident_memory_bytes', RESIDENT, { unless: ['memory_bytes'], role: 'resident' }),
  rule('memory', 'nodejs_heap_size_used_bytes', 'JavaScript heap, used'),
  rule('memory', 'go_memstats_heap_inuse_bytes', 'Go heap, in use'),
  rule('memory', 'jvm_memory_used_bytes', 'Java heap, used', { where: { area: { is: ['heap'] } } }),
  rule('memory', 'jvm_memory_bytes_used', 'Java heap, used', {
    where: { area: { is: ['heap'] } },
    unless: ['jvm_memory_used_bytes'],
  }),

  rule('requests', 'http_requests_total', 'requests'),
  rule('requests', 'http_request_duration_seconds_count', 'requests', { unless: ['http_requests_total'] }),
  rule('requests', 'http_server_requests_seconds_count', 'requests'),
  rule('requests', 'nginx_http_requests_total', 'nginx'),
  rule('requests', 'prometheus_http_requests_total', 'requests'),
  rule('requests', 'grpc_server_handled_total', 'gRPC calls'),

  // The demo shop and other exporters that use these names
  rule('connections', 'db_connections_in_use', 'in use', { role: 'in_use' }),
  rule('waiting', 'db_connections_waiting', 'waiting', { role: 'waiting' }),
  rule('connections', 'db_connections_max', 'limit', { role: 'limit' }),
  // postgres_exporter
  rule('connections', 'pg_stat_activity_count', 'active', {
    where: { state: { is: ['active', 'idle in transaction'] } },
  }),
  rule('connections', 'pg_stat_activity_count', 'open', { role: 'in_use' }),
  rule('connections', 'pg_settings_max_connections', 'limit', { role: 'limit' }),
  // HikariCP and Micrometer's JDBC
  rule('connections', 'hikaricp_connections_active', 'in use', { role: 'in_use' }),
  rule('waiting', 'hikaricp_connections_pending', 'waiting', { role: 'waiting' }),
  rule('connections', 'hikaricp_connections_max', 'limit', { role: 'limit' }),
  rule('connections', 'jdbc_connections_active', 'in use', { role: 'in_use', unless: ['hikaricp_connections_active'] }),
  rule('connections', 'jdbc_connections_max', 'limit', { role: 'limit', unless: ['hikaricp_connections_max'] }),
  // client_golang's DBStats
  rule('connections', 'go_sql_in_use_connections', 'in use', { role: 'in_use' }),
  rule('connections', 'go_sql_max_open_connections', 'limit', { role: 'limit' }),
  // mysqld_exporter
  rule('connections', 'mysql_global_status_threads_connected', 'open', { role: 'in_use' }),
  rule('connections', 'mysql_global_variables_max_connections', 'limit', { role: 'limit' }),

  // nginx exporter
  rule('clients', 'nginx_connections_active', 'active'),
  rule('clients', 'nginx_connections_waiting', 'idle'),
  rule('clients', 'redis_connected_clients', 'redis'),

  rule('lag', 'nodejs_eventloop_lag_p99_seconds', 'p99'),
  rule('lag', 'nodejs_eventloop_lag_seconds', 'now'),

  rule('threads', 'threads', 'threads'),
  rule('threads', 'go_goroutines', 'goroutines'),
  rule('threads', 'jvm_threads_live_threads', 'Java threads'),
  rule('threads', 'jvm_threads_current', 'Java threads', { unless: ['jvm_threads_live_threads'] }),

  // Seconds per second: a share of the time.
  rule('gc', 'nodejs_gc_duration_seconds_sum', 'JavaScript'),
  rule('gc', 'go_gc_duration_seconds_sum', 'Go'),
  rule('gc', 'jvm_gc_pause_seconds_sum', 'Java'),
  rule('gc', 'jvm_gc_collection_seconds_sum', 'Java', { unless: ['jvm_gc_pause_seconds_sum'] }),

  rule('network', 'net_rx_bytes_per_s', 'received'),
  rule('network', 'net_tx_bytes_per_s', 'sent'),
  rule('network', 'machine_net_rx_bytes_per_s', 'machine, received', { where: { interface: NO_LOOPBACK } }),
  rule('network', 'machine_net_tx_bytes_per_s', 'machine, sent', { where: { interface: NO_LOOPBACK } }),
  rule('network', 'machine_net_rx_bytes_per_s', 'machine, loopback', { where: { interface: { is: ['lo'] } } }),
  rule('network', 'node_network_receive_bytes_total', 'machine, received', { where: { device: NO_LOOPBACK } }),
  rule('network', 'node_network_transmit_bytes_total', 'machine, sent', { where: { device: NO_LOOPBACK } }),
  rule('network', 'node_network_receive_bytes_total', 'machine, loopback', { where: { device: { is: ['lo'] } } }),

  rule('disk', 'disk_read_bytes_per_s', 'read'),
  rule('disk', 'disk_written_bytes_per_s', 'written'),
  rule('disk', 'machine_disk_read_bytes_per_s', 'machine, read'),
  rule('disk', 'machine_disk_written_bytes_per_s', 'machine, written'),
  rule('disk', 'node_disk_read_bytes_total', 'machine, read'),
  rule('disk', 'node_disk_written_bytes_total', 'machine, written'),
];
