import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { packRuns, unpackRuns } from '../../runner/runs/store-file.ts';
import { UserError } from '../../runner/system/errors.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const result = resultOf(shopSamples({ seconds: 20, requestsPerSecond: 30 }));
const HASH = 'a'.repeat(64);

describe('a file of kept runs', () => {
  it('contains what comparisons and histories need of each run, in less than 100 kB', () => {
    const runs = ['r1', 'r2'].map((folder) => ({ folder, result: { ...result, run: folder }, bundleHash: HASH }));
    const bytes = packRuns(runs);
    expect(bytes.length / 2).to.be.below(100_000);
    const found = unpackRuns(bytes, 'x');
    expect(found.map(({ folder }) => folder)).to.deep.equal(['r1', 'r2']);
    for (const each of found) {
      expect(each.bundleHash).to.equal(HASH);
      expect(each.result.endpoints).to.deep.equal(result.endpoints);
      expect(each.result.kpis).to.deep.equal(result.kpis);
    }
  });

  const header = '{"novaperf_runs":1}';
  for (const [what, bytes] of [
    ['no gzip', Buffer.from('runs')],
    ['another file', gzipSync('{"type":"Metric"}\n')],
    ['a line that is cut', gzipSync(`${header}\n{"folder":"r1"`)],
    [
      'a folder outside of the runs',
      gzipSync(`${header}\n${JSON.stringify({ folder: '../r1', bundle_sha256: null, result })}`),
    ],
    ['a hidden folder', gzipSync(`${header}\n${JSON.stringify({ folder: '.ssh', bundle_sha256: null, result })}`)],
    [
      'a result of another shape',
      gzipSync(`${header}\n${JSON.stringify({ folder: 'r1', bundle_sha256: null, result: {} })}`),
    ],
  ] as const) {
    it(`is rejected for ${what}`, () => {
      expect(() => unpackRuns(bytes, 'x')).to.throw(UserError);
    });
  }
});
