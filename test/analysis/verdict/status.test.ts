import { expect } from 'chai';
import { type StatusInput, statusOf, worstStatus } from '../../../runner/analysis/verdict/status.ts';
import type { JudgedKpi, Verdict } from '../../../runner/model/kpi.ts';

function judged(verdict: Verdict, id = 'k'): JudgedKpi {
  return {
    id,
    metric: id,
    filter: {},
    statistic: 'p(95)',
    comparison: '<',
    target: 250,
    unit: 'ms',
    severity: 'high',
    source: 'target',
    verdict,
    actual: verdict === 'no_data' ? undefined : 1,
    ciLow: undefined,
    ciHigh: undefined,
    confidence: 'unknown',
    method: 'point',
    reason: verdict === 'inconclusive' ? 'too_close' : 'exact',
    decidesAfterMs: verdict === 'inconclusive' ? 400_000 : undefined,
    samples: 1,
    note: undefined,
  };
}

function status(parts: Partial<StatusInput>) {
  return statusOf({
    kpis: [judged('pass')],
    iterations: 100,
    exceptions: [],
    k6ExitCode: 0,
    stoppedBy: null,
    abortedByKpi: null,
    faults: { complete: true, lostLines: 0 },
    inconclusive: '98',
    isSmoke: false,
    ...parts,
  });
}

const thrown = (count: number, stage: 'setup' | 'iteration' = 'iteration') => [{ stage, count }];
const cut = { complete: false, lostLines: 0 };
const lost = { complete: true, lostLines: 7 };

