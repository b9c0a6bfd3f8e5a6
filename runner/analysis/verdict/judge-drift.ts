// Judges a target on drift: the slope of a statistic per hour over the steady load, without steps.

import type { JudgedKpi, Kpi, Statistic } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { duration, significant } from '../../text/format.ts';
import { type JudgedPartContext, judgedPartOf } from '../load/judged-part.ts';
import { type Drift, MIN_DRIFT_MS } from '../shape/drift.ts';
import { driftBetweenSteps, FEWEST_PERIODS, levelSeries, widened } from '../shape/level-series.ts';
import { decide } from '../statistics/decide.ts';
import type { GradedInterval } from '../statistics/interval.ts';
import { confidenceOf } from '../statistics/kpi-interval.ts';
import { noData } from './reading.ts';

// drift.ts gives the slope with a 95 % interval. From 5 minutes on, it decides. A shorter one with at least 20 periods
// is indicative, with each end half as far again from the slope. A change in percent is relative to the level at the
// start of the fitted line.

const HOUR_MS = 3_600_000;

/** `p(95) drift < 10 %/h`: the slope per hour. `base` is the statistic that drifts. */
export function judgeDrift(kpi: Kpi, base: Statistic, metrics: RunMetrics, context: JudgedPartContext): JudgedKpi {
  const timeline = metrics.timeline(kpi.metric, kpi.filter);
  const judgedPart = judgedPartOf(kpi.during ?? 'steady', timeline, context, metrics);
  if ('missing' in judgedPart) return noData(kpi, judgedPart.missing);
  const [series] = levelSeries(timeline, judgedPart.runs.flat(), [base], metrics.intervalMs);
  const level = series && driftBetweenSteps(series);
  if (level === undefined) return noData(kpi, 'too few samples in the steady load for a slope');
  const { drift, from, to, after } = level;
  if (kpi.unit === '%/h' && from <= 0)
    return noData(kpi, 'the value at the start is 0, so there is no relative change');
  const scale = kpi.unit === '%/h' ? 100 / from : 1;
  const value = drift.perHour * scale;
  const interval = intervalOf(drift, scale);
  const decision = decide(kpi, { value, samples: 0, interval, windows: drift.points, lengthMs: drift.spanMs });
  const notes = [
    `${kpi.unit.startsWith('%') ? `${significant(from, 3)} to ${significant(to, 3)} ms over` : 'over'} ${duration(drift.spanMs, { trim: true })} of steady load`,
    ...(after === undefined
      ? []
      : [
          `it ${after.kind === 'stepped' ? 'stepped' : 'levelled off'}, ${significant(after.from, 3)} to ${significant(after.to, 3)} ms: the longest part without that is judged`,
        ]),
    ...(judgedPart.note === undefined ? [] : [judgedPart.note]),
  ];
  return {
    ...kpi,
    ...decision,
    decidesAfterMs: decision.verdict === 'inconclusive' ? decidesAfter(kpi.target, value, interval, drift) : undefined,
    // An hourly value computed from seconds means nothing.
    actual: interval === undefined ? undefined : value,
    ciLow: interval?.low,
    ciHigh: interval?.high,
    confidence: confidenceOf(kpi, interval && { ...interval, firm: drift.isFirm }),
    samples: drift.points,
    note: notes.join('; '),
  };
}

/** The interval of the slope, if the series is long enough. */
function intervalOf(drift: Drift, scale: number): GradedInterval | undefined {
  if (!drift.isFirm && drift.points < FEWEST_PERIODS) return undefined;
  const end = (perHour: number | undefined) => widened(perHour, drift)?.(scale);
  return { low: end(drift.low), high: end(drift.high), grade: drift.isFirm ? 'decided' : 'indicative' };
}

/** The error of a slope falls with the length to the power of 1.5. */
function decidesAfter(target: number, value: number, interval: GradedInterval | undefined, drift: Drift) {
  const end = value < target ? interval?.high : interval?.low;
  if (end === undefined || value === target) return drift.isFirm ? undefined : MIN_DRIFT_MS;
  const lengths = (Math.abs(end - value) / Math.abs(target - value)) ** (2 / 3);
  const ms = Math.ceil(drift.spanMs * lengths);
  return ms < 7 * 24 * HOUR_MS ? Math.max(ms, drift.spanMs) : undefined;
}
