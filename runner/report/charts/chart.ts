// What every chart is made from: the run, and the time axis that all charts share.

import type { RunMetrics } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import type { TrackBook } from '../tracks/book.ts';
import type { Phase } from './figure.ts';

export interface ChartInput {
  readonly result: Result;
  readonly metrics: RunMetrics;
  /** Start of load, epoch milliseconds: 0 of the time axis. */
  readonly loadStartMs: number;
  /** Length of the time axis, at least one second. */
  readonly axisMs: number;
  /** Points that a line has at most. */
  readonly mostPoints: number;
  /** Of a run's samples only those of one k6 scenario: it has the charts that the run has. */
  readonly isPart?: boolean;
  /** Where numbers are bound that follow a range. */
  readonly tracks: TrackBook;
}

/** The run's phases, every second one shaded, and its warm-up, clipped to the time axis; those outside are left out. */
export function phasesOf({ result, axisMs }: ChartInput): Phase[] {
  const phases = result.phases.map(({ name, start_ms, end_ms }, index) => ({
    name,
    fromMs: start_ms,
    toMs: end_ms,
    isShaded: index % 2 === 0,
  }));
  return [...phases, ...warmUpOf(result, phases)].flatMap(({ name, fromMs, toMs, isShaded }) => {
    const [from, to] = [Math.max(fromMs, 0), Math.min(toMs, axisMs)];
    return to > from ? [{ name: oneLine(name, 40), fromMs: from, toMs: to, isShaded }] : [];
  });
}

/** The warm-up, as far as it lies in no phase that is shaded already. */
function warmUpOf({ warm_up: warmUp }: Result, phases: readonly Phase[]): Phase[] {
  if (warmUp === undefined || warmUp === null) return [];
  const isIn = (phase: Phase) => phase.isShaded && phase.fromMs < warmUp.end_ms;
  const fromMs = phases.length > 1 ? Math.max(0, ...phases.filter(isIn).map(({ toMs }) => toMs)) : 0;
  return [{ name: 'warm-up', fromMs, toMs: warmUp.end_ms, isShaded: true }];
}
