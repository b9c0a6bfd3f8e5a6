// The figures of two runs and further runs of the same builds → what may be said of the builds, all figures together.

import {
  estimateRuns,
  FALSE_ALARMS,
  holmLevels,
  judgeRuns,
  type RunsEstimate,
  smallestChange,
} from '../analysis/runs-difference.ts';
import type { Change, ComparedMetric, ComparisonHistory } from '../model/comparison.ts';
import type { Result } from '../model/result.ts';
import type { History } from './history.ts';

const FIELDS = { p50: 'med', p95: 'p95', p99: 'p99' } as const;

/** The figure in another run; undefined where that run has none, or two endpoints share the name. */
function valueIn(run: Result, metric: ComparedMetric): number | undefined {
  const { statistic } = metric;
  if (statistic !== 'p50' && statistic !== 'p95' && statistic !== 'p99') return undefined;
  const field = FIELDS[statistic];
  if (metric.endpoint === null) {
    return run.latency?.metric === metric.metric ? (run.latency[field] ?? undefined) : undefined;
  }
  const endpoints = run.endpoints.filter(({ name }) => name === metric.endpoint);
  return endpoints.length === 1 ? (endpoints[0]?.[field] ?? undefined) : undefined;
}

interface Judged {
  readonly metric: ComparedMetric;
  readonly runsA: number;
  readonly runsB: number;
  readonly estimate: RunsEstimate;
}

function estimated(metric: ComparedMetric, { a, b }: History): Judged[] {
  if (metric.kind !== 'latency') return [];
  const values = (runs: readonly Result[]) => runs.flatMap((run) => valueIn(run, metric) ?? []);
  const [from, to] = [values(a), values(b)];
  const estimate = estimateRuns(from, to);
  return estimate === undefined ? [] : [{ metric, runsA: from.length, runsB: to.length, estimate }];
}

/**
 * The figures with `over_runs` where there are enough runs to know how far runs of one build lie apart. All of them together raise
 * a false alarm in at most 5 % of comparisons: each is tested at its Holm level, and its interval is that of the level.
 */
export function withHistory(metrics: readonly ComparedMetric[], history: History): ComparedMetric[] {
  const judged = metrics.flatMap((metric) => estimated(metric, history));
  const levels = holmLevels(judged.map(({ estimate }) => estimate.pValue));
  const found = new Map(
    judged.map(({ metric, runsA, runsB, estimate }, index) => {
      const rule = { level: levels[index] ?? FALSE_ALARMS };
      const { change, interval, verdict } = judgeRuns(estimate, rule);
      const over = {
        runs_a: runsA,
        runs_b: runsB,
        change: change ?? null,
        ci_low: interval?.low ?? null,
        ci_high: interval?.high ?? null,
        smallest_change: smallestChange(estimate, rule),
        verdict,
      };
      return [metric, over] as const;
    }),
  );
  return metrics.map((metric) => ({ ...metric, over_runs: found.get(metric) ?? null }));
}

/** What the further runs came to, for the sentence above the table; undefined where no figure has a history. */
export function historyOf(metrics: readonly ComparedMetric[], { inBlocks }: History): ComparisonHistory | undefined {
  const judged = metrics.flatMap(({ over_runs }) => over_runs ?? []);
  const [first] = judged;
  if (first === undefined) return undefined;
  const having = (verdict: Change) => judged.filter((each) => each.verdict === verdict).length;
  return {
    runs_a: first.runs_a,
    runs_b: first.runs_b,
    figures: judged.length,
    worse: having('worse'),
    better: having('better'),
    same: having('same'),
    unknown: having('unknown'),
    smallest_change: Math.max(...judged.map(({ smallest_change }) => smallest_change)),
    in_blocks: inBlocks,
  };
}
