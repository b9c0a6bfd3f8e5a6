// A run that loaded two builds in turns, iteration by iteration → the differences between the builds, as `baseline` of its result.

import { byHeadline } from '../analysis/differences/headline.ts';
import { leastChangeOf } from '../analysis/differences/practical-size.ts';
import {
  estimateDifferences,
  estimateShares,
  FALSE_ALARMS,
  judgeAmong,
  type RunsRule,
  smallestChange,
} from '../analysis/differences/runs-difference.ts';
import { estimateSideBySide, type SideBySideEstimate } from '../analysis/differences/side-by-side.ts';
import { primaryLatency } from '../analysis/requests/primary.ts';
import type { BaselineChange, BaselineFigure, BaselineResult } from '../model/baseline.ts';
import { choiceText } from '../model/baseline-choice.ts';
import type { ComparedMetric } from '../model/comparison.ts';
import type { Interval, RunMetrics, TagFilter } from '../model/metrics.ts';
import type { Result } from '../model/result.ts';
import type { PracticalSize } from '../model/run.ts';
import { SIDE_TAG } from '../model/sides.ts';
import { chartInput } from '../report/charts/all.ts';
import { endpointSource } from '../report/view/endpoints.ts';
import { familyTails } from './family.ts';
import { BUILD_WORDS } from './words.ts';

const STATISTICS = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;

const FAILED = 'http_req_failed';
const MOST_ENDPOINTS = 50;

interface Figure {
  readonly kind: ComparedMetric['kind'];
  readonly endpoint: string | null;
  readonly statistic: string;
  readonly unit: BaselineChange['unit'];
  readonly a: number | null;
  readonly b: number | null;
  readonly estimate: SideBySideEstimate | undefined;
}

interface Subject {
  readonly endpoint: string | null;
  readonly metric: string;
  readonly filter: TagFilter;
}

function sidesOf(filter: TagFilter): readonly [TagFilter, TagFilter] {
  return [
    { ...filter, [SIDE_TAG]: 'a' },
    { ...filter, [SIDE_TAG]: 'b' },
  ];
}

function timesOf({ endpoint, metric, filter }: Subject, metrics: RunMetrics): Figure[] {
  const [ofA, ofB] = sidesOf(filter);
  const [a, b] = [metrics.total(metric, ofA), metrics.total(metric, ofB)];
  if (a === undefined || b === undefined) return [];
  const lines = [metrics.timeline(metric, ofA), metrics.timeline(metric, ofB)] as const;
  return STATISTICS.map(([statistic, q]) => ({
    ...{ kind: 'latency', endpoint, statistic, unit: 'ms' },
    a: a.quantile(q) ?? null,
    b: b.quantile(q) ?? null,
    estimate: estimateSideBySide(...lines, q),
  }));
}

const SHARE_PERIODS = 10;

/** The difference of error rates over ten periods. Its standard error is at least that of independent errors. */
function shareEstimate(a: readonly Interval[], b: readonly Interval[]): SideBySideEstimate | undefined {
  const cells = Math.min(a.length, b.length);
  const part = (side: readonly Interval[], index: number) => {
    const [from, to] = [index, index + 1].map((each) => Math.floor((each * cells) / SHARE_PERIODS));
    const cut = side.slice(from, to).flatMap(({ aggregate }) => aggregate ?? []);
    const count = cut.reduce((sum, { count }) => sum + count, 0);
    return { count, events: cut.reduce((sum, each) => sum + each.sum, 0) };
  };
  const parts = Array.from({ length: SHARE_PERIODS }, (_, index) => [part(a, index), part(b, index)] as const);
  if (cells < SHARE_PERIODS || parts.some(([x, y]) => x.count === 0 || y.count === 0)) return undefined;
  const found = estimateDifferences(parts.map(([x, y]) => y.events / y.count - x.events / x.count));
  const total = (side: 0 | 1, of: 'count' | 'events') => parts.reduce((sum, pair) => sum + pair[side][of], 0);
  const samples = [total(0, 'count'), total(1, 'count')] as const;
  const shares = parts.map(([x, y]) => [x.events / x.count, y.events / y.count] as const);
  const pooled = estimateShares(
    shares.map(([share]) => share),
    shares.map(([, share]) => share),
    (samples[0] + samples[1]) / 2 / SHARE_PERIODS,
  );
  // The larger standard error of the two: errors in bursts, or independent errors.
  return pooled === undefined || found.se > pooled.se
    ? { ...found, periods: SHARE_PERIODS, periodMs: 0, samples }
    : { ...pooled, periods: SHARE_PERIODS, periodMs: 0, samples };
}

