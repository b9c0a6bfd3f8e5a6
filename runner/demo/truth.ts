// The shop's settings and counters for GET /truth, which verdicts are tested against.

import { z } from 'zod';
import type { DemoConfig } from './config.ts';
import type { Decisions } from './decisions.ts';
import { FaultSchema } from './faults.ts';
import { HEALTHY_LATENCY, lognormalMs, ROUTE_NAMES } from './routes.ts';

const P95_NORMAL = 1.6448536269514722;

/** Service time of a route: a lognormal distribution in milliseconds. Growth and steps are added, see the faults. */
const RouteTruthSchema = z.object({
  distribution: z.literal('lognormal'),
  /** The median, including a `slow` fault. */
  median_ms: z.number(),
  sigma: z.number(),
  p95_ms: z.number(),
  mean_ms: z.number(),
  /** The median without any fault. */
  healthy_median_ms: z.number(),
  /** Share of injected errors, 0 to 1. */
  error_share: z.number(),
  /** Requests with a service time so far, and the number of injected errors. */
  requests: z.number().int(),
  errors_injected: z.number().int(),
});

/** Schema of GET /truth. */
export const TruthSchema = z.object({
  schema_version: z.literal(1),
  version: z.string(),
  seed: z.number().int(),
  /** The time at which the shop got ready, from which faults count; null before. */
  started_at: z.iso.datetime().nullable(),
  elapsed_ms: z.number(),
  connections: z.number().int(),
  leaked_bytes: z.number().int(),
  faults: z.array(FaultSchema),
  routes: z.record(z.string(), RouteTruthSchema),
});

/** The content of GET /truth. */
export type Truth = z.infer<typeof TruthSchema>;

/** The parts of the truth that change while the shop runs. */
export interface ShopClock {
  startedAt: Date | undefined;
  elapsedMs: number;
  leakedBytes: number;
}

/** The current truth. */
export function truthOf(config: DemoConfig, decisions: Decisions, clock: ShopClock): Truth {
  const routes: Truth['routes'] = {};
  for (const name of ROUTE_NAMES) {
    const { distribution, errorShare, requests, errorsInjected } = decisions.of(name);
    routes[name] = {
      distribution: 'lognormal',
      median_ms: distribution.medianMs,
      sigma: distribution.sigma,
      p95_ms: lognormalMs(distribution, P95_NORMAL),
      // Mean of a lognormal distribution: median × exp(sigma² / 2).
      mean_ms: lognormalMs(distribution, distribution.sigma / 2),
      healthy_median_ms: HEALTHY_LATENCY[name].medianMs,
      error_share: errorShare,
      requests,
      errors_injected: errorsInjected,
    };
  }
  return {
    schema_version: 1,
    version: config.version,
    seed: config.seed,
    started_at: clock.startedAt?.toISOString() ?? null,
    elapsed_ms: clock.elapsedMs,
    connections: config.connections,
    leaked_bytes: clock.leakedBytes,
    faults: config.faults,
    routes,
  };
}
