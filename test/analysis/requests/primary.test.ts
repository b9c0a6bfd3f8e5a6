import { expect } from 'chai';
import { primaryLatency } from '../../../runner/analysis/requests/primary.ts';
import { METRICS, Samples } from '../../report/sample-run.ts';

describe('the latency of a run', () => {
  const EXPECTED = { expected_response: 'true' };
  for (const [what, rows, filter, saysNone] of [
    ['none says whether it was expected', [{}], {}, false],
    ['all were expected', [EXPECTED], EXPECTED, false],
    ['none was expected', [{ expected_response: 'false' }], {}, true],
    ['none is known to be expected', [{ expected_response: 'false' }, {}], {}, false],
    ['some were expected, and some were not judged', [EXPECTED, {}], EXPECTED, false],
  ] satisfies ReadonlyArray<[string, Array<Record<string, string>>, Record<string, string>, boolean]>) {
    it(`is that of successful requests if k6 marks them: ${what}`, () => {
      const samples = new Samples();
      for (const tags of rows) samples.add(METRICS.http_req_duration, { name: 'GET /a', ...tags }, 0, 20);
      const primary = primaryLatency(samples.done());
      expect(primary?.filter).to.deep.equal(filter);
      expect(primary?.scope.includes('none succeeded')).to.equal(saysNone);
    });
  }

  it('reports that some requests were not marked', () => {
    const scopes = [[EXPECTED], [EXPECTED, {}]].map((rows) => {
      const samples = new Samples();
      for (const tags of rows) samples.add(METRICS.http_req_duration, { name: 'GET /a', ...tags }, 0, 20);
      return primaryLatency(samples.done())?.scope;
    });
    expect(scopes[0]).to.not.equal(scopes[1]);
  });
});
