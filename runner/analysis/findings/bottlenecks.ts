// Hints at bottlenecks from the parts of a request's time and the times of endpoints; probable causes, never proven.

import { RESPONSE_TIMES } from '../../model/builtin-metrics.ts';
import type { Finding, JudgedKpi } from '../../model/kpi.ts';
import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { oneLine } from '../../text/display-text.ts';
import { duration, percent, significant } from '../../text/format.ts';
import { median } from '../statistics/numbers.ts';
import { quantileOf } from '../statistics/statistic.ts';

/** A part is named if it makes up this share of the time at the judged percentile. */
const DOMINANT = 0.6;
/** An endpoint stands out if its p95 is this many times that of the median endpoint. */
const STANDS_OUT = 3;
const MIN_SAMPLES = 20;
const SETUP_SHARE = 0.5;
const MIN_SETUP_MS = 1;

interface Part {
  readonly metric: string;
  readonly where: string;
  readonly cause: string;
}

/** k6: http_req_duration = sending + waiting + receiving. */
const PARTS: readonly Part[] = [
  {
    metric: 'http_req_waiting',
    where: 'waiting for the first byte of the response',
    cause: 'the server or its dependencies (database, locks, queues, other services)',
  },
  {
    metric: 'http_req_receiving',
    where: 'receiving the body',
    cause: 'large responses, a slow network, or a server that writes them slowly',
  },
  {
    metric: 'http_req_sending',
    where: 'sending the request',
    cause: 'large uploads, a slow network, or a busy load generator',
  },
];

/** The probable reason for a missed target: sentences, and the most likely cause alone. */
export interface MissHint {
  readonly text: string;
  readonly cause?: string;
}

/**
 * Which part a missed latency target's time consists of: `94 % of it is waiting …`. undefined if no part stands out.
 */
function partHint(kpi: JudgedKpi, metrics: RunMetrics): MissHint | undefined {
  if (kpi.metric !== 'http_req_duration') return undefined;
  const q = quantileOf(kpi.statistic) ?? 0.95;
  const whole = metrics.total(kpi.metric, kpi.filter)?.quantile(q);
  if (whole === undefined || whole <= 0) return undefined;
  for (const { metric, where, cause } of PARTS) {
    const part = metrics.total(metric, kpi.filter)?.quantile(q);
    if (part === undefined || part / whole < DOMINANT) continue;
    const share = percent(Math.min(1, part / whole), { digits: 2 });
    return {
      text: `At this percentile ${share} of the time (${duration(part)}) is ${where}; probable cause: ${cause}.`,
      cause,
    };
  }
  return undefined;
}

interface Endpoint {
  readonly name: string;
  readonly p95: number;
}

/** Endpoints with enough samples, slowest first. */
function endpointsOf(metrics: RunMetrics, filter: TagFilter): Endpoint[] {
  return metrics
    .groupBy('http_req_duration', ['name'], filter)
    .flatMap(({ tags, aggregate }) => {
      const p95 = aggregate.count >= MIN_SAMPLES ? aggregate.quantile(0.95) : undefined;
      return p95 === undefined ? [] : [{ name: tags.name ?? '', p95 }];
    })
    .sort((a, b) => b.p95 - a.p95);
}

/**
 * The endpoint that stands out among those matching the filter, and how many times slower than the median one it is.
 */
function slowest(
  metrics: RunMetrics,
  filter: TagFilter,
): (Endpoint & { readonly times: number; readonly others: number }) | undefined {
  const endpoints = endpointsOf(metrics, filter);
  const [first, ...rest] = endpoints;
  const middle = median(rest.map(({ p95 }) => p95));
  if (first === undefined || middle === undefined || middle <= 0) return undefined;
  const times = first.p95 / middle;
  return times >= STANDS_OUT ? { ...first, times, others: rest.length } : undefined;
}

/** The probable reason for a missed target on times; undefined if nothing stands out. */
export function missHint(kpi: JudgedKpi, metrics: RunMetrics): MissHint | undefined {
  const hints: string[] = [];
  const part = partHint(kpi, metrics);
  if (part !== undefined) hints.push(part.text);
  if (RESPONSE_TIMES.has(kpi.metric) && kpi.filter.name === undefined) {
    const slow = slowest(metrics, kpi.filter);
    if (slow !== undefined) {
      hints.push(
        `"${oneLine(slow.name)}" has a p95 of ${duration(slow.p95)}, ${significant(slow.times, 2)}× as long as the others.`,
      );
    }
  }
  if (hints.length === 0) return undefined;
  return { text: hints.join(' '), ...(part?.cause === undefined ? {} : { cause: part.cause }) };
}

/**
 * Findings about the times themselves: an endpoint that stands out in a run with missed targets, expensive connections.
 */
export function bottleneckFindings(kpis: readonly JudgedKpi[], metrics: RunMetrics): Finding[] {
  return [...slowEndpoint(kpis, metrics), ...connectionSetup(metrics)];
}

