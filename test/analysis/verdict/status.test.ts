import { expect } from 'chai';
import { type StatusInput, statusOf, worstStatus } from '../../../runner/analysis/verdict/status.ts';
import type { JudgedKpi, Verdict } from '../../../runner/model/kpi.ts';
import type { RunStatus, StatusCause } from '../../../runner/model/result.ts';
import { hasFacts } from '../../facts.ts';

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
    profile: 'own',
    ...parts,
  });
}

const thrown = (count: number, stage: 'setup' | 'iteration' = 'iteration') => [{ stage, count }];
const cut = { complete: false, lostLines: 0 };
const lost = { complete: true, lostLines: 7 };

describe('statusOf', () => {
  const rows: ReadonlyArray<
    [
      what: string,
      parts: Partial<StatusInput>,
      status: RunStatus,
      exitCode: number,
      cause: StatusCause,
      facts: readonly string[],
    ]
  > = [
    ['a target met', {}, 'pass', 0, 'targets_met', ['target']],
    ['targets met', { kpis: [judged('pass'), judged('pass')] }, 'pass', 0, 'targets_met', ['both targets']],
    ['no targets', { kpis: [] }, 'unjudged', 0, 'nothing_judged', ['no targets']],
    [
      'a target missed',
      { kpis: [judged('pass'), judged('fail', 'x')] },
      'fail',
      99,
      'targets_missed',
      ['1 of 2 targets', 'p95 of x'],
    ],
    [
      'no data',
      { kpis: [judged('no_data', 'x')] },
      'fail',
      99,
      'targets_missed',
      ['1 of 1 targets', 'no data', 'p95 of x'],
    ],
    [
      'no data that k6 passes',
      { kpis: [judged('pass'), { ...judged('no_data', 'x'), noDataPasses: true }] },
      'pass',
      0,
      'targets_met',
      ['1 of 2 targets', '1', 'no data'],
    ],
    [
      'nothing but no data that k6 passes, in a run that did something',
      { kpis: [{ ...judged('no_data'), noDataPasses: true }] },
      'unjudged',
      0,
      'nothing_judged',
      ['no data'],
    ],
    [
      'counts of 0 in a run without an iteration',
      { kpis: [{ ...judged('pass'), samples: 0 }], iterations: 0 },
      'inconclusive',
      98,
      'nothing_ran',
      ['no iteration'],
    ],
    [
      'an inconclusive target',
      { kpis: [judged('inconclusive', 'x')] },
      'inconclusive',
      98,
      'targets_inconclusive',
      ['1 of 1 targets', 'p95 of x', '7 min', '50 %'],
    ],
    [
      'a target too close to call, set to fail',
      { kpis: [judged('pass'), judged('inconclusive', 'x')], inconclusive: 'fail' },
      'inconclusive',
      99,
      'targets_inconclusive',
      ['p95 of x'],
    ],
    [
      'a target too close to call, set to pass',
      { kpis: [judged('inconclusive', 'x')], inconclusive: 'pass' },
      'pass',
      0,
      'targets_inconclusive',
      ['inconclusive: pass', 'p95 of x'],
    ],
    [
      'a target made inconclusive by the load generator, with any configuration',
      {
        kpis: [judged('inconclusive', 'y'), { ...judged('inconclusive', 'x'), reason: 'generator' }],
        inconclusive: 'pass',
      },
      'inconclusive',
      98,
      'targets_inconclusive',
      ['2 of 2 targets', 'p95 of y', 'p95 of x'],
    ],
    [
      'a run that ended because all was decided',
      { stoppedBy: 'decided', k6ExitCode: 105 },
      'pass',
      0,
      'targets_met',
      ['target'],
    ],
    ['a smoke run', { profile: 'smoke' }, 'pass', 0, 'targets_met', ['target', 'smoke']],
    [
      'a miss and no data',
      { kpis: [judged('fail', 'x'), judged('no_data', 'y')] },
      'fail',
      99,
      'targets_missed',
      ['2 of 2 targets', '1', 'p95 of x', 'p95 of y'],
    ],
    [
      'a miss next to an inconclusive one',
      { kpis: [judged('inconclusive'), judged('fail')] },
      'fail',
      99,
      'targets_missed',
      ['missed'],
    ],
    ['some exceptions', { exceptions: thrown(99) }, 'pass', 0, 'targets_met', ['target']],
    [
      'an exception in every iteration',
      { exceptions: thrown(100) },
      'error',
      107,
      'always_threw',
      ['every iteration', '100'],
    ],
    [
      'an exception in every iteration, and a missed target',
      { exceptions: thrown(100), kpis: [judged('pass'), judged('fail', 'x')] },
      'fail',
      99,
      'targets_missed_always_threw',
      ['1 of 2 targets', 'p95 of x', 'every iteration', '100'],
    ],
    [
      'an exception in every iteration, and a threshold that k6 fails without samples',
      { exceptions: thrown(100), kpis: [{ ...judged('no_data', 'x'), source: 'threshold' }] },
      'fail',
      99,
      'targets_missed_always_threw',
      ['1 of 1 targets', 'no data', 'p95 of x', 'every iteration', '100'],
    ],
    [
      'an exception in every iteration, and a target of ours without data',
      { exceptions: thrown(100), kpis: [{ ...judged('no_data', 'x'), source: 'target' }] },
      'error',
      107,
      'always_threw',
      ['every iteration', '100'],
    ],
    [
      'exceptions and no iteration',
      { exceptions: thrown(3), iterations: 0 },
      'error',
      107,
      'always_threw',
      ['every iteration'],
    ],
    [
      'an exception in setup',
      { exceptions: thrown(1, 'setup'), iterations: 0, k6ExitCode: 107 },
      'error',
      107,
      'k6_exit',
      ['exception', 'setup()'],
    ],
    [
      'the user',
      { stoppedBy: 'user', k6ExitCode: 105, kpis: [judged('fail')] },
      'aborted',
      105,
      'interrupted',
      ['interrupted', '1 of 1 targets'],
    ],
    [
      'a threshold that ends the run',
      { stoppedBy: 'threshold', abortedByKpi: 'x', k6ExitCode: 105 },
      'fail',
      99,
      'abort_on_fail',
      ['"x"', 'abortOnFail'],
    ],
    ['a signal to k6', { k6ExitCode: 105 }, 'aborted', 105, 'k6_exit', ['signal']],
    ['a killed k6', { k6ExitCode: null, faults: cut }, 'aborted', 105, 'k6_killed', ['signal']],
    ['an unknown end', { k6ExitCode: undefined }, 'pass', 0, 'targets_met', ['met']],
    [
      'an unknown end of a cut stream',
      { k6ExitCode: undefined, faults: cut },
      'inconclusive',
      98,
      'data_incomplete',
      ['ended early'],
    ],
    ['lost lines', { faults: lost }, 'inconclusive', 98, 'data_incomplete', ['7 lines']],
    ['a miss in a cut stream', { faults: cut, kpis: [judged('fail')] }, 'fail', 99, 'targets_missed', ['missed']],
    ['test.abort()', { k6ExitCode: 108 }, 'aborted', 108, 'k6_exit', ['stopped']],
    ['test.fail()', { k6ExitCode: 110 }, 'fail', 110, 'k6_exit', ['failed']],
    ['invalid options', { k6ExitCode: 104 }, 'error', 104, 'k6_exit', ['options']],
    ['a setup that took too long', { k6ExitCode: 100 }, 'error', 100, 'k6_exit', ['setup()']],
    ['a panic of k6', { k6ExitCode: 109 }, 'error', 109, 'k6_exit', ['panicked']],
    ['a wrong flag', { k6ExitCode: 255 }, 'error', 255, 'k6_exit', ['wrong flag']],
    ["k6's own thresholds", { k6ExitCode: 99 }, 'fail', 99, 'k6_exit', ['threshold']],
    ['no iteration and no targets', { iterations: 0, kpis: [] }, 'inconclusive', 98, 'nothing_ran', ['no iteration']],
    ['no whole iteration, but targets met', { iterations: 0 }, 'pass', 0, 'targets_met', ['met']],
  ];
  for (const [what, parts, expected, exitCode, cause, facts] of rows) {
    it(`is ${expected} (${exitCode}) for ${what}`, () => {
      const verdict = status(parts);
      expect(verdict).to.include({ status: expected, exitCode, cause });
      hasFacts(verdict.reason, ...facts);
    });
  }

  it('names three of many targets', () => {
    const kpis = ['a', 'b', 'c', 'd', 'e'].map((id) => judged('fail', id));
    const { reason } = status({ kpis });
    hasFacts(reason, '5 of 5 targets', 'p95 of a', 'p95 of b', 'p95 of c', '2');
    expect(reason).not.to.include('p95 of d');
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
