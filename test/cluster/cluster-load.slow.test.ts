import { expect } from 'chai';
import { clockBound } from '../../runner/analysis/generator/sources.ts';
import type { KubeAnswer, KubeApi } from '../../runner/cluster/kube-api.ts';
import { messageOf, UserError } from '../../runner/system/errors.ts';
import { aCluster, aRun, startLoad } from './cluster-run.ts';
import { type Conversation, conversation, type Misbehaviour, ReplayedApi } from './recorded-api.ts';

/** Samples of a metric, summed over the closing totals of all logs, which k6 itself counted. */
function countedByK6({ logs }: Conversation, metric: string): number {
  return Object.values(logs)
    .map((log) => /"end",(\{.*\})\]/.exec(log)?.[1] ?? '{}')
    .map((json) => JSON.parse(json).totals?.[metric]?.[0] ?? 0)
    .reduce((sum, count) => sum + count, 0);
}

const ORDINARY = conversation('ordinary');

async function replay(name: string, misbehaviour: Misbehaviour = {}) {
  const api = new ReplayedApi(conversation(name), misbehaviour);
  const { load, store, logged, said } = startLoad(api, aRun({ name }));
  const end = await load.run();
  return { api, end, store, logged, said };
}

describe('a run on a cluster with a replayed API', function () {
  this.timeout(30_000);

  it('adds up exactly what all runners counted, and removes what it created', async () => {
    const { api, end, store } = await replay('ordinary');
    expect(store.total('http_reqs')?.count).to.equal(countedByK6(ORDINARY, 'http_reqs'));
    expect(store.total('http_req_duration')?.count).to.equal(countedByK6(ORDINARY, 'http_req_duration'));
    expect(end.sources.map(({ isComplete, exitCode, problem }) => [isComplete, exitCode, problem])).to.deep.equal([
      [true, 0, null],
      [true, 0, null],
    ]);
    expect(end.faults).to.include({ complete: true, lostLines: 0 });
    expect(end.exitCode).to.equal(0);
    const created = api.asked.filter((each) => /^POST .*\/namespaces\//.test(each)).length;
    const removed = api.asked.filter((each) => each.startsWith('DELETE '));
    expect(removed).to.have.length(created);
    expect(removed[0]).to.contain('/testruns/ordinary');
  });

  it("passes on each line of k6's log once, however often the connection breaks", async () => {
    const { logged } = await replay('ordinary', { breakEvery: 6000 });
    expect(logged.filter(({ message }) => message === 'setup ran')).to.have.length(2);
  });

  it('loses and repeats no sample when the connection breaks', async () => {
    const { end, store } = await replay('ordinary', { breakEvery: 6000 });
    expect(store.total('http_reqs')?.count).to.equal(countedByK6(ORDINARY, 'http_reqs'));
    expect(end.sources.map(({ isComplete }) => isComplete)).to.deep.equal([true, true]);
    for (const { repeatedLines } of end.sources) expect(repeatedLines).to.be.greaterThan(0);
  });

  it('continues where it was when the API server comes back', async () => {
    const { end, store } = await replay('ordinary', { away: { from: 2, looks: 200 } });
    expect(store.total('http_reqs')?.count).to.equal(countedByK6(ORDINARY, 'http_reqs'));
    expect(end.sources.every(({ isComplete }) => isComplete)).to.equal(true);
  });

  it('reports which runner lost lines to log rotation, and of which seconds', async () => {
    const { end } = await replay('ordinary', { rotated: { runner: 2, fromByte: 9000, bytes: 4000 } });
    const [whole, torn] = end.sources;
    expect(whole?.isComplete).to.equal(true);
    expect(torn?.isComplete).to.equal(false);
    expect(torn?.gaps).to.have.length.greaterThan(0);
    const [gap] = torn?.gaps ?? [];
    expect(gap?.fromMs).to.be.at.least(torn?.firstMs ?? Infinity);
    expect(gap?.toMs).to.be.at.most((torn?.lastMs ?? 0) + 1000);
  });

  for (const aheadMs of [7000, -7000]) {
    it(`gives bounds for a runner's clock that is off by ${aheadMs} ms`, async () => {
      const { end } = await replay('ordinary', { repeat: 20, skewed: { runner: 2, aheadMs } });
      const [right, wrong] = end.sources.map(({ clockAheadMs }) => clockAheadMs);
      expect([right?.low, right?.high]).to.satisfy(([low, high]: number[]) => (low ?? 1) <= 0 && (high ?? -1) >= 0);
      expect(wrong?.low).to.be.at.most(aheadMs);
      expect(wrong?.high).to.be.at.least(aheadMs);
      // A Date header has whole seconds, and the answer took some time.
      const bound = clockBound(end.sources);
      expect(bound?.basis).to.equal('measured');
      expect(bound?.boundMs).to.be.within(7000, 10_000);
    });
  }

  it('names the runner that ran out of memory, and the time from which its numbers are missing', async () => {
    const { end } = await replay('out-of-memory');
    const killed = end.sources.filter(({ problem }) => problem?.includes('OOMKilled'));
    expect(killed.map(({ exitCode }) => exitCode)).to.deep.equal(killed.map(() => 137));
    expect(killed).to.have.length.greaterThan(0);
    for (const { isComplete, cutAtMs } of killed) expect([isComplete, typeof cutAtMs]).to.deep.equal([false, 'number']);
  });

  it("gives k6's exit code and message if the script does not load", async () => {
    const { end, logged } = await replay('broken-script');
    expect(end.exitCode).to.equal(107);
    expect(logged.some(({ message }) => message.includes('this script does not load'))).to.equal(true);
  });

  it("ends with the scheduler's reason if pods stay pending, and removes what it created", async () => {
    const api = new ReplayedApi(conversation('unschedulable'));
    const { load } = startLoad(api, aRun({ name: 'unschedulable', cluster: aCluster({ pendingTimeoutMs: 200 }) }));
    const failure = await load.run().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(UserError);
    expect(messageOf(failure)).to.contain('Insufficient cpu');
    expect(api.asked.filter((each) => each.startsWith('DELETE '))).to.have.length(2);
  });

  it('stops every runner through the proxy of its service', async () => {
    const api = new ReplayedApi(ORDINARY, { away: { from: 3, looks: 400 } });
    const { load } = startLoad(api, aRun({ name: 'ordinary' }));
    const running = load.run();
    while (load.load === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    load.stop();
    await running;
    const stopped = api.asked.filter((each) => each.startsWith('PATCH ') && each.endsWith('/proxy/v1/status'));
    expect(stopped.map((each) => /-service-(\d):/.exec(each)?.[1]).sort()).to.deep.equal(['1', '2']);
  });

  it('removes everything at the second request to stop, and returns the samples received so far', async () => {
    const api = new ReplayedApi(ORDINARY, { away: { from: 3, looks: 1e9 } });
    const { load } = startLoad(api, aRun({ name: 'ordinary' }));
    const running = load.run();
    while (load.load === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    load.stop();
    load.stop();
    const end = await running;
    expect(end.sources).to.have.length(2);
    expect(api.asked.some((each) => each.startsWith('DELETE '))).to.equal(true);
  });

  it('names the permissions that the account lacks before anything is created', async () => {
    const asked: string[] = [];
    const lacking = new Set(['list pods', 'patch services']);
    const api: KubeApi = {
      request: async (method, path, body): Promise<KubeAnswer> => {
        asked.push(`${method} ${path}`);
        const { verb, resource } = Object(Object(Object(body).spec).resourceAttributes);
        return { status: 201, body: { status: { allowed: !lacking.has(`${verb} ${resource}`) } }, dateMs: undefined };
      },
      follow: async () => 404,
    };
    const failure = await startLoad(api, aRun())
      .load.run()
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(UserError);
    expect(messageOf(failure)).to.contain('list pods, patch services/proxy.');
    expect(asked.filter((each) => !each.includes('selfsubjectaccessreviews'))).to.deep.equal([]);
  });

  it('ends at once if the image cannot start k6, such as one without a shell for script_in_image', async () => {
    // What containerd 1.6 reports for an image without sh.
    const message = 'exec: "sh": executable file not found in $PATH: unknown';
    const pod = {
      metadata: { name: 'recorded-1-abcde' },
      status: {
        phase: 'Failed',
        containerStatuses: [{ name: 'k6', state: { terminated: { exitCode: 128, reason: 'StartError', message } } }],
      },
    };
    const api: KubeApi = {
      request: async (_method, path): Promise<KubeAnswer> => ({
        ...{ status: 200, body: path.includes('/pods?') ? { items: [pod] } : {}, dateMs: undefined },
      }),
      follow: async () => 404,
    };
    const cluster = aCluster({ script: { kind: 'in-image', path: '/test/s.js' } });
    const failure = await startLoad(api, aRun({ cluster }))
      .load.run()
      .catch((error: unknown) => error);
    expect(failure instanceof UserError ? failure.toText() : '')
      .to.contain(message)
      .and.contain('needs an image with a shell');
  });

  const REFUSALS: ReadonlyArray<[title: string, status: number, says: RegExp]> = [
    ['has no k6-operator', 404, /k6-operator/],
    ['does not give the right to', 403, /may not/],
    ['finds the object wrong', 422, /may not/],
  ];
  for (const [title, status, says] of REFUSALS) {
    it(`is rejected by a cluster that ${title}`, async () => {
      const asked: string[] = [];
      const api: KubeApi = {
        request: async (method, path): Promise<KubeAnswer> => {
          asked.push(`${method} ${path}`);
          const isRun = method === 'POST' && path.endsWith('/testruns');
          return { status: isRun ? status : 200, body: isRun ? { message: 'may not' } : {}, dateMs: undefined };
        },
        follow: async () => 404,
      };
      const { load } = startLoad(api, aRun());
      const failure = await load.run().catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(UserError);
      expect(failure instanceof UserError ? failure.toText() : '').to.match(says);
      expect(asked.filter((each) => each.startsWith('DELETE '))).to.have.length(1);
    });
  }
});