/** Without a missed target, an endpoint stands out only if it takes this many times as long as the next slowest. */
const FAR_SLOWER = 4;

function slowEndpoint(kpis: readonly JudgedKpi[], metrics: RunMetrics): Finding[] {
  const late = kpis.filter(
    ({ verdict, metric, filter }) => verdict === 'fail' && RESPONSE_TIMES.has(metric) && filter.name === undefined,
  );
  const answered = { expected_response: 'true' };
  const slow = slowest(metrics, answered);
  if (slow === undefined) return [];
  const [, next] = endpointsOf(metrics, answered);
  const ahead = next === undefined || next.p95 <= 0 ? 1 : slow.p95 / next.p95;
  const own = kpis.filter(
    ({ verdict, metric, filter }) => verdict === 'fail' && RESPONSE_TIMES.has(metric) && filter.name === slow.name,
  );
  const missed = [...late, ...own];
  if (missed.length === 0 && ahead < FAR_SLOWER) return [];
  return [
    {
      kind: 'slow_endpoint',
      severity: missed.length === 0 ? 'low' : 'medium',
      title: `${oneLine(slow.name)} is ${significant(slow.times, 2)}× as slow as the other ${slow.others === 1 ? 'endpoint' : `${slow.others} endpoints`}: p95 ${duration(slow.p95)}`,
      detail: `The next slowest is "${oneLine(next?.name ?? '')}" with a p95 of ${duration(next?.p95)}, over expected responses.${missed.length === 0 ? ' It was so from the start. Set a target, or compare with an earlier run, to see whether that is a problem.' : ' Profile this endpoint first.'}`,
      kpis: missed.map(({ id }) => id),
      endpoint: slow.name,
      probableCause: `what only "${oneLine(slow.name)}" does`,
    },
  ];
}

/** From this share of the total time of all requests, an endpoint is what keeps a pool or a CPU busy. */
const OCCUPIES = 0.5;

/**
 * The endpoint that causes the exhaustion of a resource: it takes most of the time of all requests, and its median,
 * which is not affected by the queue before the pool, is far higher than any other. Its finding then comes first,
 * because the exhaustion follows from it.
 */
export function occupant(metrics: RunMetrics, exhausted: Finding): Finding | undefined {
  const endpoints = metrics
    .groupBy('http_req_duration', ['name'], { expected_response: 'true' })
    .flatMap(({ tags, aggregate }) => {
      const median = aggregate.count >= MIN_SAMPLES ? aggregate.quantile(0.5) : undefined;
      return median === undefined ? [] : [{ name: tags.name ?? '', median, spent: median * aggregate.count }];
    })
    .sort((a, b) => b.median - a.median);
  const [slow, next] = endpoints;
  const all = endpoints.reduce((sum, { spent }) => sum + spent, 0);
  if (slow === undefined || next === undefined || slow.spent < OCCUPIES * all) return undefined;
  if (slow.median < FAR_SLOWER * next.median) return undefined;
  const name = oneLine(slow.name);
  return {
    kind: 'slow_endpoint',
    severity: exhausted.severity,
    title: `${name} is ${significant(slow.median / next.median, 2)}× as slow as the next endpoint: p50 ${duration(slow.median)}, ${percent(slow.spent / all, { digits: 2 })} of the time of all requests`,
    detail: `${exhausted.title}. Requests of this endpoint use most of it, and the others wait. The next slowest is "${oneLine(next.name)}" with a p50 of ${duration(next.median)}. Profile "${name}" first.`,
    kpis: exhausted.kpis,
    ...(exhausted.course === undefined ? {} : { course: exhausted.course }),
    probableCause: `work that only "${name}" does, which uses up a shared resource`,
  };
}

function connectionSetup(metrics: RunMetrics): Finding[] {
  const blocked = metrics.total('http_req_blocked');
  const spent = metrics.total('http_req_duration');
  if (blocked?.mean === undefined || spent?.mean === undefined) return [];
  if (blocked.mean < MIN_SETUP_MS || blocked.mean < SETUP_SHARE * spent.mean || blocked.count < MIN_SAMPLES) return [];
  const connecting = metrics.total('http_req_connecting')?.mean ?? 0;
  const handshake = metrics.total('http_req_tls_handshaking')?.mean ?? 0;
  return [
    {
      kind: 'connection_setup',
      severity: 'low',
      title: `Requests waited ${duration(blocked.mean)} on average for a connection, and then took ${duration(spent.mean)}`,
      detail: `http_req_duration does not include the waiting time. TCP took ${duration(connecting)} of it, TLS ${duration(handshake)}. Probable cause: connections that are not reused (noConnectionReuse, noVUConnectionReuse, a server or proxy that closes them, many short-lived VUs), or slow DNS.`,
      kpis: [],
      probableCause: 'connections that are not reused, or slow DNS',
    },
  ];
}
