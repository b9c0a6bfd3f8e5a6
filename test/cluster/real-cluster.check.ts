// Runs on a real Kubernetes with the real k6-operator, end to end: npm run test:cluster.

import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { openKubeApi } from '../../runner/cluster/kube-api.ts';
import type { Result } from '../../runner/model/result.ts';
import { novaperf, project, readResult, runFolders, start } from '../cli/novaperf.ts';
import { realK6 } from '../k6/real-k6.ts';
import { launchBrowser } from '../report/browser.ts';
import { exactQuantile } from '../run/machines.ts';
import { aRun, startLoad } from './cluster-run.ts';
import { absence, answered, importImage, KUBECONFIG, killRunner, kit, withoutApiServer } from './kit.ts';

/** `part` is the number of the runner's part of the load: 0 for the first. */
const script = (seconds: number, more = '', options = '') => `import http from 'k6/http';
import exec from 'k6/execution';
export const options = { scenarios: { s: { executor: 'constant-vus', vus: 4, duration: '${seconds}s' } }, ${options} };
export default function () {
  const part = String(exec.test.options.executionSegment).startsWith('0:') ? 0 : 1;
  ${more}
  http.get(__ENV.TARGET + '?ms=10', { tags: { name: 'target' } });
}
`;
/** A pod takes some seconds to start; then the load begins. */
const UNDER_WAY_MS = 3000;

