// The input of every chart: the run, and the time axis that all charts share.

import type { RunMetrics } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import type { TrackBook } from '../tracks/book.ts';
import type { Phase } from './figure.ts';

export interface ChartInput {
  readonly result: Result;
  readonly metrics: RunMetrics;
  /** Start of the load in milliseconds since 1970, the zero of the time axis. */
  readonly loadStartMs: number;
  /** Length of the time axis in milliseconds, at least 1,000. */
  readonly axisMs: number;
  /** Most points of a line. */
  readonly mostPoints: number;
  /** The samples are those of one k6 scenario only; it has the same charts as the run. */
  readonly isPart?: boolean;
  /** Binds numbers that follow a selected range. */
  readonly tracks: TrackBook;
}

/** The run's phases, every second one shaded, and its warm-up, cut to the time axis. */
export function phasesOf({ result, axisMs }: ChartInput): Phase[] {
  const phases = result.phases.map(({ name, start_ms, end_ms }, index) => ({
    name,
    fromMs: start_ms,
    toMs: end_ms,
    isShaded: index % 2 === 0,
  }));
  return [...phases, ...warmUpPhase(result, phases)].flatMap(({ name, fromMs, toMs, isShaded }) => {
    const [from, to] = [Math.max(fromMs, 0), Math.min(toMs, axisMs)];
    return to > from ? [{ name: oneLine(name, 40), fromMs: from, toMs: to, isShaded }] : [];
  });
}

/** The part of the warm-up that lies in no shaded phase. */
function warmUpPhase({ warm_up: warmUp }: Result, phases: readonly Phase[]): Phase[] {
  if (warmUp === undefined || warmUp === null) return [];
  const isIn = (phase: Phase) => phase.isShaded && phase.fromMs < warmUp.end_ms;
  const fromMs = phases.length > 1 ? Math.max(0, ...phases.filter(isIn).map(({ toMs }) => toMs)) : 0;
  return [{ name: 'warm-up', fromMs, toMs: warmUp.end_ms, isShaded: true }];
}
