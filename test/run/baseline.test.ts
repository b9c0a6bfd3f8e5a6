import { expect } from 'chai';
import type { BaselineResult } from '../../runner/model/baseline.ts';
import type { ResultFinding } from '../../runner/model/result.ts';
import { summaryOf } from '../../runner/records/cycle/open-issues.ts';
import { renderComment } from '../../runner/report/comment.ts';
import { baselineTitle } from '../../runner/report/view/baseline.ts';
import { withOtherRuns } from '../../runner/run/results/baseline.ts';
import { EXIT } from '../../runner/system/exit-codes.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const finding = (kind: string): ResultFinding => ({ kind, severity: 'high', title: kind, detail: '', kpis: [] });
const analysed = {
  ...resultOf(shopSamples({ seconds: 5, requestsPerSecond: 10 })),
  status: 'pass' as const,
  exit_code: 0,
};

const slower = (fails: boolean): BaselineResult => ({
  ...{ choice: 'latest', design: 'runs', run: 'a', build_version: '1.0', verdict: 'slower', runs_a: 5, runs_b: 1 },
  ...{ runs_needed: 0, smallest_change: 0.1, least_change: { percent: 5, ms: 5 }, fails, mismatches: [], left_out: [] },
  ...{ figures: [], worse: [], better: [] },
});

describe('a run that is judged again from its archive', () => {
  for (const [what, fails, code] of [
    ['a regression still fails it', true, EXIT.regression],
    ['a regression that does not fail it stays in it', false, 0],
  ] as const) {
    it(`keeps the result of its comparison: ${what}`, () => {
      const before = {
        ...analysed,
        baseline: slower(fails),
        findings: [finding('regression'), finding('slow_endpoint')],
      };
      const again = withOtherRuns({ ...analysed, findings: [finding('kpi_missed')] }, before);
      expect(again.exit_code).to.equal(code);
      expect(again.baseline).to.deep.equal(before.baseline);
      expect(again.findings.map(({ kind }) => kind)).to.deep.equal(['regression', 'kpi_missed']);
    });
  }

  it('does not change if it was never judged before', () => {
    expect(withOtherRuns(analysed, undefined)).to.equal(analysed);
  });
});

describe('the summary of a cycle with a regression', () => {
  const change = { endpoint: 'GET /search', statistic: 'p95', unit: 'ms', superiority: null } as const;
  const worse = [{ ...change, a: 100, b: 121, change: 0.21, ci_low: 0.12, ci_high: 0.31 }];
  const run = { ...withOtherRuns(analysed, { ...analysed, baseline: { ...slower(true), worse } }) };
  for (const [results, summary] of [
    [[run], /^the scenario did not pass, slower than the runs before: GET \/search p95 \+21 % \(\+12 % to \+31 %\), /],
    [[run, analysed], /^1 of 2 runs passed, 1 slower than its baseline, /],
    [[run, run], /^0 of 2 runs passed, 2 slower than their baseline, /],
    [[run, { ...run, scenario: 'other' }], /^0 of 2 scenarios passed, 2 slower than their baseline, /],
    [[analysed], /^the scenario passed, (?!slower)/],
  ] as const) {
    it(`names it: ${results.length} run(s), ${summary.source.slice(1, 40)}`, () => {
      expect(summaryOf({ results, failures: [], interrupted: false })).to.match(summary);
    });
  }
});

describe('a regression in comment.md', () => {
  for (const [what, fails] of [
    ['fails the run', true],
    ['fails nothing', false],
  ] as const) {
    it(`is there once if it ${what}`, () => {
      const baseline = slower(fails);
      const about = { ...finding('regression'), title: baselineTitle(baseline) };
      const run = withOtherRuns(analysed, { ...analysed, baseline, findings: [about] });
      const comment = renderComment([run], { of: 'run', failures: [] });
      expect(comment.split('Slower than the runs before').length - 1).to.equal(1);
    });
  }
});
