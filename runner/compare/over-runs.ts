// The figures of two runs and further runs of the same builds → what may be said of the builds, all figures together.

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

/** The figure in another run; undefined where that run has none, or two endpoints share the name. */
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
  /** The figure's values, a run each; none where a run lacks it. */
  readonly runs?: FigureRuns;
  /** What it did against the other endpoints of its runs. */
  readonly against?: { readonly estimate: RunsEstimate; readonly isUsed: boolean; readonly isMixed: boolean };
}

/** Runs in a row share whatever the machine did then: their mean is no surer than a single run. */
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

/** Each statistic of the endpoints with what its figures say of one another; the rest as it is. */
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

/** Where no run of either build had an error, errors are the same, however few requests that rests on. */
function verdictFor({ kind }: ComparedMetric, verdict: Change, { d }: RunsEstimate): Change {
  if (kind === 'errors' && d === 0) return 'same';
  return kind === 'throughput' ? mirrored(verdict) : verdict;
}

/** A figure with what its runs allow to say. */
export interface JudgedFigure extends Estimated {
  readonly difference: Difference;
  readonly verdict: Change;
  /** The change that as many runs find 95 times of 100. */
  smallest(): number;
}

/** With the test against the other figures: the figure's own change must be large enough itself, without an interval. */
const AS_LARGE: Tails = { low: 0.5, high: 0.5 };
/** Where many of the others changed too: then the others alone would call figures changed that did not. */
const OWN_AMONG_CHANGES: Tails = { low: 0.005, high: 0.005 };
/** Found twice: a change that both tests must allow. */
const POWER_OF_EACH = 0.975;

/**
 * The figures for which there are enough runs to know how far runs of one build lie apart. All of them together raise a false alarm
 * in at most `alarms` of comparisons: each is tested at its Holm level, and its interval is that of the level. An endpoint's time is
 * tested a second time against those of the other endpoints, which have the same runs: then both its own change and the one against the others
 * must be as large as counts.
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
  const ownRule: RunsRule = { ...rule, tails: against.isMixed ? OWN_AMONG_CHANGES : AS_LARGE };
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

/** The figures with `over_runs`, as judgeFigures() has it, and the change that as many runs find 95 times of 100. */
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

/** What the further runs came to, for the sentence above the table; undefined where no figure has a history. */
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
