// Finds the part of a request that causes a change of its response time: waiting, receiving or sending.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import type { Observation } from '../../model/observation.ts';
import { duration, percent } from '../../text/format.ts';
import type { FindingsInput } from './findings-input.ts';

const PARTS = [
  ['http_req_waiting', 'waiting for the first byte: the server or its dependencies'],
  ['http_req_receiving', 'receiving the body: larger responses, a slower network, or a server that writes slowly'],
  ['http_req_sending', 'sending the request: larger uploads, a slower network, or a busy load generator'],
] as const;

/** A part is named only if it makes up at least this share of the change. */
const CARRIES = 0.6;

export interface Carrier {
  readonly metric: (typeof PARTS)[number][0];
  /** Share of the change of the mean, 0 to 1. */
  readonly share: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The part that causes the change, from the means of the first and last third of the steady part, or before and after
 * the step.
 */
export function carrierOf(
  seen: Observation,
  filter: TagFilter,
  { metrics, loadStartMs }: Pick<FindingsInput, 'metrics' | 'loadStartMs'>,
): Carrier | undefined {
  if (loadStartMs === undefined) return undefined;
  const start = loadStartMs + seen.start_ms;
  const end = loadStartMs + seen.end_ms;
  const third = (end - start) / 3;
  const isStep = seen.shape === 'stepped' && seen.at_ms !== null;
  const at = loadStartMs + (seen.at_ms ?? 0);
  const early = { fromMs: start, toMs: isStep ? at : start + third };
  const late = { fromMs: isStep ? at : end - third, toMs: seen.until_ms === null ? end : loadStartMs + seen.until_ms };
  const change = (metric: string) => {
    const [before, after] = [meanIn(metrics, metric, filter, early), meanIn(metrics, metric, filter, late)];
    return before === undefined || after === undefined ? undefined : { before, after, by: after - before };
  };
  const whole = change('http_req_duration');
  if (whole === undefined || whole.by <= 0) return undefined;
  for (const [metric] of PARTS) {
    const part = change(metric);
    if (part === undefined || part.by / whole.by < CARRIES) continue;
    return { metric, share: Math.min(1, part.by / whole.by), fromMs: part.before, toMs: part.after };
  }
  return undefined;
}

function meanIn(
  metrics: RunMetrics,
  metric: string,
  filter: TagFilter,
  range: { fromMs: number; toMs: number },
): number | undefined {
  let [sum, count] = [0, 0];
  for (const { startMs, aggregate } of metrics.timeline(metric, filter)) {
    if (aggregate === undefined || startMs < range.fromMs || startMs >= range.toMs) continue;
    sum += aggregate.sum;
    count += aggregate.count;
  }
  return count === 0 ? undefined : sum / count;
}

/** `98 % of the increase is waiting for the first byte, …`; '' if no part stands out. */
export function carrierText(seen: Observation, filter: TagFilter, input: FindingsInput): string {
  const carrier = carrierOf(seen, filter, input);
  if (carrier === undefined) return '';
  const words = PARTS.find(([metric]) => metric === carrier.metric)?.[1] ?? '';
  return `${percent(Math.round(carrier.share * 100) / 100)} of the increase is ${words} (mean ${duration(carrier.fromMs)} to ${duration(carrier.toMs)}).`;
}
