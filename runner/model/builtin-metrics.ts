// The metrics that k6 and its modules emit by themselves: name, type and kind of values.

import type { Metric, MetricType } from './metrics.ts';

type Row = readonly [name: string, type: MetricType, contains: Metric['contains']];

/**
 * k6 v2.2.0: metrics/builtin.go (RegisterBuiltinMetrics), and what the modules k6/net/grpc and k6/browser register when
 * a script imports them.
 */
const ROWS = [
  ['vus', 'gauge', 'default'],
  ['vus_max', 'gauge', 'default'],
  ['iterations', 'counter', 'default'],
  ['iteration_duration', 'trend', 'time'],
  ['dropped_iterations', 'counter', 'default'],
  ['checks', 'rate', 'default'],
  ['group_duration', 'trend', 'time'],
  ['http_reqs', 'counter', 'default'],
  ['http_req_failed', 'rate', 'default'],
  ['http_req_duration', 'trend', 'time'],
  ['http_req_blocked', 'trend', 'time'],
  ['http_req_connecting', 'trend', 'time'],
  ['http_req_tls_handshaking', 'trend', 'time'],
  ['http_req_sending', 'trend', 'time'],
  ['http_req_waiting', 'trend', 'time'],
  ['http_req_receiving', 'trend', 'time'],
  ['ws_sessions', 'counter', 'default'],
  ['ws_msgs_sent', 'counter', 'default'],
  ['ws_msgs_received', 'counter', 'default'],
  ['ws_ping', 'trend', 'time'],
  ['ws_session_duration', 'trend', 'time'],
  ['ws_connecting', 'trend', 'time'],
  ['grpc_req_duration', 'trend', 'time'],
  ['grpc_streams', 'counter', 'default'],
  ['grpc_streams_msgs_sent', 'counter', 'default'],
  ['grpc_streams_msgs_received', 'counter', 'default'],
  ['data_sent', 'counter', 'data'],
  ['data_received', 'counter', 'data'],
  ['browser_data_sent', 'counter', 'data'],
  ['browser_data_received', 'counter', 'data'],
  ['browser_http_req_duration', 'trend', 'time'],
  ['browser_http_req_failed', 'rate', 'default'],
  ['browser_web_vital_cls', 'trend', 'default'],
  ['browser_web_vital_fcp', 'trend', 'time'],
  ['browser_web_vital_fid', 'trend', 'time'],
  ['browser_web_vital_inp', 'trend', 'time'],
  ['browser_web_vital_lcp', 'trend', 'time'],
  ['browser_web_vital_ttfb', 'trend', 'time'],
] as const satisfies readonly Row[];

/** Names of k6's built-in metrics of one type. */
export type BuiltinMetric<Type extends MetricType> = Extract<
  (typeof ROWS)[number],
  readonly [string, Type, Metric['contains']]
>[0];

/** The built-in metrics by name. */
export const BUILTIN_METRICS: ReadonlyMap<string, Metric> = new Map(
  ROWS.map(([name, type, contains]): [string, Metric] => [name, { name, type, contains }]),
);

/**
 * The metric to assume if its declaration was cut off: a built-in one by name, otherwise a trend, which loses nothing:
 * its sum is a counter's value and its mean a rate's share.
 */
export function undeclaredMetric(name: string): Metric {
  return BUILTIN_METRICS.get(name) ?? { name, type: 'trend', contains: 'default' };
}

/** Prefixes of metrics of k6, including other versions. */
const K6_PREFIX = /^(http_req|grpc_|ws_|webvital|browser_|iteration|vus|data_)/;

/** True for a metric of the script or of an extension. */
export function isOwnMetric(name: string): boolean {
  return !BUILTIN_METRICS.has(name) && !K6_PREFIX.test(name);
}

/**
 * The tags that k6 sets (metrics/system_tag.go of v2.2.0, and k6/browser). Some occur only on failures: error,
 * error_code.
 */
export const SYSTEM_TAGS: ReadonlySet<string> = new Set([
  'proto',
  'subproto',
  'status',
  'method',
  'url',
  'name',
  'group',
  'check',
  'error',
  'error_code',
  'tls_version',
  'scenario',
  'service',
  'expected_response',
  'rpc_type',
  'iter',
  'vu',
  'ocsp_status',
  'ip',
  'resource_type',
]);

/**
 * The parts of a request's time that need a response. k6 also emits them for requests that failed before that, as 0 ms
 * (connection refused) or as the time until it gave up (timeouts).
 */
export const RESPONSE_TIMES: ReadonlySet<string> = new Set([
  'http_req_duration',
  'http_req_sending',
  'http_req_waiting',
  'http_req_receiving',
]);