describe('novaperf run --cluster, on a real cluster', function () {
  this.timeout(180_000);
  let dir: string;
  let target: string;
  let wasUp = false;
  let remove: () => Promise<void> = async () => undefined;

  before(async function () {
    const missing = absence();
    if (missing !== undefined) {
      process.stdout.write(`test:cluster is skipped: ${missing}\n`);
      this.skip();
    }
    wasUp = (await kit('up')).includes('already running');
    target = await kit('target');
    ({ dir, remove } = await project());
    const image = ['cluster', 'image', '--name', 'localhost/k6:1', '--out', 'k6.tar', '--k6', (await realK6()).path];
    const { code, stderr } = await novaperf(image, { cwd: dir });
    expect(code, stderr).to.equal(0);
    await importImage(join(dir, 'k6.tar'));
    const cluster = {
      image: 'localhost/k6:1',
      starter_image: 'localhost/k6-starter:1',
      image_pull_policy: 'Never',
      kubeconfig: KUBECONFIG,
    };
    const clusters = {
      test: cluster,
      small: { ...cluster, resources: { limits: { memory: '120Mi' } } },
      full: { ...cluster, resources: { requests: { cpu: '1000' } }, pending_timeout: '8s' },
      imageless: { ...cluster, image: 'localhost/none:1', pending_timeout: '8s' },
      inside: { ...cluster, image: 'localhost/k6-inside:1', script_in_image: '/test/inside.js' },
      shellless: { ...cluster, script_in_image: '/test/script.js' },
      narrow: { ...cluster, kubeconfig: join(dir, 'narrow.json') },
    };
    await writeFile(join(dir, 'novaperf.config.json'), JSON.stringify({ clusters, records: false }));
  });
  after(async () => {
    await remove();
    if (absence() === undefined && !wasUp) await kit('down');
  });

  const args = (name: string, parallelism: number, cluster = 'test') => [
    ...['run', `${name}.js`, '--cluster', cluster, '--parallelism', String(parallelism), '-e', `TARGET=${target}/`],
  ];
  const resultOf = async (name: string): Promise<Result> => {
    const folder = (await runFolders(dir)).find((path) => basename(path).startsWith(`${name}_`));
    return readResult(folder ?? `no run of ${name}`);
  };
  const nothingLeft = async () => {
    const left = await kit(
      'kubectl',
      'get',
      'testruns,jobs,configmaps,secrets',
      '-o',
      'name',
      '-l',
      'app.kubernetes.io/managed-by=novaperf',
    );
    expect(left).to.equal('');
  };
  /** Starts a run; resolves once its load is under way. `testRun`: its name in the cluster. */
  const underWay = async (name: string, parallelism: number) => {
    const running = start(args(name, parallelism), { cwd: dir });
    const testRun = await until(async () => (await kit('kubectl', 'get', 'testruns', '-o', 'name')).split('/')[1]);
    await until(async () => {
      const stage = await kit('kubectl', 'get', 'testrun', testRun, '-o', 'jsonpath={.status.stage}');
      return stage === 'started' ? stage : undefined;
    });
    await sleep(UNDER_WAY_MS);
    return { ...running, testRun };
  };

  for (const parallelism of [2, 4]) {
    it(`counts the same requests with ${parallelism} runners as the server`, async () => {
      const name = `count-${parallelism}`;
      await writeFile(join(dir, `${name}.js`), script(8));
      const before = await answered();
      const { code, stderr } = await novaperf(args(name, parallelism), { cwd: dir });
      expect(code, stderr).to.equal(0);
      const result = await resultOf(name);
      expect(result.metrics.http_reqs?.value).to.equal((await answered()) - before);
      expect(result.sources).to.have.length(parallelism);
      expect(result.sources?.every(({ complete, exit_code }) => complete && exit_code === 0)).to.equal(true);
      expect(result.vus_max).to.equal(4);
      expect(result.clocks?.basis).to.equal('measured');
      await nothingLeft();
    });
  }

  it('runs a script in the image if the image has a shell', async () => {
    await writeFile(join(dir, 'inside.js'), script(5));
    await kit('image', 'localhost/k6-inside:1', (await realK6()).path, `test/inside.js=${join(dir, 'inside.js')}`);
    const before = await answered();
    const { code, stderr } = await novaperf(args('inside', 2, 'inside'), { cwd: dir });
    expect(code, stderr).to.equal(0);
    expect((await resultOf('inside')).metrics.http_reqs?.value).to.equal((await answered()) - before);
  });

  it('gives percentiles of all samples of all runners within 0.1 %', async () => {
    const api = openKubeApi({ kubeconfig: KUBECONFIG, context: undefined });
    // The script logs each response time.
    const run = aRun({
      name: 'all-samples',
      script: script(
        6,
        "const { timings } = http.get(__ENV.TARGET + '?ms=30'); console.log('took ' + timings.duration); return;",
      ),
      variables: { TARGET: `${target}/` },
    });
    const { load, store, logged } = startLoad(api, run, { pollMs: 500 });
    const end = await load.run();
    expect(end.sources.map(({ isComplete }) => isComplete)).to.deep.equal([true, true]);
    const values = logged
      .flatMap(({ message }) => (message.startsWith('took ') ? [Number(message.slice(5))] : []))
      .sort((a, b) => a - b);
    const merged = store.total('http_req_duration');
    expect(merged?.count).to.equal(values.length).and.above(100);
    for (const q of [0.5, 0.9, 0.95, 0.99]) {
      const exact = exactQuantile(values, q);
      expect(merged?.quantile(q), `q ${q}`).to.be.within(exact * 0.999, exact * 1.001);
    }
  });

  it('runs setup() and teardown() once on this machine with --setup-once, and passes the data to every runner', async () => {
    // Only pods reach the server by its address; here the functions just log that they ran.
    const once = `export function setup() { console.log('setup ran'); return { token: 'tok-é-' + 'x'.repeat(150000) }; }
export function teardown(data) { console.log('teardown with ' + data.token.length); }
`;
    const seen = "if (exec.vu.iterationInInstance === 0) console.log('iteration with ' + data.token.length);";
    const text = script(6, seen).replace('function (', 'function (data');
    await writeFile(join(dir, 'once.js'), `${once}${text}`);
    const before = await answered();
    const { code, stderr } = await novaperf([...args('once', 2), '--setup-once'], { cwd: dir });
    expect(code, stderr).to.equal(0);
    const result = await resultOf('once');
    expect(result.metrics.http_reqs?.value).to.equal((await answered()) - before);
    const folder = (await runFolders(dir)).find((path) => basename(path).startsWith('once_')) ?? '';
    const log = await readFile(join(folder, 'k6.log'), 'utf8');
    const times = (line: string) => log.split(line).length - 1;
    expect([times('setup ran'), times('iteration with 150006'), times('teardown with 150006')]).to.deep.equal([
      1, 4, 1,
    ]);
    expect(log).to.not.contain('xxxx');
    await nothingLeft();
  });

  it('names a runner that was killed, and the time from which its numbers are missing', async () => {
    await writeFile(join(dir, 'killed.js'), script(15));
    const { ended, testRun } = await underWay('killed', 2);
    await killRunner(testRun, 2);
    expect((await ended).code).to.equal(98);
    const { sources = [], findings } = await resultOf('killed');
    expect(sources.map(({ complete }) => complete)).to.deep.equal([true, false]);
    expect(sources[1]?.exit_code).to.equal(137);
    expect(sources[1]?.cut_at).to.be.a('string');
    expect(findings[0]?.title).to.contain(sources[1]?.name);
    await nothingLeft();
  });

  const runnerPod = async (testRun: string, runner: number) =>
    (await kit('kubectl', 'get', 'pods', '-o', 'name', '-l', `job-name=${testRun}-${runner}`)).replace('pod/', '');
  const ENDS: ReadonlyArray<[name: string, what: string, end: (pod: string) => Promise<unknown>, problem: RegExp]> = [
    [
      'evicted',
      'was evicted, as from a node that is drained',
      async (pod) => {
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: 'default' } };
        await writeFile(join(dir, 'eviction.json'), JSON.stringify(eviction));
        const path = `/api/v1/namespaces/default/pods/${pod}/eviction`;
        await kit('kubectl', 'create', '--raw', path, '-f', join(dir, 'eviction.json'));
      },
      // Which of them depends on the last status of the pod that was read.
      /EvictionByEvictionAPI|stopped by a signal|was removed/,
    ],
    [
      'removed',
      'was removed by hand',
      (pod) => kit('kubectl', 'delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false'),
      /stopped by a signal|was removed/,
    ],
  ];
  for (const [name, what, end, problem] of ENDS) {
    it(`names a runner if its pod ${what}, and the time from which its numbers are missing`, async () => {
      await writeFile(join(dir, `${name}.js`), script(15));
      const { ended, testRun } = await underWay(name, 2);
      await end(await runnerPod(testRun, 2));
      expect((await ended).code).to.equal(98);
      const { sources = [], findings } = await resultOf(name);
      expect(sources.map(({ complete }) => complete)).to.deep.equal([true, false]);
      expect(sources[1]?.problem).to.match(problem);
      expect(sources[1]?.cut_at).to.be.a('string');
      expect(findings[0]?.title).to.contain(sources[1]?.name);
      await nothingLeft();
    });
  }

  it('reports a runner that ran out of memory', async () => {
    const greedy = 'globalThis.kept = [...(globalThis.kept ?? []), new Array(1000000).fill(part)];';
    await writeFile(join(dir, 'greedy.js'), script(30, greedy));
    const { code } = await novaperf(args('greedy', 2, 'small'), { cwd: dir });
    expect(code).to.equal(98);
    const { sources = [] } = await resultOf('greedy');
    expect(sources.some(({ problem, complete }) => problem?.includes('OOMKilled') && !complete)).to.equal(true);
    await nothingLeft();
  });

  it('loses nothing when the API server is gone for 30 s', async () => {
    await writeFile(join(dir, 'away.js'), script(45));
    const before = await answered();
    const { ended } = await underWay('away', 2);
    await withoutApiServer(30_000);
    const { code, stderr } = await ended;
    expect(code, stderr).to.equal(0);
    const result = await resultOf('away');
    expect(result.metrics.http_reqs?.value).to.equal((await answered()) - before);
    await nothingLeft();
  });

  it('is complete or reports what is missing when the log is rotated', async () => {
    // Some 30 MB of log in 30 s; the kubelet rotates at 10 MiB.
    await writeFile(join(dir, 'rotated.js'), script(30, "console.log('x'.repeat(4000));"));
    const before = await answered();
    const { code } = await novaperf(args('rotated', 2), { cwd: dir });
    const result = await resultOf('rotated');
    const missing = (await answered()) - before - (result.metrics.http_reqs?.value ?? 0);
    const isComplete = result.sources?.every(({ complete }) => complete);
    expect([missing === 0, code === 0], JSON.stringify(result.sources)).to.deep.equal([isComplete, isComplete]);
  });

  it('names a runner that was much slower than the others', async () => {
    const slow = "if (part === 1) { http.get(__ENV.TARGET + '?ms=120', { tags: { name: 'target' } }); return; }";
    await writeFile(join(dir, 'slow.js'), script(10, slow));
    const { code } = await novaperf(args('slow', 2), { cwd: dir });
    expect(code).to.equal(0);
    const { findings, sources = [] } = await resultOf('slow');
    const slower = findings.filter(({ kind }) => kind === 'source_slower');
    expect(slower.map(({ title }) => title.split(' ')[0])).to.deep.equal([sources[1]?.name]);
  });

  it('stops all runners on Ctrl-C, each with exit code 103, and reports what ran', async () => {
    await writeFile(join(dir, 'stopped.js'), script(120));
    const { child, ended } = await underWay('stopped', 2);
    child.kill('SIGINT');
    expect((await ended).code).to.equal(105);
    const { sources = [], partial } = await resultOf('stopped');
    expect(partial).to.equal(true);
    expect(sources.map(({ exit_code, complete }) => [exit_code, complete])).to.deep.equal([
      [103, true],
      [103, true],
    ]);
    await nothingLeft();
  });

  it('shows the merged progress on the live page, and stops all runners with its button', async () => {
    await writeFile(join(dir, 'live.js'), script(120));
    const browser = await launchBrowser();
    const { child, ended, printed } = start([...args('live', 2), '--live'], { cwd: dir });
    try {
      const url = await until(async () => /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//.exec(printed())?.[0]);
      const page = await browser.newPage();
      await page.goto(url);
      await page.locator('main', { hasText: 'target' }).waitFor({ timeout: 60_000 });
      if (process.env.NOVAPERF_KEEP_PICTURE !== undefined) {
        await page.screenshot({ path: process.env.NOVAPERF_KEEP_PICTURE, fullPage: true });
        await writeFile(`${process.env.NOVAPERF_KEEP_PICTURE}.txt`, await page.locator('body').innerText());
      }
      await page.locator('[data-live-stop]').click();
      expect((await ended).code).to.equal(105);
    } finally {
      await browser.close();
      // Cleans up after a failed test.
      if (child.exitCode === null) child.kill('SIGINT');
      await ended;
    }
    const { sources = [], vus_max } = await resultOf('live');
    expect([vus_max, ...sources.map(({ exit_code }) => exit_code)]).to.deep.equal([4, 103, 103]);
    await nothingLeft();
  });

  it('ends all runners when their merged samples cross a threshold with abortOnFail', async () => {
    const threshold = "thresholds: { http_reqs: [{ threshold: 'count<600', abortOnFail: true }] }";
    await writeFile(join(dir, 'aborted.js'), script(120, '', threshold));
    expect((await novaperf(args('aborted', 2), { cwd: dir })).code).to.equal(99);
    const { sources = [], status_reason } = await resultOf('aborted');
    expect(status_reason).to.contain('abortOnFail');
    expect(sources.map(({ exit_code }) => exit_code)).to.deep.equal([103, 103]);
    await nothingLeft();
  });

  const REFUSALS: ReadonlyArray<[cluster: string, what: string, expected: RegExp]> = [
    ['full', "the scheduler's reason where no pod finds room", /Insufficient cpu/],
    ['imageless', 'the reason of the node where it cannot have the image', /ErrImageNeverPull/],
    ['shellless', 'what the container said where a script in the image has no shell', /"sh".*\n.*\n.*a shell/],
  ];
  for (const [cluster, what, expected] of REFUSALS) {
    it(`ends with ${what}`, async () => {
      await writeFile(join(dir, `${cluster}.js`), script(5));
      const { code, stderr } = await novaperf(args(cluster, 2, cluster), { cwd: dir });
      expect([code, stderr]).to.deep.equal([2, stderr]);
      expect(stderr).to.match(expected);
      await nothingLeft();
    });
  }

  it('needs only the permissions that it lists when they are missing', async () => {
    for (const name of ['refused', 'rights']) await writeFile(join(dir, `${name}.js`), script(5));
    await kit('kubectl', 'create', 'serviceaccount', 'narrow');
    try {
      const config = JSON.parse(await kit('kubectl', 'config', 'view', '--raw', '-o', 'json'));
      config.users[0].user = { token: await kit('kubectl', 'create', 'token', 'narrow') };
      await writeFile(join(dir, 'narrow.json'), JSON.stringify(config));
      const refused = await novaperf(args('refused', 2, 'narrow'), { cwd: dir });
      expect(refused.code).to.equal(2);
      const named = /missing: (.*)\./.exec(refused.stderr)?.[1]?.split(', ') ?? [];
      const rules = named.map((right) => {
        const [verb = '', resource = ''] = right.split(' ');
        const isTestRun = resource === 'testruns.k6.io';
        return { verbs: [verb], apiGroups: [isTestRun ? 'k6.io' : ''], resources: [isTestRun ? 'testruns' : resource] };
      });
      const api = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'narrow', namespace: 'default' } };
      const role = { ...api, kind: 'Role', rules };
      const binding = {
        ...{
          ...api,
          kind: 'RoleBinding',
          subjects: [{ kind: 'ServiceAccount', name: 'narrow', namespace: 'default' }],
        },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'narrow' },
      };
      const list = { apiVersion: 'v1', kind: 'List', items: [role, binding] };
      await writeFile(join(dir, 'role.json'), JSON.stringify(list));
      await kit('kubectl', 'apply', '-f', join(dir, 'role.json'));
      const { code, stderr } = await novaperf(args('rights', 2, 'narrow'), { cwd: dir });
      expect([code, stderr]).to.deep.equal([0, stderr]);
      expect((await resultOf('rights')).clocks?.basis).to.equal('measured');
      await nothingLeft();
    } finally {
      await kit('kubectl', 'delete', 'serviceaccount,role,rolebinding', 'narrow', '--ignore-not-found');
    }
  });
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const found = await look().catch(() => undefined);
    if (found !== undefined && found !== '') return found;
    await sleep(300);
  }
  throw new Error('It did not come in 90 s');
}
