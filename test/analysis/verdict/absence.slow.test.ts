// The table of runner/analysis/verdict/absence.ts against real k6: the verdict on a threshold that no sample matched.

import { expect } from 'chai';
import { isMissed } from '../../../runner/model/kpi.ts';
import { needsK6 } from '../../k6/real-k6.ts';
import { judged, k6Verdicts, runK6 } from './judged-by-k6.ts';

const COUNTED = ['count<1', 'count<=0', 'count==0', 'count>0', 'count>=0', 'count!=0', 'rate<1', 'rate>0'];
const SHARES = ['rate<0.1', 'rate<=0', 'rate==0', 'rate>0.9', 'rate>=0', 'rate!=0'];
const TIMES = ['p(95)<500', 'p(95)>100', 'avg<1', 'min>=0', 'med==0', 'max!=0', 'p(99.9)<0'];
const VALUES = ['value<1', 'value==0', 'value>0'];

const THRESHOLDS = {
  empty_counter: COUNTED,
  empty_gauge: VALUES,
  empty_rate: SHARES,
  empty_trend: TIMES,
  'a_counter{outcome:lost}': COUNTED,
  'a_rate{outcome:lost}': SHARES,
  'a_trend{outcome:lost}': TIMES,
  'a_counter{outcom:sold}': COUNTED,
  'a_trend{scenario:evening}': TIMES,
  'iterations{scenario:evening}': COUNTED,
  'http_reqs{status:500}': COUNTED,
  'http_reqs{error_code:1050}': COUNTED,
  'http_reqs{name:GET /nowhere}': COUNTED,
  'a_counter{group:::nowhere}': COUNTED,
  'checks{check:never asked}': SHARES,
  http_req_failed: SHARES,
  dropped_iterations: COUNTED,
};

describe('a threshold that no sample matched', function () {
  this.timeout(120_000);
  needsK6();

  it("counts against the run exactly where k6 fails it, and is 0 or no data by the metric's type", async () => {
    const run = await runK6('nothing-counted.js', THRESHOLDS);
    const theirs = k6Verdicts(run);
    const ours = [...judged(run, THRESHOLDS).values()];
    expect(ours).to.have.length(Object.values(THRESHOLDS).flat().length);
    expect(Object.fromEntries(ours.map((kpi) => [kpi.id, !isMissed(kpi)]))).to.deep.equal(Object.fromEntries(theirs));
    const verdicts = (metric: string) =>
      Object.fromEntries(
        ours
          .filter(({ id }) => id.startsWith(`${metric} `))
          .map((kpi) => [kpi.id.slice(metric.length + 1), kpi.verdict]),
      );
    expect(verdicts('empty_counter')).to.include({ 'count<1': 'pass', 'count>0': 'fail', 'rate<1': 'pass' });
    expect(verdicts('http_reqs{status:500}')).to.include({ 'count<1': 'pass', 'count>0': 'fail' });
    expect(verdicts('http_reqs{error_code:1050}')).to.include({ 'count<1': 'pass' });
    expect(verdicts('empty_rate')).to.include({ 'rate<0.1': 'pass', 'rate==0': 'pass', 'rate>0.9': 'no_data' });
    expect(verdicts('a_rate{outcome:lost}')).to.include({ 'rate<0.1': 'pass', 'rate>0.9': 'no_data' });
    expect(verdicts('http_reqs{name:GET /nowhere}'), 'no request at all').to.include({ 'count<1': 'pass' });
    for (const metric of [
      'empty_trend',
      'a_trend{outcome:lost}',
      'empty_gauge',
      'a_counter{outcom:sold}',
      'a_counter{group:::nowhere}',
    ])
      expect(new Set(Object.values(verdicts(metric))), metric).to.deep.equal(new Set(['no_data']));
  });
});
