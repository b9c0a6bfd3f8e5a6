// Decides by seed, faults and time how long the n-th request of a route takes, and whether it fails.

import type { Fault } from './faults.ts';
import { type RandomStream, randomStream } from './random.ts';
import { HEALTHY_LATENCY, type LatencyDistribution, lognormalMs, ROUTE_NAMES, type RouteName } from './routes.ts';

/** The decision for one request. */
export interface Decision {
  /** Number of this request on its route, from 1. */
  number: number;
  /** Service time by seed and `slow` faults only: always the same for the same seed, route and number. */
  baseMs: number;
  /** Service time including growth and steps at this time. */
  serviceMs: number;
  /** Whether an `errors` fault applies: always the same for the same seed, route and number. */
  fails: boolean;
}

/** One route's state: its distribution, its streams, its counters. */
export interface RouteDecisions {
  readonly distribution: LatencyDistribution;
  readonly errorShare: number;
  requests: number;
  errorsInjected: number;
}

interface RoutePlan extends RouteDecisions {
  readonly latencies: RandomStream;
  readonly failures: RandomStream;
  readonly growthPerMs: number;
  readonly steps: ReadonlyArray<{ atMs: number; addMs: number; factor: number }>;
}

/** Decides for every route in the order of its requests; invalid ones do not count. */
export class Decisions {
  readonly #plans: ReadonlyMap<RouteName, RoutePlan>;

  constructor(seed: number, faults: readonly Fault[]) {
    this.#plans = new Map(ROUTE_NAMES.map((name) => [name, planOf(name, seed, faults)]));
  }

  /** Decides the next request of a route. `elapsedMs` is the time since the shop was ready. */
  next(route: RouteName, elapsedMs: number): Decision {
    const plan = this.#plan(route);
    const index = plan.requests++;
    const baseMs = lognormalMs(plan.distribution, plan.latencies.normalAt(index));
    let serviceMs = baseMs * (1 + plan.growthPerMs * elapsedMs);
    for (const step of plan.steps) {
      if (elapsedMs >= step.atMs) serviceMs = serviceMs * step.factor + step.addMs;
    }
    const fails = plan.errorShare > 0 && plan.failures.uniformAt(index) < plan.errorShare;
    return { number: index + 1, baseMs, serviceMs, fails };
  }

  /** Counts a sent injected error. No error is sent if the client left before it got a connection. */
  countError(route: RouteName): void {
    this.#plan(route).errorsInjected++;
  }

  /** The distribution and counters of a route. */
  of(route: RouteName): Readonly<RouteDecisions> {
    return this.#plan(route);
  }

  #plan(route: RouteName): RoutePlan {
    const plan = this.#plans.get(route);
    if (plan === undefined) throw new Error(`no plan for route ${route}`);
    return plan;
  }
}

function planOf(name: RouteName, seed: number, faults: readonly Fault[]): RoutePlan {
  let { medianMs, sigma }: LatencyDistribution = HEALTHY_LATENCY[name];
  let errorShare = 0;
  let growthPerMs = 0;
  const steps: Array<{ atMs: number; addMs: number; factor: number }> = [];
  for (const fault of faults) {
    if (fault.kind === 'memory-leak' || (fault.route !== '*' && fault.route !== name)) continue;
    if (fault.kind === 'slow') medianMs = fault.median_ms;
    else if (fault.kind === 'errors') errorShare = Math.min(1, errorShare + fault.percent / 100);
    else if (fault.kind === 'latency-growth') growthPerMs += fault.percent_per_minute / 100 / 60_000;
    else steps.push({ atMs: fault.at_ms, addMs: fault.add_ms, factor: 1 + fault.add_percent / 100 });
  }
  return {
    distribution: { medianMs, sigma },
    errorShare,
    growthPerMs,
    steps,
    latencies: randomStream(seed, `latency ${name}`),
    failures: randomStream(seed, `failure ${name}`),
    requests: 0,
    errorsInjected: 0,
  };
}
