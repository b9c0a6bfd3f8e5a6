// Compares a judged run with its baseline: the result with what changed, and the comparison's page.

import { basename, join } from 'node:path';
import type { z } from 'zod';
import { compareWithBaseline } from '../../compare/against-baseline.ts';
import { findBaselineRuns } from '../../compare/baseline-runs.ts';
import { comparisonFolder, reportLink, writeComparison } from '../../compare/comparison-folder.ts';
import { hashOfBundle, type KeptRun } from '../../compare/kept-run.ts';
import type { BaselineResult } from '../../model/baseline.ts';
import { type BaselineChoice, choiceText } from '../../model/baseline-choice.ts';
import { type BaselineFindingKind, isOfOtherRuns } from '../../model/finding-kinds.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import { type Result, type ResultFinding, resultSchema } from '../../model/result.ts';
import type { Judging } from '../../model/run.ts';
import type { Presentation } from '../../report/presentation.ts';
import { baselineTitle, changeList, leftOutText } from '../../report/view/baseline.ts';
import { EXIT } from '../../system/exit-codes.ts';
import type { RunFlags } from '../plan/flags.ts';

/** A judged run with its folder and numbers. */
export interface JudgedRun {
  readonly folder: string;
  readonly result: Result;
  readonly metrics: RunMetrics;
}

/** What to compare with, and what a regression means. */
export interface BaselineRules {
  readonly baseline: BaselineChoice | undefined;
  readonly failOn: RunFlags['failOn'];
  readonly judging: Judging;
  readonly presentation: Presentation;
  readonly out: string;
}

/**
 * The result with `baseline` and a finding on changes; unchanged without a baseline. Writes the comparison's folder. With --fail-on
 * regression, a regression fails a run that passed.
 */
export async function withBaseline(judged: JudgedRun, rules: BaselineRules): Promise<Result> {
  const { baseline: choice, failOn, judging, presentation, out } = rules;
  const { result } = judged;
  if (choice === undefined) return result;
  const run = await keptRun(judged);
  const found = await findBaselineRuns(run, choice);
  if (found === undefined) return { ...result, findings: [...result.findings, noBaseline(choice, result)] };
  const asked = { choice, size: judging.change, fails: failOn === 'regression' };
  const { base, comparison, result: baseline } = await compareWithBaseline(run, found, asked);
  const page = comparisonFolder(out, base, run);
  const hrefs = { a: reportLink(page, base), b: reportLink(page, run) };
  const { renderComparison } = await import('../../compare/render.ts');
  await writeComparison(page, renderComparison(comparison, base, run, hrefs, presentation), presentation);
  return withVerdict(result, baseline, page);
}

/** The run in the form of a kept one, for comparisons. */
export async function keptRun({ folder, result, metrics }: JudgedRun): Promise<KeptRun> {
  return { path: folder, folder: basename(folder), result, metrics, scriptHash: await hashOfBundle(folder) };
}

/** The result with that of its comparison: a finding, and another status if a regression fails the run. */
export function withVerdict(result: Result, baseline: BaselineResult, page: string): Result {
  return failing({ ...result, findings: [...findingsOf(baseline, page), ...result.findings] }, baseline);
}

function failing(result: Result, baseline: BaselineResult): Result {
  const compared = { ...result, baseline };
  const isRegression = baseline.fails && baseline.verdict === 'slower';
  if (!isRegression || !['pass', 'unjudged', 'inconclusive'].includes(result.status)) return compared;
  const failed = { status: 'fail', status_reason: baselineTitle(baseline), status_cause: 'regression' } as const;
  return { ...compared, ...failed, exit_code: EXIT.regression };
}

/** The parts of result.json that depend on other runs. */
export const ofOtherRunsSchema = resultSchema.pick({ baseline: true, capacity: true, conport: true, findings: true });

/** The parts of a result that depend on other runs. */
export type OfOtherRuns = z.infer<typeof ofOtherRunsSchema>;

/**
 * A run that is judged again from its archive keeps what depends on other runs: the comparison with its baseline, its capacity search,
 * and its records.
 */
export function withOtherRuns(result: Result, before: OfOtherRuns | undefined): Result {
  if (before === undefined) return result;
  const { baseline, capacity, conport } = before;
  const kept = before.findings.filter(isOfOtherRuns);
  const whole = {
    ...result,
    ...(capacity === undefined ? {} : { capacity }),
    conport: conport ?? result.conport,
    findings: [...kept, ...result.findings],
  };
  return baseline === undefined ? whole : failing(whole, baseline);
}

function noBaseline(choice: BaselineChoice, { scenario, profile }: Result): ResultFinding {
  const of = choice.kind === 'latest' ? '' : ` of ${choiceText(choice)}`;
  return {
    kind: 'no_baseline',
    severity: 'low',
    title: `No baseline yet: no earlier run of ${scenario}, profile ${profile}${of}`,
    detail: 'The next run with --baseline is compared with this one. A verdict needs at least six runs.',
    kpis: [],
  };
}

function findingsOf(
  baseline: BaselineResult,
  page: string,
): Array<ResultFinding & { readonly kind: BaselineFindingKind }> {
  const about = { title: baselineTitle(baseline), kpis: [] };
  const next = [leftOutText(baseline), `See ${join(page, 'report.html')}.`].filter((text) => text !== '').join(' ');
  switch (baseline.verdict) {
    case 'slower':
      return [{ kind: 'regression', severity: 'high', ...about, detail: `${changeList(baseline.worse)} ${next}` }];
    case 'faster':
      return [{ kind: 'improvement', severity: 'low', ...about, detail: `${changeList(baseline.better)} ${next}` }];
    case 'not_comparable':
      return [{ kind: 'not_comparable', severity: 'low', ...about, detail: next }];
    case 'undecided': {
      const { worse, better, runs_needed: needed } = baseline;
      if (needed === 0 || worse.length + better.length === 0) return [];
      const severity = worse.length > 0 ? 'medium' : 'low';
      const detail = `One run of each build cannot distinguish a regression from run-to-run variation. ${changeList([...worse, ...better])} ${next}`;
      return [{ kind: 'differs_in_two_runs', severity, ...about, detail }];
    }
    case 'same':
      return [];
  }
}
