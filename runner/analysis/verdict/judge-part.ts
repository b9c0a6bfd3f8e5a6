// Judges a KPI over a part of the run, or over the worst window of it.

import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import type { Aggregate, RunMetrics } from '../../model/metrics.ts';
import { duration } from '../../text/format.ts';
import { type Cell, type JudgedPartContext, judgedPartOf, type Run, spanText } from '../load/judged-part.ts';
import { answered, transportReasons } from '../requests/responses.ts';
import { combine, slidingSums } from '../statistics/combine.ts';
import { windowsOf } from '../statistics/kpi-interval.ts';
import { worstOf } from '../statistics/statistic.ts';
import { judgeAbsence } from './absence.ts';
import { type Answering, finish, noData, type Part, type Reading, readPart } from './reading.ts';

/**
 * The verdict over a part of the run, or over its worst window of `overMs`, which slides by one interval of the grid.
 * If intervals are longer than a window, a window is one interval; a part shorter than a window is one window.
 * `transportFailures`: filters for samples without a response.
 */
export function judgePart(
  kpi: Kpi,
  transportFailures: Kpi['filter'][],
  metrics: RunMetrics,
  context: JudgedPartContext,
  answering: Answering,
): JudgedKpi {
  const all = metrics.timeline(kpi.metric, kpi.filter);
  const failed = transportFailures.map((filter) => metrics.timeline(kpi.metric, filter));
  const cells: readonly Cell[] = all;
  const judgedPart = judgedPartOf(kpi.during, cells, context, metrics);
  if ('missing' in judgedPart) return noData(kpi, judgedPart.missing);
  const notes = judgedPart.note === undefined ? [] : [judgedPart.note];
  const reasons = transportReasons(kpi, transportFailures, metrics);

  const partOf = (run: Run): Part | undefined => {
    const sum = combine(run.flatMap((index) => all[index]?.aggregate ?? []));
    if (sum === undefined) return undefined;
    const failedSums = combine(failed.flatMap((timeline) => run.flatMap((index) => timeline[index]?.aggregate ?? [])));
    return { all: sum, failed: failedSums, elapsedMs: lengthOf(run, cells) };
  };

  const judgedCells = judgedPart.runs.flat();
  const total = partOf(judgedCells);
  if (total === undefined) {
    const why = `no sample in ${kpi.during ?? 'the run'}; there were ${metrics.total(kpi.metric, kpi.filter)?.count ?? 0} outside it`;
    return judgeAbsence(kpi, metrics, [kpi], why);
  }
  if (kpi.overMs === undefined) {
    const reading = readPart(kpi, total, reasons);
    const windows = windowsOf(kpi, metrics, judgedCells);
    return finish(
      kpi,
      { ...reading, notes: [...notes, ...reading.notes] },
      reading.of === 'all' ? windows : answered(windows, kpi, transportFailures, metrics, judgedCells),
      answering,
    );
  }
  const originMs = context.loadStartMs ?? metrics.firstSampleMs ?? 0;
  const failedSums = cells.map((_, index) => combine(failed.flatMap((timeline) => timeline[index]?.aggregate ?? [])));
  const size = Math.max(1, Math.round(kpi.overMs / metrics.intervalMs));
  const read = wholeCells(judgedPart.runs, cells.length, total.all).flatMap((run) => {
    const length = Math.min(size, run.length);
    const failedWindows = slidingSums(
      run.map((index) => failedSums[index]),
      length,
    );
    return slidingSums(
      run.map((index) => all[index]?.aggregate),
      length,
    ).flatMap((sum, at) => {
      const window = run.slice(at, at + length);
      // A period without samples is no data for a latency, but zero for a counter.
      const samples = sum ?? (total.all.type === 'counter' ? NO_EVENTS : undefined);
      if (samples === undefined) return [];
      const part = { all: samples, failed: failedWindows[at], elapsedMs: lengthOf(window, cells) };
      return [{ run: window, reading: readPart(kpi, part, reasons) }];
    });
  });
  const worst = worstWindow(kpi, read);
  if (worst === undefined) return noData(kpi, `no period of ${duration(kpi.overMs, { trim: true })} had a sample`);
  const { intervalMs } = metrics;
  const grid =
    intervalMs > kpi.overMs
      ? [`the run is stored in intervals of ${duration(intervalMs, { trim: true })}, so periods are that long`]
      : [];
  const span = `worst of ${read.length} periods of ${duration(Math.max(kpi.overMs, intervalMs), { trim: true })}: ${spanText(worst.run, cells, originMs)}`;
  return finish(
    kpi,
    { ...worst.reading, notes: [span, ...grid, ...notes, ...worst.reading.notes] },
    undefined,
    answering,
  );
}

/** For counters, the first and the last cell of the run are left out, because load fills them only in part. */
function wholeCells(runs: readonly Run[], cells: number, total: Aggregate): readonly Run[] {
  if (total.type !== 'counter') return runs;
  const inner = runs
    .map((run) => run.filter((index) => index > 0 && index < cells - 1))
    .filter((run) => run.length > 0);
  return inner.length > 0 ? inner : runs;
}

const NO_EVENTS: Aggregate = {
  type: 'counter',
  count: 0,
  sum: 0,
  min: undefined,
  max: undefined,
  last: undefined,
  mean: undefined,
  quantile: () => undefined,
  bins: () => ({ keys: new Int32Array(0), counts: new Float64Array(0) }),
};

function lengthOf(run: Run, cells: readonly Cell[]): number {
  return run.reduce((ms, index) => ms + (cells[index]?.lengthMs ?? 0), 0);
}

/** The window furthest on the wrong side; one with only transport failures is the worst. */
function worstWindow<W extends { readonly reading: Reading }>(kpi: Kpi, windows: readonly W[]): W | undefined {
  const blind = windows.find(({ reading }) => reading.verdict === 'no_data');
  if (blind !== undefined) return blind;
  const actuals = windows.flatMap(({ reading }) => reading.actual ?? []);
  const worst = worstOf(actuals, kpi);
  return windows.find(({ reading }) => reading.actual === worst);
}
