// The figures of two runs and further runs of the same builds → the verdicts on the builds, all figures tested together.

import { estimateAmongOthers, type FigureRuns } from '../analysis/differences/among-others.ts';
import type { Difference } from '../analysis/differences/difference.ts';
import { leastChangeOf } from '../analysis/differences/practical-size.ts';
import {
  estimatePairs,
  estimateRuns,
  estimateShares,
  FALSE_ALARMS,
  judgeAmong,
  judgeRuns,
  type RunsEstimate,
  type RunsRule,
  smallestChange,
  type Tails,
} from '../analysis/differences/runs-difference.ts';
import { callsByStatus } from '../analysis/result/run-figures.ts';
import { meanOf } from '../analysis/statistics/numbers.ts';
import type { Change, ComparedMetric, ComparisonHistory } from '../model/comparison.ts';
import type { Result } from '../model/result.ts';
import type { PracticalSize } from '../model/run.ts';
import { type FamilyTails, familyTails } from './family.ts';
import type { History } from './history.ts';

const FIELDS = { p50: 'med', p95: 'p95', p99: 'p99' } as const;

/** The value of a figure in another run; undefined if the run does not have it, or if two endpoints have the same name. */
function valueIn(run: Result, { kind, endpoint, statistic, metric }: ComparedMetric): number | undefined {
  const endpoints = run.endpoints.filter(({ name }) => name === endpoint);
  const [only] = endpoints.length === 1 ? endpoints : [];
  if (kind === 'errors') {
    return (endpoint === null ? run.metrics.http_req_failed?.rate : only?.error_rate) ?? undefined;
  }
  if (kind === 'throughput') return run.metrics[metric]?.rate ?? undefined;
  if (statistic !== 'p50' && statistic !== 'p95' && statistic !== 'p99') return undefined;
  const field = FIELDS[statistic];
  if (endpoint !== null) return only?.[field] ?? undefined;
  return run.latency?.metric === metric ? (run.latency[field] ?? undefined) : undefined;
}

function requestsIn(run: Result, endpoint: string | null): number {
  if (endpoint === null) return (run.metrics.http_reqs?.count ?? 0) + callsByStatus(run).count;
  return run.endpoints.find(({ name }) => name === endpoint)?.requests ?? 0;
}

interface Estimated {
  readonly metric: ComparedMetric;
  readonly runsA: number;
  readonly runsB: number;
  readonly estimate: RunsEstimate;
  readonly rule: RunsRule;
  /** The values of the figure, one per run; undefined if a run does not have it. */
  readonly runs?: FigureRuns;
  /** The estimate against the other endpoints of the same runs. */
  readonly against?: { readonly estimate: RunsEstimate; readonly isUsed: boolean; readonly isMixed: boolean };
}

/** The mean as one value: the state of the machine affects all runs of a block, so their mean is no more certain than one run. */
function asOne(values: readonly number[], isLog: boolean): readonly number[] {
  if (values.length < 2) return values;
  return [isLog ? Math.exp(meanOf(values.map(Math.log))) : meanOf(values)];
}

function estimated(metric: ComparedMetric, { a, b, inBlocks, inPairs }: History, size: PracticalSize): Estimated[] {
  const values = (runs: readonly Result[]) => runs.flatMap((run) => valueIn(run, metric) ?? []);
  const [from, ofB] = [values(a), values(b)];
  const to = inBlocks ? asOne(ofB, metric.kind !== 'errors') : ofB;
  const count = { metric, runsA: from.length, runsB: ofB.length };
  const leastChange = leastChangeOf(size, metric.unit, from.length === 0 ? null : meanOf(from));
  if (metric.kind === 'errors') {
    const requests = meanOf([...a, ...b].map((run) => requestsIn(run, metric.endpoint)));
    const estimate = estimateShares(from, to, requests);
    return estimate === undefined ? [] : [{ ...count, estimate, rule: { leastChange, scale: 'points' } }];
  }
  const pairs = inPairs === true && from.length === a.length && to.length === b.length;
  const estimate = pairs ? estimatePairs(from, to) : estimateRuns(from, to);
  if (estimate === undefined) return [];
  const isWhole = from.length === a.length && ofB.length === b.length;
  return [{ ...count, estimate, rule: { leastChange }, ...(isWhole ? { runs: { a: from, b: to } } : {}) }];
}

/** Adds the estimate against the other endpoints to the times of endpoints, per statistic. Other figures stay unchanged. */
function amongOthers(figures: readonly Estimated[], inPairs: boolean): Estimated[] {
  const found = new Map<Estimated, Estimated>();
  for (const statistic of Object.keys(FIELDS)) {
    const alike = figures.flatMap((figure) => {
      const { kind, endpoint, statistic: own } = figure.metric;
      const { runs } = figure;
      return kind === 'latency' && endpoint !== null && own === statistic && runs ? [{ figure, runs }] : [];
    });
    const among = estimateAmongOthers(
      alike.map(({ runs }) => runs),
      inPairs,
    );
    alike.forEach(({ figure }, index) => {
      const estimate = among?.estimates[index];
      if (among === undefined || estimate === undefined) return;
      const { isShared, isShift, isMixed } = among;
      const against = { estimate, isUsed: !isShift, isMixed };
      found.set(figure, isShared ? { ...figure, against } : { ...figure, estimate });
    });
  }
  return figures.map((figure) => found.get(figure) ?? figure);
}

