// What k6 registers by itself: name, type and unit of every built-in metric, known before a run has samples.

import type { Metric, MetricType } from '../model/metrics.ts';

type Row = readonly [name: string, type: MetricType, contains: Metric['contains']];

/** k6 v2.2.0, metrics/builtin.go, RegisterBuiltinMetrics. */
const ROWS: readonly Row[] = [
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
  ['data_sent', 'counter', 'data'],
  ['data_received', 'counter', 'data'],
];

export const BUILTIN_METRICS: ReadonlyMap<string, Metric> = new Map(
  ROWS.map(([name, type, contains]) => [name, { name, type, contains }]),
);

/**
 * Counters whose absence is an answer: k6 writes `dropped_iterations` only when it drops one, so no sample in a run that
 * had iterations means 0.
 */
export const ABSENT_MEANS_ZERO: ReadonlySet<string> = new Set(['dropped_iterations']);

/**
 * The parts of a request's time that exist only once a server has answered. k6 writes them for requests that failed in
 * transport too, as 0 ms (connection refused) or as the time until it gave up (timeouts).
 */
export const RESPONSE_TIMES: ReadonlySet<string> = new Set([
  'http_req_duration',
  'http_req_sending',
  'http_req_waiting',
  'http_req_receiving',
]);
