import { expect } from 'chai';
import stringWidth from 'string-width';
import { runSummary } from '../../runner/run/results/summary.ts';
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
