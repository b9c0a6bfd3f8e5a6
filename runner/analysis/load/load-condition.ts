// Judges a target with a load condition only if the run reached that load.

import type { JudgedKpi, LoadCondition } from '../../model/kpi.ts';
import type { RunMetrics, TimeRange } from '../../model/metrics.ts';
import { loadText } from '../../targets/expression.ts';
import type { JudgedPartContext } from './judged-part.ts';

/** A load counts as reached from this share of it. */
const REACHED_SHARE = 0.95;

/**
 * Applies the target's load condition. Met under less load proves nothing, so the verdict becomes inconclusive; missed
 * under less load is a miss.
 */
export function underLoad(judged: JudgedKpi, metrics: RunMetrics, context: JudgedPartContext): JudgedKpi {
  const { load } = judged;
  if (load === undefined || judged.verdict === 'no_data' || judged.verdict === 'inconclusive') return judged;
  const reached = reachedLoad(load, metrics, context);
  if (isReached(load, reached)) return judged;
  const note = `the target is for ${loadText(load)}; this run reached ${loadText(reached) || 'none'}`;
  const noted = { ...judged, note: [note, judged.note].filter(Boolean).join('; ') };
  return judged.verdict === 'pass' ? { ...noted, verdict: 'inconclusive', reason: 'load_short' } : noted;
}

function isReached(asked: LoadCondition, reached: LoadCondition): boolean {
  const has = (wanted: number | undefined, found: number | undefined) =>
    wanted === undefined || (found !== undefined && found >= wanted * REACHED_SHARE);
  return has(asked.requestsPerSecond, reached.requestsPerSecond) && has(asked.vus, reached.vus);
}

/** The highest load that the run reached, for each part of the condition. */
function reachedLoad(load: LoadCondition, metrics: RunMetrics, context: JudgedPartContext): LoadCondition {
  const vus = load.vus === undefined ? undefined : metrics.total('vus')?.max;
  const rate = load.requestsPerSecond === undefined ? undefined : requestRate(metrics, context);
  return {
    ...(rate === undefined ? {} : { requestsPerSecond: rate }),
    ...(vus === undefined ? {} : { vus }),
  };
}

/** Requests per second over the hold with the highest rate, or over the whole run without known holds. */
function requestRate(metrics: RunMetrics, { phases, loadStartMs }: JudgedPartContext): number | undefined {
  const { firstSampleMs, lastSampleMs } = metrics;
  if (firstSampleMs === undefined || lastSampleMs === undefined || lastSampleMs <= firstSampleMs) return undefined;
  const originMs = loadStartMs ?? firstSampleMs;
  const holds = phases
    .filter(({ kind }) => kind === 'hold' || kind === 'step' || kind === 'spike')
    .map(
      ({ startMs, endMs }): TimeRange => ({
        fromMs: originMs + startMs,
        toMs: Math.min(originMs + endMs, lastSampleMs),
      }),
    )
    .filter(({ fromMs, toMs }) => toMs - fromMs >= metrics.intervalMs);
  const ranges = holds.length === 0 ? [{ fromMs: firstSampleMs, toMs: lastSampleMs + 1 }] : holds;
  const rates = ranges.map((range) => {
    const requests = metrics.total('http_reqs', {}, range)?.sum ?? 0;
    return requests / ((range.toMs - range.fromMs) / 1000);
  });
  return Math.max(...rates);
}
