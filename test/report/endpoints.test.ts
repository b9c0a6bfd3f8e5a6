import { expect } from 'chai';
import { assembleEndpoints } from '../../runner/analysis/assemble-endpoints.ts';
import { METRICS, Samples } from './sample-run.ts';

describe('the endpoints of a run', () => {
  it('count requests beyond the cap of series once, in a row of their own', () => {
    const samples = new Samples();
    const rows: [Record<string, string>, number][] = [
      [{ name: 'GET /a', method: 'GET', status: '200', expected_response: 'true' }, 7],
      [{ url: 'http://x/b', method: 'GET', status: '200', expected_response: 'true' }, 5],
      [{ overflow: 'true' }, 3],
    ];
    for (const [tags, requests] of rows) {
      for (let index = 0; index < requests; index++) samples.add(METRICS.http_req_duration, tags, index * 100, 20);
    }
    const endpoints = assembleEndpoints(samples.done(), 1000);
    expect(endpoints.map(({ requests }) => requests)).to.deep.equal([7, 5, 3]);
  });
});
