// A run that just ended and a choice of baseline → what changed since, as data for the result, and the comparison itself.

import { dirname, join } from 'node:path';
import type { BaselineChange, BaselineResult } from '../model/baseline.ts';
import type { Comparison } from '../model/comparison.ts';
import type { ListedRun } from '../report/listed-run.ts';
import { listRuns } from '../runs/run-list.ts';
import { compareRuns } from './compare.ts';
import { findHistory, type History } from './history.ts';
import { type KeptRun, readKeptRun } from './kept-run.ts';

/** The latest accepted run, the latest of a build, or a run by the path of its folder. */
export type BaselineChoice =
  | { readonly kind: 'latest' }
  | { readonly kind: 'build'; readonly build: string }
  | { readonly kind: 'run'; readonly run: string };

/** Runs that may serve as a baseline: they ended by themselves and measured soundly. */
const ACCEPTED = ['pass', 'fail', 'inconclusive'];

function isCandidate(run: ListedRun, { result }: KeptRun): boolean {
  return (
    run.folder !== result.run &&
    run.scenario === result.scenario &&
    run.profile === result.profile &&
    run.environment === result.environment &&
    run.started_at < result.started_at &&
    ACCEPTED.includes(run.status)
  );
}

/** The path of the chosen baseline; undefined where no earlier run fits. */
export async function findBaseline(run: KeptRun, choice: BaselineChoice): Promise<string | undefined> {
  if (choice.kind === 'run') return choice.run;
  const earlier = (await listRuns(dirname(run.path))).runs
    .filter((each) => isCandidate(each, run))
    .filter(({ build }) => choice.kind === 'latest' || build === choice.build)
    .sort((a, b) => b.started_at.localeCompare(a.started_at));
  const [latest] = earlier;
  return latest && join(dirname(run.path), latest.folder);
}

/** Six runs of both builds together are the least that shows how far runs of one build lie apart. */
const LEAST_RUNS = 6;

function changesOf({ metrics }: Comparison, verdict: 'worse' | 'better'): BaselineChange[] {
  return metrics
    .filter((metric) => (metric.over_runs ?? metric).verdict === verdict)
    .map((metric) => {
      const { change, ci_low, ci_high } = metric.over_runs ?? metric;
      const { endpoint, statistic, unit } = metric;
      return { endpoint, statistic, unit, a: metric.a.value, b: metric.b.value, change, ci_low, ci_high };
    })
    .sort((x, y) => Math.abs(y.change ?? 0) - Math.abs(x.change ?? 0));
}

/** The whole run's p95 stands for how much these runs can detect. */
function p95Of({ metrics }: Comparison) {
  return metrics.find(
    ({ kind, endpoint, statistic }) => kind === 'latency' && endpoint === null && statistic === 'p95',
  );
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

/** What a comparison with a baseline and its history came to. */
export function baselineResult(comparison: Comparison, { a, b }: History, base: KeptRun): BaselineResult {
  const { history, notes } = comparison;
  return {
    run: base.folder,
    build_version: base.result.build_version,
    verdict: verdictOf(comparison),
    runs_a: a.length,
    runs_b: b.length,
    runs_needed: history === null ? Math.max(1, LEAST_RUNS - a.length - b.length) : 0,
    smallest_change: p95Of(comparison)?.over_runs?.smallest_change ?? null,
    mismatches: notes.filter(({ level }) => level === 'differs').map(({ topic, text }) => ({ topic, text })),
    worse: changesOf(comparison, 'worse'),
    better: changesOf(comparison, 'better'),
  };
}

export interface BaselineComparison {
  readonly base: KeptRun;
  readonly comparison: Comparison;
  readonly result: BaselineResult;
}

/** Compares a kept run with its baseline, given by its folder's path. Throws a UserError where that is no run. */
export async function compareWithBaseline(run: KeptRun, basePath: string): Promise<BaselineComparison> {
  const base = await readKeptRun(basePath);
  const history = await findHistory(base, run);
  const comparison = compareRuns(base, run, history);
  return { base, comparison, result: baselineResult(comparison, history, base) };
}
