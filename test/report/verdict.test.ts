import { expect } from 'chai';
import type { Result, ResultKpi } from '../../runner/model/result.ts';
import { verdictView } from '../../runner/report/view/verdict.ts';
import { resultOf, shopSamples } from './sample-run.ts';

const plain = resultOf(shopSamples({ seconds: 10, requestsPerSecond: 20 }));
const kpisOf = (...confidences: ResultKpi['confidence'][]): ResultKpi[] =>
  plain.kpis.slice(0, confidences.length).map((kpi, index) => ({
    ...kpi,
    verdict: 'pass',
    confidence: confidences[index] ?? 'unknown',
  }));

describe('how sure a verdict is', () => {
  const rows: ReadonlyArray<readonly [when: string, more: Partial<Result>, word: string, says: RegExp]> = [
    ['every interval is firm', { kpis: kpisOf('firm', 'firm') }, 'High', /wholly on one side for all 2 targets/],
    ['one interval spans its target', { kpis: kpisOf('firm', 'open') }, 'Limited', /1 of 2 targets could be either/],
    ['the run is short', { kpis: kpisOf('provisional', 'firm') }, 'Limited', /short run/],
    ['some targets have no interval', { kpis: kpisOf('firm', 'unknown') }, 'Fair', /1 of 2 targets clear/],
    ['no target has an interval', { kpis: kpisOf('unknown') }, 'Not known', /No 95 % interval for the target/],
    ['there is no target', { kpis: [] }, 'Not known', /No target had data/],
    [
      'the load generator was saturated',
      { kpis: kpisOf('firm'), generator: { ...plain.generator, state: 'saturated', reasons: ['CPU at 100 %'] } },
      'Low',
      /saturated, so latency is partly its own: CPU at 100 %\./,
    ],
    [
      'the load generator was not measured',
      { kpis: kpisOf('firm'), generator: { ...plain.generator, state: 'unknown' } },
      'Fair',
      /was not measured/,
    ],
    [
      'the stream was cut',
      { kpis: kpisOf('firm'), stream: { complete: false, bad_lines: 0, bad_values: 0, lost_lines: 2 } },
      'Limited',
      /it ended early, 2 lines lost/,
    ],
    ['the run ended early', { kpis: kpisOf('firm'), partial: true }, 'Limited', /before its plan did/],
    [
      'the asked rate was not reached',
      { kpis: kpisOf('firm'), generator: { ...plain.generator, achieved_rate: 0.9 } },
      'Limited',
      /90 % of the asked arrival rate/,
    ],
    [
      'iterations threw',
      { kpis: kpisOf('firm'), iterations: { completed: 9, dropped: 0, exceptions: 3 } },
      'Limited',
      /3 exceptions/,
    ],
  ];
  for (const [when, more, word, says] of rows) {
    it(`is "${word}" when ${when}`, () => {
      const { trust } = verdictView({ ...plain, ...more });
      expect(trust.word).to.equal(word);
      expect(trust.sentence).to.match(says);
      expect(trust.points.map(({ text }) => text)).to.include(trust.sentence);
    });
  }

  it('gives the reason as a sentence', () => {
    expect(verdictView({ ...plain, status_reason: 'all 4 targets were met' }).reason).to.equal(
      'All 4 targets were met.',
    );
  });
});
