// The name of a metric → whether the script made it itself.

/** What k6 makes itself, in whatever version. */
const K6_METRIC =
  /^(http_req|grpc_|ws_|webvital|browser_|iteration|vus|data_|checks$|dropped_iterations$|group_duration$)/;

/** True for a metric of the script or of an extension. */
export function isOwnMetric(name: string): boolean {
  return !K6_METRIC.test(name);
}
