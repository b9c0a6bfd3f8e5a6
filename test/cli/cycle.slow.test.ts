// A cycle as the workflow prescribes it: the configured command, the lock on a SUT, the given build, and what a killed cycle left.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { novaperf } from './in-process.ts';
import { project, readResult, runFolders, start } from './novaperf.ts';

const SCRIPT = `
import http from 'k6/http';
import { sleep } from 'k6';
export default function () { http.get(__ENV.BASE_URL + '/?g=' + __ENV.GREETING, { tags: { name: 'home' } }); sleep(0.02); }
`;

function config(url: string): string {
  return `category: ProjectConfig
key: ActiveConfig
value:
  project_name: Example
  testing:
    commands:
      performance_load_test: k6 run tests/performance/main_load_test.js --vus 2 --iterations 8 -e GREETING=hi
      performance_soak_test: k6 run tests/performance/main_load_test.js --vus 1 --duration 8s -e GREETING=soak
    environments:
      performance_env_url: ${url}
    performance:
      environments:
        staging: { url: '${url}', health_path: /health }
`;
}

describe('a cycle', function () {
  this.timeout(180_000);
  let server: Server;
  let url: string;
  let paths: string[];
  let dir: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    paths = [];
    server = createServer((request, response) => {
      if (request.url !== undefined) paths.push(request.url);
      response.end(JSON.stringify({ status: 'ready', version: '2.1.0' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}`;
    ({ dir, remove } = await project());
    await mkdir(join(dir, 'tests/performance'), { recursive: true });
    await writeFile(join(dir, 'tests/performance/main_load_test.js'), SCRIPT);
    await mkdir(join(dir, 'conport/custom_data/ProjectConfig'), { recursive: true });
    await writeFile(join(dir, 'conport/custom_data/ProjectConfig/ActiveConfig.yaml'), config(url));
  });

  afterEach(async () => {
    server.close();
    await remove();
  });

  it('runs the k6 command of ProjectConfig with its flags, against the environment given there', async () => {
    const { code, stderr } = await novaperf(['run'], { cwd: dir });
    expect(code, stderr).to.equal(0);
    expect(paths.filter((path) => path === '/?g=hi')).to.have.length(8);
    const [folder = ''] = await runFolders(dir);
    const result = await readResult(folder);
    expect(result).to.include({ profile: 'load', environment: 'performance', target_url: url });
    expect(result.metrics.iterations?.count).to.equal(8);
    expect(result.options.vus).to.equal(2);
  });

  it('exits with 3 before any load if the SUT reports another build than --build, and records it', async () => {
    const { code, stderr } = await novaperf(['run', '--env', 'staging', '--build', '3.0.0'], { cwd: dir });
    expect(code, stderr).to.equal(3);
    expect(stderr).to.include('3.0.0').and.to.include('2.1.0');
    expect(paths).to.deep.equal(['/health']);
    const main = parse(await readFile(join(dir, 'conport/progress/1.yaml'), 'utf8'));
    expect(main.status).to.equal('FAILED');
    expect(main.description).to.include('3.0.0');
  });

  it('uses the build that the SUT reports', async () => {
    const { code, stderr } = await novaperf(['run', '--env', 'staging'], { cwd: dir });
    expect(code, stderr).to.equal(0);
    const [folder = ''] = await runFolders(dir);
    expect((await readResult(folder)).build_version).to.equal('2.1.0');
  });

  it('rejects a second cycle on a SUT under load, unless it is started with --wait', async () => {
    const first = start(['run', '--profile', 'soak'], { cwd: dir });
    await first.saw('main_load_test');
    const refused = await novaperf(['run'], { cwd: dir });
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.include('Another novaperf run is already loading').and.to.include('--wait');
    const [waited, ended] = await Promise.all([novaperf(['run', '--wait', '60s'], { cwd: dir }), first.ended]);
    expect([ended.code, waited.code], `${ended.stdout}${ended.stderr}${waited.stderr}`).to.deep.equal([0, 0]);
    const lastOfSoak = paths.lastIndexOf('/?g=soak');
    expect(paths.indexOf('/?g=hi')).to.be.above(lastOfSoak);
  });

  it('writes one report for each of several cycles that end in the same second', async () => {
    await writeFile(join(dir, 'own.js'), 'export const options = { iterations: 2 };\nexport default function () {}\n');
    const runs = await Promise.all([1, 2, 3].map(() => start(['run', 'own.js', '--json'], { cwd: dir }).ended));
    for (const { code, stderr } of runs) expect(code, stderr).to.equal(0);
    const out = await readdir(join(dir, '.nova/reports/qa/performance'));
    expect(out.filter((name) => /^OverallPerformanceReport_.*\.md$/.test(name))).to.have.length(3);
    expect(out.filter((name) => name.startsWith('.'))).to.deep.equal(['.index.json']);
  });

  it('closes the records of a killed cycle before it begins', async () => {
    const first = start(['run', '--profile', 'soak'], { cwd: dir });
    while (!paths.includes('/?g=soak')) await new Promise((resolve) => setTimeout(resolve, 50));
    first.child.kill('SIGKILL');
    await first.ended;
    const { code, stderr } = await novaperf(['run', '--wait', '20s'], { cwd: dir });
    expect(code, stderr).to.equal(0);
    const statusOf = async (id: number) =>
      parse(await readFile(join(dir, `conport/progress/${id}.yaml`), 'utf8')).status;
    expect(await statusOf(1)).to.equal('BLOCKED');
    expect(await statusOf(3)).to.be.oneOf(['DONE', 'DONE_WITH_ISSUES_NOTED']);
  });

  it('keeps all records if the ConPort server is unreachable, with a warning and the exit code of the verdict', async () => {
    const away = `${config(url)}      conport_server: { command: ./no-such-server, workspace_id: ${JSON.stringify(dir)} }\n`;
    await writeFile(join(dir, 'conport/custom_data/ProjectConfig/ActiveConfig.yaml'), away);
    const { code, stderr } = await novaperf(['run', '--push'], { cwd: dir });
    expect(code, stderr).to.equal(0);
    expect(stderr).to.include('not pushed').and.to.include('novaperf conport push');
    expect(await readdir(join(dir, 'conport/progress'))).to.have.length(2);
  });
});
