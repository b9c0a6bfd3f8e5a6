// novaperf analyze on a stream of k6, with the script and the targets that it is judged by.

import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { realK6 } from '../k6/real-k6.ts';
import { novaperf } from './in-process.ts';
import { project, readResult, runFolders } from './novaperf.ts';

const SCRIPT = `import { Trend } from 'k6/metrics';
const steps = new Trend('steps');
if (!__ENV.LIMIT) throw new Error('LIMIT is not set');
export const options = { iterations: 10, thresholds: { steps: ['max<' + __ENV.LIMIT] } };
export default function () { steps.add(__ITER); }
`;
const TARGETS = `key: Shop_Targets_v1
category: PerformanceTargets
value:
  component: Shop
  targets:
    - { id: fewer-iterations, metric: iterations, statistic: count, comparison: "<", target: 5, profiles: [soak] }
`;

describe('novaperf analyze', function () {
  this.timeout(120_000);
  let dir: string;
  let remove: () => Promise<void>;

  before(async () => {
    ({ dir, remove } = await project());
    await writeFile(join(dir, 'steps.js'), SCRIPT);
    const folder = join(dir, 'conport/custom_data/PerformanceTargets');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'Shop_Targets_v1.yaml'), TARGETS);
    const k6 = await realK6();
    await promisify(execFile)(k6.path, ['run', '--quiet', '-e', 'LIMIT=99', '--out', 'json=steps.json', 'steps.js'], {
      cwd: dir,
    });
  });
  after(() => remove());

  it('rejects a stream that is given twice', async () => {
    const { code, stderr } = await novaperf(['analyze', 'steps.json', './steps.json', '--out', 'twice'], { cwd: dir });
    expect(code, stderr).to.equal(2);
    expect(stderr).to.include('steps.json');
  });

  const rows: [title: string, args: string[], code: number, verdicts: Record<string, string>][] = [
    ['passes -e variables to the script', ['-e', 'LIMIT=20'], 0, { 'steps max<20': 'pass' }],
    [
      'uses the last value of a variable that is given twice',
      ['-e', 'LIMIT=20', '-e', 'LIMIT=9'],
      99,
      { 'steps max<9': 'fail' },
    ],
    [
      'judges the targets of the given profile',
      ['-e', 'LIMIT=20', '--component', 'Shop', '--profile', 'soak'],
      99,
      // A soak is also judged on degradation, for which ten iterations are too few.
      { 'steps max<20': 'pass', 'fewer-iterations': 'fail', 'no degradation': 'no_data' },
    ],
    [
      'does not judge the targets of other profiles',
      ['-e', 'LIMIT=20', '--component', 'Shop', '--profile', 'load'],
      0,
      { 'steps max<20': 'pass' },
    ],
  ];
  for (const [title, args, code, verdicts] of rows) {
    it(title, async () => {
      const out = join('.nova', title.replaceAll(' ', '-'));
      const ended = await novaperf(['analyze', 'steps.json', '--scenario', 'steps.js', '--out', out, ...args], {
        cwd: dir,
      });
      expect(ended.code, `${ended.stdout}${ended.stderr}`).to.equal(code);
      const [run] = (await readdir(join(dir, out), { withFileTypes: true })).filter((entry) => entry.isDirectory());
      const { kpis } = await readResult(join(dir, out, run?.name ?? ''));
      expect(Object.fromEntries(kpis.map(({ id, verdict }) => [id, verdict]))).to.deep.equal(verdicts);
    });
  }

  it('judges the thresholds that k6 wrote into its output, as novaperf report does afterwards', async () => {
    const ended = await novaperf(['analyze', 'steps.json', '--out', 'own'], { cwd: dir });
    expect(ended.code, ended.stderr).to.equal(0);
    const [run] = (await readdir(join(dir, 'own'), { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const folder = join(dir, 'own', run?.name ?? '');
    expect((await readResult(folder)).kpis.map(({ id, verdict }) => [id, verdict])).to.deep.equal([
      ['steps max<99', 'pass'],
    ]);
    await novaperf(['report', folder], { cwd: dir });
    expect((await readResult(folder)).kpis).to.have.length(1);
  });

  it('rejects an unknown profile without writing anything', async () => {
    const ended = await novaperf(['analyze', 'steps.json', '--profile', 'sock'], { cwd: dir });
    expect(ended.code).to.equal(2);
    expect(ended.stderr).to.match(/--profile: expected one of smoke, load, .*"sock"/);
    expect(await runFolders(dir).catch(() => [])).to.deep.equal([]);
  });
});
