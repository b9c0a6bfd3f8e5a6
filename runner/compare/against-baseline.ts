// A run that just ended and the runs of its baseline → the changes, as data for the result, and the comparison itself.

import { byHeadline } from '../analysis/differences/headline.ts';
import type { BaselineFigure, BaselineResult } from '../model/baseline.ts';
import { type BaselineChoice, choiceText } from '../model/baseline-choice.ts';
import type { ComparedMetric, Comparison } from '../model/comparison.ts';
import type { PracticalSize } from '../model/run.ts';
import type { BaselineRuns } from './baseline-runs.ts';
import { type CompareRules, compareRuns } from './compare.ts';
import type { History } from './history.ts';
import { type KeptRun, readComparableRun } from './kept-run.ts';
import { BUILD_WORDS } from './words.ts';

/** The least number of runs, of both builds together, that show the variation between runs. */
const LEAST_RUNS = 6;
/** The same for pairs of runs, one of each build. */
const LEAST_PAIRS = 3;

function figureOf(metric: ComparedMetric): BaselineFigure {
  const { change, ci_low, ci_high } = metric.over_runs ?? metric;
  const { endpoint, statistic, unit, superiority } = metric;
  const verdict = metric.over_runs === null ? 'undecided' : BUILD_WORDS[metric.over_runs.verdict];
  return {
    ...{ endpoint, statistic, unit, a: metric.a.value, b: metric.b.value, change, ci_low, ci_high, superiority },
    ...{ verdict, in_two_runs: BUILD_WORDS[metric.verdict] },
  };
}

/** Figures with this verdict, over several runs if there are enough, otherwise in the two runs; in the order of byHeadline(). */
function changesOf({ metrics }: Comparison, verdict: 'worse' | 'better'): BaselineResult['worse'] {
  return metrics
    .filter((metric) => (metric.over_runs ?? metric).verdict === verdict)
    .map((metric) => {
      const { verdict: _, in_two_runs: __, ...change } = figureOf(metric);
      return change;
    })
    .sort(byHeadline);
}

function verdictOf({ alike, history, metrics }: Comparison): BaselineResult['verdict'] {
  if (!alike) return 'not_comparable';
  if (history !== null) {
    if (history.worse > 0) return 'slower';
    if (history.better > 0) return 'faster';
    return history.unknown > 0 ? 'undecided' : 'same';
  }
  return metrics.length === 0 ? 'not_comparable' : 'undecided';
}

/** The choice of baseline and the rules for a change. */
export interface BaselineFacts {
  readonly choice: string;
  readonly size: PracticalSize;
  readonly fails: boolean;
  readonly leftOut: BaselineResult['left_out'];
}

/** The result of a comparison with a baseline and further runs. */
export function baselineResult(
  comparison: Comparison,
  { a, b, inPairs }: History,
  base: Pick<KeptRun, 'folder' | 'result'>,
  facts: BaselineFacts,
): BaselineResult {
  const { alike, history, notes } = comparison;
  const missing = inPairs === true ? LEAST_PAIRS - a.length : LEAST_RUNS - a.length - b.length;
  return {
    choice: facts.choice,
    design: inPairs === true ? 'pairs' : 'runs',
    run: base.folder,
    build_version: base.result.build_version,
    verdict: verdictOf(comparison),
    runs_a: a.length,
    runs_b: b.length,
    runs_needed: history === null && alike ? Math.max(1, missing) : 0,
    smallest_change: history?.smallest_change ?? null,
    least_change: facts.size,
    fails: facts.fails,
    mismatches: notes.filter(({ level }) => level === 'differs').map(({ topic, text }) => ({ topic, text })),
    left_out: facts.leftOut,
    figures: alike ? comparison.metrics.map(figureOf) : [],
    worse: changesOf(comparison, 'worse'),
    better: changesOf(comparison, 'better'),
  };
}

export interface BaselineComparison {
  readonly base: KeptRun;
  readonly comparison: Comparison;
  readonly result: BaselineResult;
}

/** Compares a run with the runs of its baseline. Throws a UserError if the folder of the baseline has no run. */
export async function compareWithBaseline(
  run: KeptRun,
  { path, history, leftOut }: BaselineRuns,
  rules: { readonly choice: BaselineChoice; readonly fails: boolean } & CompareRules & { readonly size: PracticalSize },
): Promise<BaselineComparison> {
  const base = await readComparableRun(path);
  const known = history.a.length === 0 ? { ...history, a: [base.result] } : history;
  const comparison = compareRuns(base, run, known, rules);
  const facts = { choice: choiceText(rules.choice), size: rules.size, fails: rules.fails, leftOut };
  return { base, comparison, result: baselineResult(comparison, known, base, facts) };
}
