import { expect } from 'chai';
import stringWidth from 'string-width';
import { baselineSchema } from '../../runner/model/baseline.ts';
import type { Result, ResultFinding } from '../../runner/model/result.ts';
import { baselineTitle } from '../../runner/report/view/baseline.ts';
import { runSummary } from '../../runner/run/results/terminal-summary.ts';
import type { Terminal } from '../../runner/system/terminal.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

function terminalOf(columns: number): Terminal {
  const nothing = () => undefined;
  return {
    interactive: true,
    columns,
    rows: 40,
    line: nothing,
    warn: nothing,
    live: nothing,
    endLive: nothing,
    json: nothing,
    command: nothing,
    style: (_, text) => text,
  };
}

describe('a regression in the summary of a run', () => {
  const baseline = baselineSchema.parse({
    ...{ run: 'browse_1', build_version: '1', verdict: 'slower', runs_a: 9, runs_b: 9, runs_needed: 0 },
    ...{ smallest_change: 0.1, mismatches: [], worse: [], better: [] },
  });
  const title = baselineTitle(baseline);
  const finding: ResultFinding = { kind: 'regression', severity: 'high', title, detail: '', kpis: [] };
  const compared: Result = {
    ...resultOf(shopSamples({ seconds: 5, requestsPerSecond: 5 })),
    baseline,
    status_reason: 'ended',
  };
  const rows: ReadonlyArray<readonly [what: string, result: Result]> = [
    ['the reason', { ...compared, status_cause: 'regression', status_reason: title, findings: [finding] }],
    [
      'the reason of a result without status_cause',
      { ...compared, exit_code: 96, status_reason: title, findings: [finding] },
    ],
    ['a finding', { ...compared, findings: [finding] }],
    ['a line of its own', { ...compared, findings: [] }],
  ];
  for (const [what, result] of rows) {
    it(`is there once, as ${what}`, () => {
      expect(runSummary(result, null, terminalOf(120)).split(title)).to.have.length(2);
    });
  }
});

describe('the summary of a run', () => {
  const result = resultOf(shopSamples({ seconds: 20, requestsPerSecond: 5 }));
  // The longest possible verdicts.
  const kpis = result.kpis.map((kpi) => ({ ...kpi, reason: 'not_proven' as const }));

  for (const columns of [60, 80, 134]) {
    it(`fits a window of ${columns} columns with any verdicts`, () => {
      const text = runSummary({ ...result, kpis }, null, terminalOf(columns));
      for (const line of text.split('\n')) expect(stringWidth(line), line).to.be.at.most(columns);
      expect(text).to.include('limit');
      // The end of a long name distinguishes it.
      expect(text).not.to.include('…');
      const names = text.split('\n').flatMap((line) => /^│ (.*?) *│/.exec(line)?.[1] ?? []);
      for (const { metric } of kpis) expect(names.join('')).to.include(metric);
    });
  }
});
