// dataset() on real k6: which rows virtual users and iterations get, on one machine and in two execution segments.

import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from './real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

describe('a dataset on real k6', () => {
  let k6: K6;
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
  });
  after(removeTemporaryProjects);

  /** The output of 4 VUs in 8 iterations, 2 each; `segment` as k6 writes it. */
  const rowsOf = async (rows: number, options: object, segment?: string) => {
    const execution = segment === undefined ? {} : { executionSegment: segment, executionSegmentSequence: '0,1/2,1' };
    const root = temporaryProject({
      'users.csv': `name\n${Array.from({ length: rows }, (_, index) => `user${index}\n`).join('')}`,
      'a.js': `import { dataset } from 'novaperf';
import loadUsers from './users.csv';
export const options = ${JSON.stringify({ ...execution, scenarios: { default: { executor: 'per-vu-iterations', vus: 4, iterations: 2 } } })};
const users = dataset('users', loadUsers, ${JSON.stringify(options)});
export default function () {
  const row = users.row();
  if (row?.name !== users.row()?.name) console.log('not the same');
  console.log(row === undefined ? 'none' : row.name);
}`,
    });
    return runOnK6(k6, await bundleScript(join(root, 'a.js')));
  };
  const namesOf = async (...args: Parameters<typeof rowsOf>) =>
    (await rowsOf(...args)).log.filter((line) => line !== '').sort();

  const strategies: [what: string, rows: number, options: object, expected: string[]][] = [
    [
      'unique gives every virtual user a row',
      4,
      { strategy: 'unique' },
      [0, 0, 1, 1, 2, 2, 3, 3].map((n) => `user${n}`),
    ],
    ['circular begins again', 3, {}, [0, 0, 0, 1, 1, 1, 2, 2].map((n) => `user${n}`)],
    [
      'once gives every row once',
      6,
      { strategy: 'once' },
      ['none', 'none', ...[0, 1, 2, 3, 4, 5].map((n) => `user${n}`)],
    ],
  ];
  for (const [what, rows, options, expected] of strategies) {
    it(`with ${what}`, async () => {
      expect(await namesOf(rows, options)).to.deep.equal(expected);
    });
  }

  it('with random gives the same rows for the same seed', async () => {
    const [first, again, other] = await Promise.all([7, 7, 8].map((seed) => namesOf(50, { strategy: 'random', seed })));
    expect(again).to.deep.equal(first);
    expect(other).not.to.deep.equal(first);
    expect(new Set(first).size).to.be.above(4);
  });

  it('is divided between execution segments', async () => {
    const halves = await Promise.all(['0:1/2', '1/2:1'].map((segment) => namesOf(4, { strategy: 'unique' }, segment)));
    expect(halves.map((half) => new Set(half).size)).to.deep.equal([2, 2]);
    expect(halves.flat().sort()).to.deep.equal([0, 0, 1, 1, 2, 2, 3, 3].map((n) => `user${n}`));
  });

  it('counts the iterations of each k6 scenario from 0', async () => {
    const root = temporaryProject({
      'codes.csv': 'name\na\nb\nc\n',
      'a.js': `import { dataset } from 'novaperf';
import loadCodes from './codes.csv';
const once = { executor: 'shared-iterations', vus: 1, iterations: 2 };
export const options = { scenarios: { browse: once, buy: once } };
const codes = dataset('codes', loadCodes, { strategy: 'once' });
export default function () { console.log(codes.row().name); }`,
    });
    const { log } = await runOnK6(k6, await bundleScript(join(root, 'a.js')));
    expect(log.filter((line) => line !== '').sort()).to.deep.equal(['a', 'a', 'b', 'b']);
  });

  it('aborts the test if there are more users than rows', async () => {
    const { exitCode, log } = await rowsOf(2, { strategy: 'unique' });
    expect(exitCode).to.equal(108);
    expect(log.join('\n')).to.match(/dataset users: 2 rows are too few for virtual user [34]/);
  });
});
