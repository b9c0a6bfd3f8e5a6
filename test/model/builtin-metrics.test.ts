import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { BUILTIN_METRICS, isOwnMetric, undeclaredMetric } from '../../runner/model/builtin-metrics.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

describe('the table of built-in metrics', () => {
  it('has every metric of the threshold types, under the same type', () => {
    // The types stand apart, as they ship with the package for scenarios and hold no code.
    const text = readFileSync(join(packageRoot, 'runner/scenario/threshold-types.ts'), 'utf8');
    const declared = [...text.matchAll(/^type (Trend|Counter|Gauge|Rate)Metric =([^;]+);/gm)].flatMap(
      ([, kind = '', union = '']) =>
        [...union.matchAll(/'(\w+)'/g)].map(([, name = '']) => [name, kind.toLowerCase()] as const),
    );
    expect(declared).to.have.length.greaterThan(20);
    for (const [name, type] of declared) expect(BUILTIN_METRICS.get(name)?.type, name).to.equal(type);
  });

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
    it(`takes an undeclared ${name} for a ${type}, ${own ? 'made by the script' : "one of k6's own"}`, () => {
      expect(undeclaredMetric(name)).to.deep.equal({ name, type, contains });
      expect(isOwnMetric(name)).to.equal(own);
    });
  }
});
