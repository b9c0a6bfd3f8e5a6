// The name of a metric that no line declared goes in; what it most probably is comes out.

import type { Metric, MetricType } from '../model/metrics.ts';

type Contains = Metric['contains'];

/** k6 v2.2.0, metrics/builtin.go and js/modules/k6/browser: the ones that are no trend of milliseconds. */
const BUILTINS: Readonly<Record<string, readonly [type: MetricType, contains: Contains]>> = {
  vus: ['gauge', 'default'],
  vus_max: ['gauge', 'default'],
  iterations: ['counter', 'default'],
  dropped_iterations: ['counter', 'default'],
  checks: ['rate', 'default'],
  http_reqs: ['counter', 'default'],
  http_req_failed: ['rate', 'default'],
  ws_sessions: ['counter', 'default'],
  ws_msgs_sent: ['counter', 'default'],
  ws_msgs_received: ['counter', 'default'],
  grpc_streams: ['counter', 'default'],
  grpc_streams_msgs_sent: ['counter', 'default'],
  grpc_streams_msgs_received: ['counter', 'default'],
  data_sent: ['counter', 'data'],
  data_received: ['counter', 'data'],
  browser_data_sent: ['counter', 'data'],
  browser_data_received: ['counter', 'data'],
  browser_http_req_failed: ['rate', 'default'],
  browser_web_vital_cls: ['trend', 'default'],
};

const TIMES =
  /^(iteration_duration|group_duration|http_req_\w+|ws_(ping|session_duration|connecting)|grpc_req_duration|browser_(http_req_duration|web_vital_\w+))$/;

/**
 * A stream whose head was cut off lacks the declarations. k6's own metrics are known by name; any other is taken for a
 * trend, which keeps the most: its sum is what a counter needs and its mean is a rate's share.
 */
export function undeclaredMetric(name: string): Metric {
  const builtin = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
  if (builtin !== undefined) return { name, type: builtin[0], contains: builtin[1] };
  return { name, type: 'trend', contains: TIMES.test(name) ? 'time' : 'default' };
}
