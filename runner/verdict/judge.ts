// KPIs and the numbers of a run become verdicts: k6's own wherever there were samples, and an honest one where k6 is silent.

import { formatDuration } from '../k6/duration.ts';
import type { Aggregate, RunMetrics } from '../metrics/model.ts';
import type { Phase } from '../scenario/plan.ts';
import { ABSENT_MEANS_ZERO, BUILTIN_METRICS } from './builtin-metrics.ts';
import { combine } from './combine.ts';
import { discount } from './discount.ts';
import type { GeneratorVerdict } from './generator.ts';
import { confidenceOf, intervalOf, type JudgedInterval } from './interval.ts';
import type { JudgedKpi, Kpi, Verdict } from './model.ts';
import { whyNoData } from './no-data.ts';
import { countsTransportFailures, totalOf, transportFilters, transportReasons, without } from './responses.ts';
import { meets, quantileOf, statisticValue, worstOf } from './statistic.ts';
import { type Cell, type Run, spanText, stretchOf, windowsOver } from './stretch.ts';
import { isStatisticOf, STATISTICS_OF } from './threshold.ts';
import { inK6Unit } from './unit.ts';

export { marginPercent } from './statistic.ts';

export interface JudgeContext {
  readonly phases: readonly Phase[];
  /** When load began, epoch milliseconds; undefined: the first sample counts as its begin. */
  readonly loadStartMs: number | undefined;
  /** k6's run time, from before setup() to after teardown(): what the rate of a counter divides by. undefined: first to last sample. */
  readonly elapsedMs: number | undefined;
  readonly generator: GeneratorVerdict | undefined;
}

/** Samples to judge: all of them, and those among them that got no response. */
interface Part {
  readonly all: Aggregate;
  readonly failed: Aggregate | undefined;
  readonly elapsedMs: number | undefined;
}

interface Reading {
  readonly actual: number | undefined;
  readonly verdict: Verdict;
  readonly samples: number;
  readonly notes: readonly string[];
}

/**
 * The verdict on every KPI, in order. Where samples matched it is k6's, but for these, each of which the note explains:
 * - no sample: `no_data`, which counts as not met, with the nearest names that did occur (k6 passes it);
 * - response times with requests that failed in transport: met only if met both over all samples (k6's figure) and over
 *   those that got a response; `actual` is the worse of the two; nothing but failures and k6's figure met: `no_data`;
 * - `during`, `overMs`: over that part, or the worst window, on the time grid of the run;
 * - a load generator that was saturated or fell short of the load: see discount.ts.
 * Percentiles are within 0.1 % of k6's, so a target that close to the actual value may fall either way.
 */
export function judge(kpis: readonly Kpi[], metrics: RunMetrics, context: JudgeContext): JudgedKpi[] {
  return kpis.map((kpi) => {
    const metric = metrics.metrics.get(kpi.metric) ?? BUILTIN_METRICS.get(kpi.metric);
    const judged = judgeOne(metric === undefined ? kpi : inK6Unit(kpi, metric), metrics, context);
    return discount(judged, metric, context.generator);
  });
}

function judgeOne(kpi: Kpi, metrics: RunMetrics, context: JudgeContext): JudgedKpi {
  const whole = metrics.total(kpi.metric, kpi.filter);
  if (whole === undefined || whole.count === 0) return withoutSamples(kpi, metrics);
  const gaugeExtra =
    whole.type === 'gauge' && kpi.source !== 'threshold' && ['avg', 'min', 'max'].includes(kpi.statistic);
  if (!isStatisticOf(whole.type, kpi.statistic) && !gaugeExtra) {
    const able = STATISTICS_OF[whole.type].join(', ');
    return noData(kpi, `${kpi.metric} is a ${whole.type}, which has ${able}, but no ${kpi.statistic}`);
  }
  const lost = countsTransportFailures(kpi) ? transportFilters(kpi, metrics) : [];
  if (kpi.during === undefined && kpi.overMs === undefined) {
    const part = { all: whole, failed: totalOf(kpi.metric, lost, metrics), elapsedMs: elapsedOf(metrics, context) };
    const reading = readPart(kpi, part, transportReasons(kpi, lost, metrics));
    return finish(kpi, reading, intervalUnlessMixed(kpi, lost, metrics));
  }
  return judgeStretch(kpi, lost, metrics, context);
}

