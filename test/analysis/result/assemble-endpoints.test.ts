import { expect } from 'chai';
import { assembleEndpoints } from '../../../runner/analysis/result/assemble-endpoints.ts';
import { METRICS, Samples } from '../../report/sample-run.ts';

describe('the endpoints of a run', () => {
  const NAMED = { name: 'GET /a', method: 'GET' };
  const REFUSED = { ...NAMED, status: '0', error_code: '1212' };
  for (const [what, rows, failed, p95] of [
    ['answered, not marked as expected or not', [[{ ...NAMED, status: '200' }, 20]], 0, 20],
    ['without any tag except their name', [[{ name: 'GET /a' }, 20]], 0, 20],
    ['refused, not marked as expected or not', [[REFUSED, 20]], 20, null],
    [
      'in part answered and in part refused',
      [
        [{ ...NAMED, status: '500' }, 15],
        [REFUSED, 5],
      ],
      5,
      20,
    ],
    [
      'expected and unexpected',
      [
        [{ ...NAMED, expected_response: 'true' }, 15],
        [{ ...NAMED, expected_response: 'false' }, 5],
      ],
      5,
      20,
    ],
    [
      'unexpected, and some not marked',
      [
        [{ ...NAMED, expected_response: 'false' }, 5],
        [NAMED, 15],
      ],
      5,
      20,
    ],
  ] satisfies ReadonlyArray<[string, Array<[Record<string, string>, number]>, number, number | null]>) {
    it(`count only known failures as failed, of requests that were ${what}`, () => {
      const samples = new Samples();
      for (const [tags, requests] of rows) {
        for (let index = 0; index < requests; index++) samples.add(METRICS.http_req_duration, tags, index * 100, 20);
      }
      const [endpoint, ...others] = assembleEndpoints(samples.done(), 1000);
      expect(others).to.deep.equal([]);
      expect([endpoint?.requests, endpoint?.failed, endpoint?.p95]).to.deep.equal([20, failed, p95]);
    });
  }

  it('count requests of 0 ms without tags as failed', () => {
    const samples = new Samples();
    for (let index = 0; index < 20; index++) {
      samples.add(METRICS.http_req_duration, { name: 'GET /refused' }, index, 0);
      samples.add(METRICS.http_req_duration, { name: 'GET /a' }, index, index === 0 ? 0 : 20);
    }
    const endpoints = assembleEndpoints(samples.done(), 1000);
    expect(endpoints.map(({ name, failed, p95 }) => [name, failed, p95])).to.have.deep.members([
      ['GET /refused', 20, null],
      ['GET /a', 0, 20],
    ]);
  });

  it('count WebSocket sessions with a rejected handshake as failed', () => {
    const samples = new Samples();
    const url = 'ws://shop/live';
    for (const status of ['101', '101', '403', '']) {
      const tags = status === '' ? { url } : { url, status };
      samples.add(METRICS.ws_session_duration, tags, 0, 20);
      samples.add(METRICS.ws_sessions, tags, 0, 1);
    }
    const [sessions] = assembleEndpoints(samples.done(), 1000);
    expect(sessions).to.include({ protocol: 'ws', requests: 4, failed: 1, error_rate: 0.25 });
  });

  it('count every status tag of a script', () => {
    const statuses = ['constructor', '__proto__', 'toString', '200'];
    const samples = new Samples();
    for (const status of [...statuses, ...statuses])
      samples.add(METRICS.http_req_duration, { ...NAMED, status, error_code: status }, 0, 20);
    const [endpoint] = assembleEndpoints(samples.done(), 1000);
    expect(Object.entries(endpoint?.statuses ?? {})).to.have.deep.members(statuses.map((status) => [status, 2]));
  });
});
