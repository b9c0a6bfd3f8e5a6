// The shop's metrics for GET /metrics, in Prometheus' text format.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ConnectionPool } from './pool.ts';

// Half-decades around the normal service times (6 ms to 60 ms), and more for slow ones with faults.
const SECONDS_BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The shop's own metrics, in addition to prom-client's process metrics, with names and labels by Prometheus' conventions. */
export interface Telemetry {
  readonly contentType: string;
  /** Counts a finished request. `route`: a pattern such as `/products/:id`, never a path with an id. */
  request(method: string, route: string, status: number, seconds: number): void;
  /** Adds the time for which a request waited for a connection. */
  connectionWait(seconds: number): void;
  order(): void;
  text(): Promise<string>;
}

/** Creates a registry per shop. */
export function createTelemetry(version: string, pool: ConnectionPool): Telemetry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const labelNames = ['method', 'route', 'status'];
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered; status 499 is a client that left before the answer',
    labelNames,
    registers,
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer, waiting for a connection included',
    labelNames,
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const waits = new Histogram({
    name: 'db_connection_wait_seconds',
    help: 'Time that a request waited for a database connection',
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const orders = new Counter({ name: 'shop_orders_total', help: 'Orders placed', registers });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  gauge('db_connections_in_use', 'Database connections that serve a request', () => pool.inUse);
  gauge('db_connections_max', 'Size of the database connection pool', () => pool.max);
  gauge('db_connections_waiting', 'Requests that wait for a database connection', () => pool.waiting);
  new Gauge({ name: 'shop_build_info', help: 'Always 1; the version is the label', labelNames: ['version'], registers })
    .labels(version)
    .set(1);

  return {
    contentType: registry.contentType,
    request(method, route, status, seconds) {
      requests.inc({ method, route, status });
      durations.observe({ method, route, status }, seconds);
    },
    connectionWait: (seconds) => waits.observe(seconds),
    order: () => orders.inc(),
    text: () => registry.metrics(),
  };
}