function elapsedOf(metrics: RunMetrics, context: JudgeContext): number | undefined {
  if (context.elapsedMs !== undefined) return context.elapsedMs;
  const { firstSampleMs, lastSampleMs } = metrics;
  return firstSampleMs === undefined || lastSampleMs === undefined ? undefined : lastSampleMs - firstSampleMs;
}

function judgeStretch(kpi: Kpi, lost: Kpi['filter'][], metrics: RunMetrics, context: JudgeContext): JudgedKpi {
  const all = metrics.timeline(kpi.metric, kpi.filter);
  const failed = lost.map((filter) => metrics.timeline(kpi.metric, filter));
  const cells: readonly Cell[] = all;
  const stretch = stretchOf(kpi.during, cells, context, metrics);
  if ('missing' in stretch) return noData(kpi, stretch.missing);
  const notes = stretch.note === undefined ? [] : [stretch.note];
  const reasons = transportReasons(kpi, lost, metrics);

  const partOf = (run: Run): Part | undefined => {
    const sum = combine(run.flatMap((index) => all[index]?.aggregate ?? []));
    if (sum === undefined) return undefined;
    const gone = combine(failed.flatMap((timeline) => run.flatMap((index) => timeline[index]?.aggregate ?? [])));
    return { all: sum, failed: gone, elapsedMs: run.reduce((ms, index) => ms + (cells[index]?.lengthMs ?? 0), 0) };
  };

  const stretchCells = stretch.runs.flat();
  const total = partOf(stretchCells);
  if (total === undefined) {
    return noData(
      kpi,
      `no sample in ${kpi.during ?? 'the run'}; there were ${metrics.total(kpi.metric, kpi.filter)?.count ?? 0} outside it`,
    );
  }
  if (kpi.overMs === undefined) {
    const reading = readPart(kpi, total, reasons);
    return finish(
      kpi,
      { ...reading, notes: [...notes, ...reading.notes] },
      intervalUnlessMixed(kpi, lost, metrics, stretchCells),
    );
  }
  const windows = windowsOver(wholeCells(stretch.runs, cells.length, total.all), kpi.overMs, metrics.intervalMs);
  const originMs = context.loadStartMs ?? metrics.firstSampleMs ?? 0;
  const read = windows.flatMap((run) => {
    const part = partOf(run) ?? emptyCounter(total.all, run, cells);
    return part === undefined ? [] : [{ run, reading: readPart(kpi, part, reasons) }];
  });
  const worst = worstWindow(kpi, read);
  if (worst === undefined) return noData(kpi, `no stretch of ${formatDuration(kpi.overMs)} had a sample`);
  const { intervalMs } = metrics;
  const grid =
    intervalMs > kpi.overMs ? [`the run's time grid is ${formatDuration(intervalMs)}, so windows are that long`] : [];
  const span = `worst of ${read.length} stretches of ${formatDuration(Math.max(kpi.overMs, intervalMs))}: ${spanText(worst.run, cells, originMs)}`;
  return finish(kpi, { ...worst.reading, notes: [span, ...grid, ...notes, ...worst.reading.notes] }, undefined);
}

/** For counters the first and the last cell of the run, which load fills only in part, are no full windows. */
function wholeCells(runs: readonly Run[], cells: number, total: Aggregate): readonly Run[] {
  if (total.type !== 'counter') return runs;
  const inner = runs
    .map((run) => run.filter((index) => index > 0 && index < cells - 1))
    .filter((run) => run.length > 0);
  return inner.length > 0 ? inner : runs;
}

/** A stretch without samples is no data for a latency, but for a counter it is a stretch of zeros. */
function emptyCounter(total: Aggregate, run: Run, cells: readonly Cell[]): Part | undefined {
  if (total.type !== 'counter') return undefined;
  const elapsedMs = run.reduce((ms, index) => ms + (cells[index]?.lengthMs ?? 0), 0);
  return { all: zero('counter'), failed: undefined, elapsedMs };
}

function zero(type: Aggregate['type']): Aggregate {
  return {
    type,
    count: 0,
    sum: 0,
    min: undefined,
    max: undefined,
    last: undefined,
    mean: undefined,
    quantile: () => undefined,
    bins: () => ({ keys: new Int32Array(0), counts: new Float64Array(0) }),
  };
}

