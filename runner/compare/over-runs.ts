// The figures of two runs, and further runs of the same builds → what may be said of the builds, not only of these two runs.

import { runsDifference } from '../analysis/runs-difference.ts';
import type { ComparedMetric } from '../model/comparison.ts';
import type { Result } from '../model/result.ts';
import type { History } from './history.ts';

const WORDS = { worse: 'slower', better: 'faster', same: 'about the same', unknown: 'cannot tell' } as const;

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

/** Latency with `over_runs`: null where there are too few runs to know how far runs of one build lie apart. */
export function withHistory(metric: ComparedMetric, { a, b }: History): ComparedMetric {
  if (metric.kind !== 'latency') return metric;
  const values = (runs: readonly Result[]) => runs.flatMap((run) => valueIn(run, metric) ?? []);
  const [from, to] = [values(a), values(b)];
  const difference = runsDifference(from, to);
  if (difference === undefined) return metric;
  return {
    ...metric,
    over_runs: {
      runs_a: from.length,
      runs_b: to.length,
      change: difference.change ?? null,
      ci_low: difference.interval?.low ?? null,
      ci_high: difference.interval?.high ?? null,
      smallest_change: difference.smallestChange,
      verdict: difference.verdict,
      word: WORDS[difference.verdict],
    },
  };
}

/** `Over 12 runs of a's build and 1 of b's: 2 of 12 times are slower …`; undefined where no figure has a history. */
export function historySentence(metrics: readonly ComparedMetric[], { inBlocks }: History): string | undefined {
  const judged = metrics.flatMap(({ over_runs }) => over_runs ?? []);
  const [first] = judged;
  if (first === undefined) return undefined;
  const having = (verdict: keyof typeof WORDS) => judged.filter((each) => each.verdict === verdict).length;
  const parts = (['worse', 'better', 'same', 'unknown'] as const)
    .filter((verdict) => having(verdict) > 0)
    .map((verdict) => `${having(verdict)} ${verdict === 'unknown' ? 'cannot be told' : WORDS[verdict]}`);
  const least = Math.max(...judged.map(({ smallest_change }) => smallest_change));
  const order = inBlocks
    ? ' The runs of a all lie on one side of b in time: a change of the machine between them would look the same.'
    : '';
  return `Over ${first.runs_a} runs of a and ${first.runs_b} of b under the same load, of ${judged.length} times: ${parts.join(', ')}. With the spread of these runs, changes of ${Math.ceil(least * 100)} % and more are found 95 times of 100.${order}`;
}
