// Judges a target on the growth of a metric of the system under test, per hour, over the steady part of the load.

import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { plural, withUnit } from '../../text/format.ts';
import { type JudgedPartContext, judgedPartOf } from '../load/judged-part.ts';
import { MIN_DRIFT_MS } from '../shape/drift.ts';
import { FEWEST_PERIODS } from '../shape/level-series.ts';
import { ongoingDriftOf } from '../shape/ongoing-drift.ts';
import { confidenceOf } from '../statistics/kpi-interval.ts';
import { meets } from '../statistics/statistic.ts';
import { INSIDE_INTERVAL } from './doubt-words.ts';
import { steadyRise } from './judge-degradation.ts';
import { noData } from './reading.ts';

/**
 * Growth is the Theil-Sen slope per hour of the continuing change: steps and the time until it levelled off are left
 * out, and for swings the lows are used (ongoing-drift.ts). Ramps are left out unless the KPI has `during`, because
 * memory that rises with the load is no leak. Passes or fails only if the whole 95 % interval of the slope is on one
 * side of the target. Below 5 minutes only a clear rise that does not slow down has an interval (judge-degradation.ts),
 * and its verdict is provisional; everything else is inconclusive, without a value.
 */
export function judgeGrowth(kpi: Kpi, metrics: RunMetrics, context: JudgedPartContext): JudgedKpi {
  const timeline = metrics.timeline(kpi.metric, kpi.filter);
  const judgedPart = judgedPartOf(kpi.during ?? 'steady', timeline, context, metrics);
  if ('missing' in judgedPart) return noData(kpi, judgedPart.missing);
  const cells = judgedPart.runs.flat();
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return noData(kpi, 'the run has no constant load');
  // Steps in between that are not steady stay gaps, because a slope is over time, not over cells.
  const wanted = new Set(cells);
  const series = timeline
    .slice(first, last + 1)
    .map(({ aggregate }, index) => (wanted.has(first + index) ? aggregate?.mean : undefined));
  const drift = ongoingDriftOf(series, metrics.intervalMs);
  if (drift === undefined) return noData(kpi, 'there are too few readings in the steady part of the load for a slope');
  const { isFirm, points, spanMs } = drift;
  const slope = isFirm ? drift : shortRise(series, metrics.intervalMs);
  const { low, high } = slope ?? {};
  const ends = [low, high].map((end) => (end === undefined ? undefined : meets(end, kpi.comparison, kpi.target)));
  const isOneSided = ends[0] !== undefined && ends[0] === ends[1];
  const notes: string[] = [];
  if (slope === undefined) {
    notes.push(
      `${plural(points, 'reading')} over ${Math.round(spanMs / 1000)} s are too few to distinguish growth from noise. It takes ${MIN_DRIFT_MS / 60_000} minutes of steady load: run longer, or limit the target to soak runs (profiles: [soak])`,
    );
  } else if (!isOneSided) notes.push(`${INSIDE_INTERVAL} of the slope: run longer to decide`);
  if (drift.after !== undefined) {
    const { kind, from, to } = drift.after;
    const value = (level: number) => withUnit(level, kpi.unit.replace(/\/h$/, ''));
    notes.push(
      `it ${kind === 'stepped' ? 'stepped' : 'levelled off'}, ${value(from)} to ${value(to)}: the longest part without that is judged`,
    );
  }
  if (drift.fromLows) notes.push('it rises and falls, so the minimum of each cycle is judged');
  if (judgedPart.note !== undefined) notes.push(judgedPart.note);
  const isDecided = isOneSided;
  return {
    ...kpi,
    verdict: !isDecided ? 'inconclusive' : ends[0] === true ? 'pass' : 'fail',
    // An hourly value computed from seconds means nothing: some noise would become gigabytes.
    actual: slope?.perHour,
    ciLow: low,
    ciHigh: high,
    confidence: confidenceOf(kpi, slope && { low, high, firm: isFirm, grade: isFirm ? 'decided' : 'indicative' }),
    method: !isDecided ? 'point' : isFirm ? 'decided' : 'indicative',
    reason: isDecided ? 'clear' : slope === undefined ? 'too_short' : 'too_close',
    decidesAfterMs: undefined,
    samples: points,
    note: notes.length === 0 ? undefined : notes.join('; '),
  };
}

/** From this length of steady load, a rise may be judged, as in the built-in target of a soak. */
const SHORTEST_RISE_MS = 90_000;
const HOUR_MS = 3_600_000;

/**
 * The slope per hour of a short series that clearly keeps rising, with an interval half as wide again; undefined for
 * all others.
 */
function shortRise(series: ReadonlyArray<number | undefined>, intervalMs: number) {
  const rise = steadyRise(series, intervalMs);
  if (rise === undefined || rise.low === undefined || rise.high === undefined) return undefined;
  if (rise.spanMs < SHORTEST_RISE_MS || rise.points < FEWEST_PERIODS) return undefined;
  const hours = rise.spanMs / HOUR_MS;
  return { perHour: (rise.to - rise.from) / hours, low: rise.low / hours, high: rise.high / hours };
}