/** The window furthest on the wrong side; one whose requests all failed in transport is worse than any value. */
function worstWindow<W extends { readonly reading: Reading }>(kpi: Kpi, windows: readonly W[]): W | undefined {
  const blind = windows.find(({ reading }) => reading.verdict === 'no_data');
  if (blind !== undefined) return blind;
  const actuals = windows.flatMap(({ reading }) => reading.actual ?? []);
  const worst = worstOf(actuals, kpi);
  return windows.find(({ reading }) => reading.actual === worst);
}

function readPart(kpi: Kpi, part: Part, reasons: string): Reading {
  const k6Figure = statisticValue(part.all, kpi.statistic, part.elapsedMs);
  const samples = part.all.count;
  if (k6Figure === undefined) {
    return { actual: undefined, verdict: 'no_data', samples, notes: ['the run has no length to divide by'] };
  }
  const met = meets(k6Figure, kpi.comparison, kpi.target);
  if (part.failed === undefined || part.failed.count === 0) {
    const notes = isTooClose(kpi, part.all, k6Figure)
      ? ['it is closer to the target than the 0.1 % to which percentiles are known, so k6 may say otherwise']
      : [];
    return { actual: k6Figure, verdict: met ? 'pass' : 'fail', samples, notes };
  }
  const failed = `${part.failed.count} of ${samples} requests got no response: ${reasons}`;
  const responses = without(part.all, part.failed);
  const ofResponses = responses && statisticValue(responses, kpi.statistic, part.elapsedMs);
  if (responses === undefined || ofResponses === undefined) {
    const note = `${failed}; k6 counts them as ${figure(k6Figure)} ${kpi.unit}`;
    return met
      ? { actual: undefined, verdict: 'no_data', samples: 0, notes: [note] }
      : { actual: k6Figure, verdict: 'fail', samples, notes: [note] };
  }
  const both = met && meets(ofResponses, kpi.comparison, kpi.target);
  const actual = worstOf([k6Figure, ofResponses], kpi);
  const note = `${failed}; ${kpi.statistic} is ${figure(ofResponses)} ${kpi.unit} over those that did and ${figure(k6Figure)} ${kpi.unit} over all, as k6 counts`;
  return {
    actual,
    verdict: both ? 'pass' : 'fail',
    samples: actual === k6Figure ? samples : responses.count,
    notes: [note],
  };
}

/** Whether the histogram's resolution decides: a percentile between other values than the smallest and the largest. */
function isTooClose(kpi: Kpi, all: Aggregate, actual: number): boolean {
  if (all.type !== 'trend' || quantileOf(kpi.statistic) === undefined) return false;
  if (actual === all.min || actual === all.max) return false;
  return Math.abs(actual - kpi.target) <= 0.001 * Math.abs(actual);
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Where requests failed in transport the actual value is the worse of two figures, of which neither interval speaks. */
function intervalUnlessMixed(kpi: Kpi, lost: Kpi['filter'][], metrics: RunMetrics, cells?: readonly number[]) {
  return lost.length > 0 ? undefined : intervalOf(kpi, metrics, cells);
}

function finish(kpi: Kpi, reading: Reading, interval: JudgedInterval | undefined): JudgedKpi {
  const { actual, verdict, samples, notes } = reading;
  return {
    ...kpi,
    verdict,
    actual,
    ciLow: interval?.low,
    ciHigh: interval?.high,
    confidence: confidenceOf(kpi, interval),
    samples,
    note: notes.length === 0 ? undefined : notes.join('; '),
  };
}

function noData(kpi: Kpi, note: string): JudgedKpi {
  return {
    ...kpi,
    verdict: 'no_data',
    actual: undefined,
    ciLow: undefined,
    ciHigh: undefined,
    confidence: 'unknown',
    samples: 0,
    note,
  };
}

function withoutSamples(kpi: Kpi, metrics: RunMetrics): JudgedKpi {
  const ranSomething = metrics.total('iterations') !== undefined || metrics.total('http_reqs') !== undefined;
  if (!ABSENT_MEANS_ZERO.has(kpi.metric) || Object.keys(kpi.filter).length > 0 || !ranSomething) {
    return noData(kpi, whyNoData(kpi, metrics));
  }
  const reading: Reading = {
    actual: 0,
    verdict: meets(0, kpi.comparison, kpi.target) ? 'pass' : 'fail',
    samples: 0,
    notes: [],
  };
  return finish(kpi, reading, undefined);
}