function mirrored(verdict: Change): Change {
  if (verdict === 'worse') return 'better';
  return verdict === 'better' ? 'worse' : verdict;
}

/** The verdict for a kind of figure. Without an error in any run, error rates are the same, even for few requests. */
function verdictFor({ kind }: ComparedMetric, verdict: Change, { d }: RunsEstimate): Change {
  if (kind === 'errors' && d === 0) return 'same';
  return kind === 'throughput' ? mirrored(verdict) : verdict;
}

/** A figure with its verdict over all runs. */
export interface JudgedFigure extends Estimated {
  readonly difference: Difference;
  readonly verdict: Change;
  /** The smallest change that this number of runs detects with 95 % power. */
  smallest(): number;
}

/** Levels of the figure's own test if the test against the others has found a change: only the size of its own change counts. */
const SIZE_ONLY: Tails = { low: 0.5, high: 0.5 };
/** The same if many others changed too, because unchanged figures then differ from the others. */
const OWN_AMONG_CHANGES: Tails = { low: 0.005, high: 0.005 };
/** Power of each of two tests that must both find a change, for about 95 % together. */
const POWER_OF_EACH = 0.975;

/**
 * The verdicts on the figures with enough runs to know the variation between runs. All of them together raise a false alarm in at most
 * the share `alarms` of comparisons: each figure is tested at its Holm level, and its interval has the same level. The time of an endpoint
 * is also tested against the other endpoints of the same runs: then its own change and its change against the others must both be
 * at least `size`.
 */
export function judgeFigures(
  metrics: readonly ComparedMetric[],
  history: History,
  size: PracticalSize,
  alarms = FALSE_ALARMS,
): JudgedFigure[] {
  const all = metrics.flatMap((metric) => estimated(metric, history, size));
  const figures = amongOthers(all, history.inPairs === true);
  const levels = familyTails(
    figures.map((figure) => ({ ...figure.metric, ...figure })),
    alarms,
  );
  return figures.map((figure, index) => judged(figure, levels[index]));
}

function judged(figure: Estimated, levels: FamilyTails | undefined): JudgedFigure {
  const { metric, estimate, against } = figure;
  const rule: RunsRule = { ...figure.rule, ...(levels && { tails: levels.tails }) };
  const own = judgeAmong(estimate, rule);
  const verdict = verdictFor(metric, own.verdict, estimate);
  const alone = { ...figure, rule, difference: own, verdict };
  if (against?.isUsed !== true) return { ...alone, smallest: () => smallestChange(estimate, rule) };
  const second: RunsRule = { ...figure.rule, ...(levels && { tails: levels.against }) };
  const difference = judgeRuns(against.estimate, second);
  const ownRule: RunsRule = { ...rule, tails: against.isMixed ? OWN_AMONG_CHANGES : SIZE_ONLY };
  const plain = judgeRuns(estimate, ownRule);
  const isFound = isDifferent(difference.verdict) && plain.verdict === difference.verdict;
  const smallest = () =>
    Math.min(
      smallestChange(estimate, rule),
      Math.max(
        smallestChange(against.estimate, second, POWER_OF_EACH),
        smallestChange(estimate, ownRule, POWER_OF_EACH),
      ),
    );
  return isFound && !isDifferent(verdict)
    ? { ...alone, rule: second, difference, verdict: difference.verdict, smallest }
    : { ...alone, smallest };
}

function isDifferent(verdict: Change): boolean {
  return verdict === 'worse' || verdict === 'better';
}

/** The figures with `over_runs`: the verdict of judgeFigures() and the smallest change that the runs detect with 95 % power. */
export function withHistory(
  metrics: readonly ComparedMetric[],
  history: History,
  size: PracticalSize,
  alarms = FALSE_ALARMS,
): ComparedMetric[] {
  const found = new Map(
    judgeFigures(metrics, history, size, alarms).map(({ metric, runsA, runsB, difference, verdict, smallest }) => {
      const over = {
        runs_a: runsA,
        runs_b: runsB,
        change: difference.change ?? null,
        ci_low: difference.interval?.low ?? null,
        ci_high: difference.interval?.high ?? null,
        smallest_change: smallest(),
        verdict,
      };
      return [metric, over] as const;
    }),
  );
  return metrics.map((metric) => ({ ...metric, over_runs: found.get(metric) ?? null }));
}

/** The number of figures per verdict over all runs, for the sentence above the table; undefined if no figure has enough runs. */
export function historyOf(metrics: readonly ComparedMetric[], { inBlocks }: History): ComparisonHistory | undefined {
  const judged = metrics.flatMap(({ over_runs, kind, statistic }) =>
    over_runs === null ? [] : [{ ...over_runs, kind, statistic }],
  );
  const [first] = judged;
  if (first === undefined) return undefined;
  const having = (verdict: Change) => judged.filter((each) => each.verdict === verdict).length;
  const p95s = judged.filter(({ kind, statistic }) => kind === 'latency' && statistic === 'p95');
  return {
    runs_a: first.runs_a,
    runs_b: first.runs_b,
    figures: judged.length,
    worse: having('worse'),
    better: having('better'),
    same: having('same'),
    unknown: having('unknown'),
    smallest_change: Math.max(0, ...p95s.map(({ smallest_change }) => smallest_change)),
    in_blocks: inBlocks,
  };
}
