// A judged run and --baseline → the result with what changed since, and the comparison's page.

import { basename, join } from 'node:path';
import { compareWithBaseline, findBaseline } from '../compare/against-baseline.ts';
import { comparisonFolder, reportLink, writeComparison } from '../compare/comparison-folder.ts';
import { hashOfBundle } from '../compare/kept-run.ts';
import { renderComparison } from '../compare/render.ts';
import { baselineTitle, changeList } from '../compare/words.ts';
import type { BaselineResult } from '../model/baseline.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { Result, ResultFinding } from '../model/result.ts';
import type { Presentation } from '../report/presentation.ts';
import { findRun } from '../runs/find-run.ts';
import { EXIT } from '../system/exit-codes.ts';
import type { RunFlags } from './flags.ts';

type Baseline = RunFlags['baseline'];

/** Checks before any load that a baseline that is named exists. Throws a UserError where it does not. */
export async function checkBaseline(baseline: Baseline, out: string): Promise<Baseline> {
  if (baseline?.kind !== 'run') return baseline;
  return { kind: 'run', run: await findRun(baseline.run, out) };
}

export interface JudgedRun {
  readonly folder: string;
  readonly result: Result;
  readonly metrics: RunMetrics;
}

export interface BaselineRules {
  readonly baseline: Baseline;
  readonly failOn: RunFlags['failOn'];
  readonly presentation: Presentation;
  readonly out: string;
}

/**
 * The result with `baseline` and, where it changed, a finding; unchanged where no baseline was asked for or there is none yet. Writes
 * the comparison's folder. A regression that --fail-on names makes a run that passed a failed one.
 */
export async function withBaseline({ folder, result, metrics }: JudgedRun, rules: BaselineRules): Promise<Result> {
  const { baseline: choice, failOn, presentation, out } = rules;
  if (choice === undefined) return result;
  const run = { path: folder, folder: basename(folder), result, metrics, scriptHash: await hashOfBundle(folder) };
  const found = await findBaseline(run, choice);
  if (found === undefined) return { ...result, findings: [...result.findings, noBaseline(choice, result)] };
  const { base, comparison, result: baseline } = await compareWithBaseline(run, found);
  const page = comparisonFolder(out, base, run);
  const hrefs = { a: reportLink(page, base), b: reportLink(page, run) };
  await writeComparison(page, renderComparison(comparison, base, run, hrefs, presentation), presentation);
  const compared = { ...result, baseline, findings: [...findingsOf(baseline, page), ...result.findings] };
  const isRegression = failOn === 'regression' && baseline.verdict === 'slower';
  if (!isRegression || (result.status !== 'pass' && result.status !== 'inconclusive')) return compared;
  return { ...compared, status: 'fail', status_reason: baselineTitle(baseline), exit_code: EXIT.regression };
}

function noBaseline(choice: NonNullable<Baseline>, { scenario, profile }: Result): ResultFinding {
  const build = choice.kind === 'build' ? ` of build ${choice.build}` : '';
  return {
    kind: 'no_baseline',
    severity: 'low',
    title: `No baseline yet: no earlier run of ${scenario}, profile ${profile}${build}`,
    detail: 'The next run with --baseline has this one to compare with.',
    kpis: [],
  };
}

function findingsOf(baseline: BaselineResult, page: string): ResultFinding[] {
  const about = { title: baselineTitle(baseline), kpis: [] };
  const next = `See ${join(page, 'report.html')}.`;
  switch (baseline.verdict) {
    case 'slower':
      return [{ kind: 'regression', severity: 'high', ...about, detail: `${changeList(baseline.worse)} ${next}` }];
    case 'faster':
      return [{ kind: 'improvement', severity: 'low', ...about, detail: `${changeList(baseline.better)} ${next}` }];
    case 'not_comparable':
      return [{ kind: 'not_comparable', severity: 'low', ...about, detail: next }];
    case 'same':
    case 'undecided':
      return [];
  }
}
