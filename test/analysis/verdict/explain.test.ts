// How a verdict was reached, from a result alone.

import { expect } from 'chai';
import { simulateResult } from '../../../bench/verdicts/simulated-result.ts';
import { explainKpi, explainRun } from '../../../runner/analysis/verdict/explain.ts';

const result = simulateResult({
  seconds: 130,
  rate: 20,
  seed: 3,
  profile: 'soak',
  faults: ['slow:GET /search=800ms'],
  thresholds: [
    ['http_req_duration', 'p(95)<250'],
    ['http_req_duration{name:GET /cart}', 'p(95)<250'],
    ['http_req_duration{name:GET /nowhere}', 'p(95)<250'],
    ['http_req_failed', 'rate<0.01'],
  ],
});

const steps = (index: number) => {
  const kpi = result.kpis[index];
  if (kpi === undefined) throw new Error('Expected a target');
  const { verdict, steps: found } = explainKpi(kpi, result);
  return { verdict, labels: found.map(({ label }) => label), text: found.map(({ text }) => text).join('\n') };
};

describe('explain', () => {
  it('shows what was judged, samples, value, interval, verdict and possible causes', () => {
    const { verdict, labels, text } = steps(0);
    expect(verdict).to.equal('fail');
    expect(labels).to.include.members([
      'What was judged',
      'Samples',
      'Value',
      'Interval',
      'Verdict',
      'Possible causes',
    ]);
    expect(text).to.include('GET /search is').and.include('missed by');
  });

  it('calls only a missed target missed', () => {
    const [kpi] = result.kpis;
    if (kpi === undefined) throw new Error('Expected a target');
    const valueTextOf = (verdict: 'fail' | 'inconclusive') =>
      explainKpi({ ...kpi, verdict, margin_percent: -2.4 }, result).steps.find(({ label }) => label === 'Value')?.text;
    expect(valueTextOf('fail')).to.include('missed by 2.4 %');
    expect(valueTextOf('inconclusive')).to.include('2.4 %').and.not.include('missed');
  });

  it('reports a target without data', () => {
    expect(steps(2).text).to.include('No sample matched.').and.include('No data');
  });

  it('gives the error bursts that a run with an error rate of 0 may have missed', () => {
    // No burst in 130 s: 95 of 100 runs would have had one if they came every 43 s.
    expect(steps(3).text).to.match(/less often than every 4[34](\.\d)? s/);
    expect(steps(0).labels).to.not.include('Not seen');
  });

  it('does not place a built-in target outside of an interval that contains it', () => {
    const kpi = result.kpis.find(({ source, statistic }) => source === 'builtin' && statistic.endsWith('degradation'));
    if (kpi === undefined) throw new Error('Expected the target on degradation');
    const textOf = (ci_low: number) =>
      explainKpi(
        {
          ...kpi,
          verdict: 'pass',
          reason: 'clear',
          method: 'indicative',
          actual: 14.5,
          target: 20,
          ci_low,
          ci_high: 34.8,
        },
        result,
      ).steps.find(({ label }) => label === 'Verdict')?.text;
    expect(textOf(-1.5)).to.include('Met').and.not.include('outside');
    expect(textOf(21)).to.include('outside');
  });

  it('never contains NaN, Infinity, undefined or null', () => {
    for (const kpi of result.kpis) {
      for (const { text } of explainKpi(kpi, result).steps) expect(text).to.not.match(/NaN|Infinity|undefined|null/);
    }
    for (const { text } of explainRun(result)) expect(text).to.not.match(/NaN|Infinity|undefined|null/);
  });

  it('counts intervals and readings of targets over time, and claims no confidence interval without one', () => {
    const textOf = (statistic: RegExp) => {
      const kpi = result.kpis.find((each) => statistic.test(each.statistic));
      if (kpi === undefined) throw new Error(`Expected a target on ${statistic}`);
      return explainKpi(kpi, result)
        .steps.map(({ text }) => text)
        .join('\n');
    };
    expect(textOf(/degradation$/))
      .to.match(/\d+ periods of the steady load/)
      .and.not.match(/samples matched/);
    expect(textOf(/^rise$/)).to.match(/\d+ readings? under load[\s\S]*no continuing rise was found/);
  });

  it("gives the reason for the run's status, and what was examined", () => {
    const text = explainRun(result)
      .map((step) => step.text)
      .join('\n');
    expect(text).to.include('exit code 99').and.include('series');
  });
});
