// Scripts written for plain k6, run by k6 directly and as our bundle: the same samples, log and exit code.

import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { K6_BUILD_TIMEOUT_MS, type K6Run, runOnK6, testK6 } from './real-k6.ts';
import { startTarget, type Target } from './target.ts';

const scripts = join(import.meta.dirname, '../fixtures/scripts');

describe('a bundled script on real k6', () => {
  let target: Target;
  let k6: K6;
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
    target = await startTarget();
  });
  after(() => target.close());

  const env = () => ({ BASE_URL: target.url, GRPC_ADDR: target.grpcAddress });
  const runBundled = async (script: string) => runOnK6(k6, await bundleScript(join(scripts, script)), env());

  const unchanged: [script: string, what: string, metrics: string[]][] = [
    [
      'scenarios-and-exec.js',
      'options.scenarios with named functions, tags, env and startTime',
      ['http_reqs', 'checks'],
    ],
    ['setup-teardown.js', 'setup and teardown', ['http_reqs']],
    ['open-files.js', 'open() as text and binary, and a SharedArray', ['http_reqs']],
    ['local-modules.js', 'local modules that open files of their own folder', ['http_reqs']],
    ['resolve-paths.js', 'import.meta.resolve()', ['iterations']],
    ['ws.js', 'k6/ws', ['ws_sessions', 'ws_msgs_received', 'checks']],
    ['websockets.js', 'k6/websockets', ['ws_sessions', 'echoes']],
    ['grpc.js', 'k6/net/grpc with a .proto by a relative path', ['grpc_req_duration', 'checks']],
    ['custom-metrics.js', 'k6/metrics', ['error_counter', 'GaugeContentSize', 'Content_OK', 'waiting_time']],
    ['execution-info.js', 'k6/execution and test.abort()', ['iterations']],
    ['typed-async.ts', 'TypeScript with classes, enums and an async default function', ['http_reqs', 'checks']],
    ['export-list.js', 'an export list with imported options', ['http_reqs']],
    ['top-level-await.js', 'top-level await', ['http_reqs']],
    ['commonjs.js', 'CommonJS that requires k6 and a local module', ['http_reqs', 'visits']],
    ['require-in-esm.js', 'require() in an ES module', ['http_reqs', 'checks']],
    ['throws.ts', 'an exception in every iteration', ['iterations']],
  ];
  for (const [script, what, metrics] of unchanged) {
    it(`behaves like the script: ${what}`, async () => {
      const [plain, bundled] = await Promise.all([
        runOnK6(k6, { path: join(scripts, script) }, env()),
        runBundled(script),
      ]);
      expect(comparable(bundled)).to.deep.equal(comparable(plain));
      for (const metric of metrics) expect(metricsOf(plain), `${script} measures nothing`).to.include(metric);
    });
  }

  it('behaves like the script with timed load: stages, groups, checks, user agent', async () => {
    const script = 'stages-and-groups.js';
    const [plain, bundled] = await Promise.all([
      runOnK6(k6, { path: join(scripts, script) }, env()),
      runBundled(script),
    ]);
    expect([...bundled.samples.keys()].sort()).to.deep.equal([...plain.samples.keys()].sort());
  });

  const beyondK6: [script: string, what: string, series: string, count: number][] = [
    ['npm-package.js', 'npm packages from the node_modules of the script', 'http_reqs', 3],
    ['json-and-extensionless.ts', 'JSON and local modules without extension', 'http_reqs', 2],
    ['async-iteration.js', 'async generators and for await', 'http_reqs', 2],
  ];
  for (const [script, what, series, count] of beyondK6) {
    it(`runs what plain k6 cannot: ${what}`, async () => {
      const plain = await runOnK6(k6, { path: join(scripts, script) }, env());
      expect(plain.exitCode, 'k6 has learned it: move the script to the list above').to.not.equal(0);
      const bundled = await runBundled(script);
      expect(bundled.exitCode, bundled.log.join('\n')).to.equal(0);
      const sum = [...bundled.samples]
        .filter(([key]) => key.startsWith(`${series}{`))
        .reduce((all, [, n]) => all + n, 0);
      expect(sum).to.equal(count);
    });
  }

  it('leaves imports from the web to k6', async () => {
    const { code } = await bundleScript(join(scripts, 'https-import.js'));
    expect(code).to.match(/from "https:\/\/jslib\.k6\.io\/k6-utils\/1\.4\.0\/index\.js"/);
  });

  it('throws with the file, line and column of the TypeScript source', async () => {
    const { log } = await runBundled('throws.ts');
    const trace = log.find((message) => message.includes('an empty cart')) ?? '';
    expect(trace).to.match(/at priceOf \(file:\/\/\S+\/lib\/price\.ts:5:\d+/);
    expect(trace).to.match(/\(file:\/\/\S+\/throws\.ts:11:\d+/);
  });
});

/** What must be equal: not gauges of VUs, which are sampled by the clock, nor the name of an unnamed default export in a trace. */
function comparable({ exitCode, samples, failedChecks, log }: K6Run) {
  return {
    exitCode,
    failedChecks,
    samples: Object.fromEntries([...samples].filter(([key]) => !/^vus/.test(key)).sort()),
    log: log
      .filter((message) => !message.startsWith('open() was used and is currently relative to'))
      .map((message) => message.replace(/\bat \w+_default \(/g, 'at default (').replace(/\(\d+\)\)/g, ')')),
  };
}

function metricsOf({ samples }: K6Run): string[] {
  return [...new Set([...samples.keys()].map((key) => key.slice(0, key.indexOf('{'))))];
}
