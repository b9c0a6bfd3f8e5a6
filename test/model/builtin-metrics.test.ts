import { expect } from 'chai';
import { isOwnMetric, undeclaredMetric } from '../../runner/model/builtin-metrics.ts';

describe('the table of built-in metrics', () => {
  const rows: ReadonlyArray<[name: string, type: string, contains: string, own: boolean]> = [
    ['http_req_duration', 'trend', 'time', false],
    ['browser_web_vital_cls', 'trend', 'default', false],
    ['grpc_streams_msgs_sent', 'counter', 'default', false],
    ['data_sent', 'counter', 'data', false],
    ['http_req_of_another_version', 'trend', 'default', false],
    ['checkout_duration', 'trend', 'default', true],
    ['constructor', 'trend', 'default', true],
  ];
  for (const [name, type, contains, own] of rows) {
    it(`reads an undeclared ${name} as a ${type}, ${own ? 'made by the script' : "one of k6's own"}`, () => {
      expect(undeclaredMetric(name)).to.deep.equal({ name, type, contains });
      expect(isOwnMetric(name)).to.equal(own);
    });
  }
});
