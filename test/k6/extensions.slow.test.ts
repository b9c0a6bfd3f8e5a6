// test/fixtures/xk6-greeting, the smallest extension there is, is built into k6 and used by a script.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { K6_SOURCES } from '../../runner/k6/build.ts';
import { canBuild, findGo, neededGo } from '../../runner/k6/go-toolchain.ts';
import { PINNED_K6 } from '../../runner/k6/version.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { novaperf } from '../cli/in-process.ts';
import { project } from '../cli/novaperf.ts';

const SCRIPT = `import greeting from 'k6/x/greeting';
import { check } from 'k6';
export const options = { vus: 1, iterations: 2, thresholds: { checks: ['rate==1'] } };
export default function () { check(greeting.hello('Ada'), { greets: (text) => text === 'hello, Ada' }); }
`;

describe('a k6 extension', function () {
  this.timeout(600_000);
  let dir = '';
  let remove = async () => {};

  before(async function () {
    const needed = await neededGo(K6_SOURCES);
    const go = await findGo(process.env, needed);
    if (go === undefined || !canBuild(go, needed, process.env)) return this.skip();
    ({ dir, remove } = await project());
    await writeFile(join(dir, 'greet.js'), SCRIPT);
  });
  after(() => remove());

  it('that is not configured is an error with the setting for it', async () => {
    const { code, stderr } = await novaperf(['run', 'greet.js'], { cwd: dir });
    expect(code).to.equal(2);
    expect(stderr).to.match(
      /Expected the k6 extension k6\/x\/greeting.*\n {2}at .*greet\.js\n {2}→ .*extensions: \['github\.com/,
    );
  });

  it('that is configured is built into k6, listed by doctor and used by the script', async () => {
    const extension = join(packageRoot, 'test/fixtures/xk6-greeting');
    await writeFile(join(dir, 'novaperf.config.json'), JSON.stringify({ extensions: [extension], records: false }));
    const run = await novaperf(['run', 'greet.js', '--json'], { cwd: dir });
    expect(run.code, run.stderr).to.equal(0);

    const doctor = await novaperf(['doctor', '--json'], { cwd: dir });
    expect(JSON.parse(doctor.stdout)).to.deep.include({
      pinnedK6: PINNED_K6,
      extensions: [
        { module: 'example.com/xk6-greeting', version: extension, isBuilt: true, imports: ['k6/x/greeting'] },
      ],
    });
    expect((await novaperf(['doctor'], { cwd: dir })).stdout).to.contain('✓ example.com/xk6-greeting');
  });

  it('that cannot be built is an error, and the run does not start without it', async () => {
    await writeFile(
      join(dir, 'novaperf.config.json'),
      JSON.stringify({ extensions: ['example.com/no-such-extension@v1.0.0'], records: false }),
    );
    const env = { GOPROXY: 'off', GONOSUMDB: '*', GONOSUMCHECK: '1' };
    const { code, stderr } = await novaperf(['run', 'greet.js'], { cwd: dir, env });
    expect(code).to.equal(2);
    expect(stderr).to.contain('Building k6 failed').and.contain('example.com/no-such-extension');
  });
});