describe('statusOf', () => {
  const rows: ReadonlyArray<
    [what: string, parts: Partial<StatusInput>, status: string, exitCode: number, reason: string]
  > = [
    ['a target met', {}, 'pass', 0, 'the target was met'],
    ['targets met', { kpis: [judged('pass'), judged('pass')] }, 'pass', 0, 'both targets were met'],
    ['no targets', { kpis: [] }, 'unjudged', 0, 'the run had no targets, so nothing was judged'],
    [
      'a target missed',
      { kpis: [judged('pass'), judged('fail', 'x')] },
      'fail',
      99,
      '1 of 2 targets was missed: p95 of x',
    ],
    ['no data', { kpis: [judged('no_data', 'x')] }, 'fail', 99, '1 of 1 targets has no data: p95 of x'],
    [
      'no data that k6 passes',
      { kpis: [judged('pass'), { ...judged('no_data', 'x'), noDataPasses: true }] },
      'pass',
      0,
      '1 of 2 targets was met, 1 has no data',
    ],
    [
      'nothing but no data that k6 passes, in a run that did something',
      { kpis: [{ ...judged('no_data'), noDataPasses: true }] },
      'unjudged',
      0,
      'the target has no data, so nothing was judged',
    ],
    [
      'counts of 0 in a run without an iteration',
      { kpis: [{ ...judged('pass'), samples: 0 }], iterations: 0 },
      'inconclusive',
      98,
      'no iteration was completed',
    ],
    [
      'an inconclusive target',
      { kpis: [judged('inconclusive', 'x')] },
      'inconclusive',
      98,
      '1 of 1 targets is too close to call: p95 of x; a run of about 7 min would decide with a probability of 50 %',
    ],
    [
      'a target too close to call, set to fail',
      { kpis: [judged('pass'), judged('inconclusive', 'x')], inconclusive: 'fail' },
      'inconclusive',
      99,
      'too close to call: p95 of x',
    ],
    [
      'a target too close to call, set to pass',
      { kpis: [judged('inconclusive', 'x')], inconclusive: 'pass' },
      'pass',
      0,
      'too close to call, which counts as passed (inconclusive: pass): p95 of x',
    ],
    [
      'a target made inconclusive by the load generator, with any configuration',
      {
        kpis: [judged('inconclusive', 'y'), { ...judged('inconclusive', 'x'), reason: 'generator' }],
        inconclusive: 'pass',
      },
      'inconclusive',
      98,
      '2 of 2 targets are inconclusive: p95 of y; p95 of x',
    ],
    [
      'a run that ended because all was decided',
      { stoppedBy: 'decided', k6ExitCode: 105 },
      'pass',
      0,
      'the target was met',
    ],
    ['a smoke run', { isSmoke: true }, 'pass', 0, 'the target was met; a smoke run is no performance verdict'],
    [
      'a miss and no data',
      { kpis: [judged('fail', 'x'), judged('no_data', 'y')] },
      'fail',
      99,
      '2 of 2 targets were missed, 1 of them without data: p95 of x; p95 of y',
    ],
    ['a miss next to an inconclusive one', { kpis: [judged('inconclusive'), judged('fail')] }, 'fail', 99, 'missed'],
    ['some exceptions', { exceptions: thrown(99) }, 'pass', 0, 'the target was met'],
    [
      'an exception in every iteration',
      { exceptions: thrown(100) },
      'error',
      107,
      'the script threw an exception in every iteration (100)',
    ],
    [
      'an exception in every iteration, and a missed target',
      { exceptions: thrown(100), kpis: [judged('pass'), judged('fail', 'x')] },
      'fail',
      99,
      '1 of 2 targets was missed: p95 of x; the script threw an exception in every iteration (100)',
    ],
    [
      'an exception in every iteration, and a threshold that k6 fails without samples',
      { exceptions: thrown(100), kpis: [{ ...judged('no_data', 'x'), source: 'threshold' }] },
      'fail',
      99,
      '1 of 1 targets has no data: p95 of x; the script threw an exception in every iteration (100)',
    ],
    [
      'an exception in every iteration, and a target of ours without data',
      { exceptions: thrown(100), kpis: [{ ...judged('no_data', 'x'), source: 'target' }] },
      'error',
      107,
      'the script threw an exception in every iteration (100)',
    ],
    ['exceptions and no iteration', { exceptions: thrown(3), iterations: 0 }, 'error', 107, 'every iteration'],
    [
      'an exception in setup',
      { exceptions: thrown(1, 'setup'), iterations: 0, k6ExitCode: 107 },
      'error',
      107,
      'the script threw an exception in setup()',
    ],
    [
      'the user',
      { stoppedBy: 'user', k6ExitCode: 105, kpis: [judged('fail')] },
      'aborted',
      105,
      'interrupted; 1 of 1 targets was missed',
    ],
    [
      'a threshold that ends the run',
      { stoppedBy: 'threshold', abortedByKpi: 'x', k6ExitCode: 105 },
      'fail',
      99,
      '"x" (abortOnFail) was crossed',
    ],
    ['a signal to k6', { k6ExitCode: 105 }, 'aborted', 105, 'interrupted by a signal'],
    ['a killed k6', { k6ExitCode: null, faults: cut }, 'aborted', 105, 'a signal ended k6'],
    ['an unknown end', { k6ExitCode: undefined }, 'pass', 0, 'met'],
    ['an unknown end of a cut stream', { k6ExitCode: undefined, faults: cut }, 'inconclusive', 98, 'ended early'],
    ['lost lines', { faults: lost }, 'inconclusive', 98, '7 lines'],
    ['a miss in a cut stream', { faults: cut, kpis: [judged('fail')] }, 'fail', 99, 'missed'],
    ['test.abort()', { k6ExitCode: 108 }, 'aborted', 108, 'stopped the run itself'],
    ['test.fail()', { k6ExitCode: 110 }, 'fail', 110, 'marked the run as failed'],
    ['invalid options', { k6ExitCode: 104 }, 'error', 104, 'options are not valid'],
    ['a setup that took too long', { k6ExitCode: 100 }, 'error', 100, 'setup()'],
    ['a panic of k6', { k6ExitCode: 109 }, 'error', 109, 'panicked'],
    ['a wrong flag', { k6ExitCode: 255 }, 'error', 255, 'wrong flag'],
    ["k6's own thresholds", { k6ExitCode: 99 }, 'fail', 99, 'threshold'],
    ['no iteration and no targets', { iterations: 0, kpis: [] }, 'inconclusive', 98, 'no iteration was completed'],
    ['no whole iteration, but targets met', { iterations: 0 }, 'pass', 0, 'met'],
  ];
  for (const [what, parts, expected, exitCode, reason] of rows) {
    it(`is ${expected} (${exitCode}) for ${what}`, () => {
      const verdict = status(parts);
      expect(verdict).to.include({ status: expected, exitCode });
      expect(verdict.reason).to.include(reason);
    });
  }

  it('names three of many targets', () => {
    const kpis = ['a', 'b', 'c', 'd', 'e'].map((id) => judged('fail', id));
    expect(status({ kpis }).reason).to.equal('5 of 5 targets were missed: p95 of a; p95 of b; p95 of c and 2 more');
  });
});

describe('worstStatus', () => {
  it('is the worst of several runs, the first among equals', () => {
    const runs = (['pass', 'inconclusive', 'fail', 'fail'] as const).map((name, index) => ({ status: name, index }));
    expect(worstStatus(runs)?.index).to.equal(2);
    expect(worstStatus([...runs, { status: 'aborted' as const, index: 4 }])?.index).to.equal(4);
    expect(worstStatus([])).to.equal(undefined);
  });
});