function errorsOf(endpoint: string | null, filter: TagFilter, metrics: RunMetrics): Figure[] {
  const [ofA, ofB] = sidesOf(filter);
  const [a, b] = [metrics.total(FAILED, ofA), metrics.total(FAILED, ofB)];
  if (a?.mean === undefined || b?.mean === undefined) return [];
  const estimate = shareEstimate(metrics.timeline(FAILED, ofA), metrics.timeline(FAILED, ofB));
  return [{ kind: 'errors', endpoint, statistic: 'share', unit: 'share', a: a.mean, b: b.mean, estimate }];
}

function figuresOf(result: Result, metrics: RunMetrics): Figure[] {
  const primary = primaryLatency(metrics);
  const whole = primary === undefined ? [] : timesOf({ endpoint: null, ...primary }, metrics);
  const endpoints = result.endpoints.slice(0, MOST_ENDPOINTS).flatMap((each) => {
    const { metric, filter } = endpointSource(each, chartInput(result, metrics));
    const { expected_response: _, ...all } = filter;
    const times = timesOf({ endpoint: each.name, metric, filter }, metrics);
    return each.protocol === 'http' ? [...times, ...errorsOf(each.name, all, metrics)] : times;
  });
  return [...whole, ...errorsOf(null, {}, metrics), ...endpoints];
}

export interface SideBySideFacts {
  /** The address of build a as the user wrote it. */
  readonly against: string;
  readonly buildOfA: string;
  readonly size: PracticalSize;
  readonly fails: boolean;
}

/** The differences of build b from build a. Figures with too few samples for one build are undecided. */
export function compareSides(result: Result, metrics: RunMetrics, facts: SideBySideFacts): BaselineResult {
  const figures = figuresOf(result, metrics);
  const decidable = figures.flatMap((figure) =>
    figure.estimate === undefined ? [] : [{ ...figure, estimate: figure.estimate }],
  );
  const levels = familyTails(decidable, FALSE_ALARMS);
  const judged = decidable.map(({ estimate, ...figure }, index) => {
    const rule: RunsRule = {
      ...(levels[index] && { tails: levels[index].tails }),
      leastChange: leastChangeOf(facts.size, figure.unit, figure.a),
      scale: figure.unit === 'share' ? 'points' : 'log',
    };
    const { change, interval, verdict } = judgeAmong(estimate, rule);
    const word = figure.unit === 'share' && estimate.d === 0 ? 'same' : BUILD_WORDS[verdict];
    const { kind: _, ...shown } = figure;
    const found: BaselineFigure = {
      ...shown,
      ...{ change: change ?? null, ci_low: interval?.low ?? null, ci_high: interval?.high ?? null, superiority: null },
      ...{ verdict: word, in_two_runs: word },
    };
    return { found, smallest: smallestChange(estimate, rule), periods: estimate.periods };
  });
  const open = figures
    .filter(({ estimate }) => estimate === undefined)
    .map(({ kind: _k, estimate: _e, ...shown }): BaselineFigure => {
      const unknown = { change: null, ci_low: null, ci_high: null, superiority: null };
      return { ...shown, ...unknown, verdict: 'undecided', in_two_runs: 'undecided' };
    });
  const having = (word: BaselineFigure['verdict']) =>
    judged
      .filter(({ found }) => found.verdict === word)
      .map(({ found: { verdict: _, in_two_runs: __, ...change } }) => change)
      .sort(byHeadline);
  const [worse, better] = [having('slower'), having('faster')];
  const isSame = judged.length > 0 && open.length === 0 && judged.every(({ found }) => found.verdict === 'same');
  const p95s = judged.filter(({ found }) => found.statistic === 'p95');
  const p95 = p95s.find(({ found }) => found.endpoint === null);
  return {
    choice: choiceText({ kind: 'side-by-side', system: facts.against }),
    design: 'side_by_side',
    run: result.run,
    build_version: facts.buildOfA,
    verdict: worse.length > 0 ? 'slower' : better.length > 0 ? 'faster' : isSame ? 'same' : 'undecided',
    runs_a: p95?.periods ?? 0,
    runs_b: p95?.periods ?? 0,
    runs_needed: p95 === undefined ? 1 : 0,
    smallest_change: p95s.length === 0 ? null : Math.max(...p95s.map(({ smallest }) => smallest)),
    least_change: facts.size,
    fails: facts.fails,
    mismatches: [],
    left_out: [],
    figures: [...judged.map(({ found }) => found), ...open],
    worse,
    better,
  };
}
