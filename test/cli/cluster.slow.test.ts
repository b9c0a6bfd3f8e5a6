// Calls with --cluster that need no cluster: what would be created, and what is rejected before that.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { capture } from '../../runner/system/capture.ts';
import { needsK6, realK6 } from '../k6/real-k6.ts';
import { novaperf } from './in-process.ts';
import { project, runFolders } from './novaperf.ts';

const SCRIPT = `export const options = { vus: 2, duration: '5s' };
export function setup() { return 'hidden data'; }
export default function (data) {}
`;

describe('novaperf run --cluster, without a cluster', function () {
  this.timeout(120_000);
  needsK6();
  let dir: string;
  let remove: () => Promise<void> = async () => undefined;

  before(async () => {
    ({ dir, remove } = await project());
    const unreachable = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'a',
      clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'a', user: {} }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    };
    const load = { image: 'registry.example/k6:2.2.0-1', kubeconfig: join(dir, 'unreachable.json') };
    const clusters = {
      load,
      inside: { ...load, script_in_image: '/test/script.js' },
      unknown: { ...load, kubeconfig: join(dir, 'missing.json') },
      context: { ...load, context: 'b' },
    };
    await writeFile(join(dir, 'unreachable.json'), JSON.stringify(unreachable));
    await writeFile(join(dir, 'novaperf.config.json'), JSON.stringify({ clusters, records: false }));
    await writeFile(join(dir, 'shop.js'), SCRIPT);
    await writeFile(join(dir, 'large.js'), `export const text = '${'x'.repeat(1_000_000)}';\n${SCRIPT}`);
    const { path } = await realK6();
    const archived = await capture(path, ['archive', '-O', 'shop.tar', 'shop.js'], { cwd: dir, timeoutMs: 30_000 });
    expect(archived.exitCode, archived.stderr).to.equal(0);
  });
  after(() => remove());

  it('prints the objects that would be created, without the script and the values of its variables', async () => {
    const args = ['run', 'shop.js', '--cluster', 'load', '--parallelism', '2', '-e', 'TOKEN=hidden-1', '--setup-once'];
    const { code, stdout, stderr } = await novaperf([...args, '--dry-run', '--json'], { cwd: dir });
    expect(code, stderr).to.equal(0);
    expect(stdout).to.not.contain('hidden-1').and.not.contain('hidden data');
    const { objects } = JSON.parse(stdout).scenarios[0];
    const [map, secret, testRun] = objects;
    expect([map.kind, secret.kind, testRun.kind]).to.deep.equal(['ConfigMap', 'Secret', 'TestRun']);
    expect(Object.keys(secret.stringData)).to.include.members(['TOKEN', 'NOVAPERF_SETUP_DATA_0']);
    expect(testRun.spec.parallelism).to.equal(2);
    expect(testRun.spec.initializer).to.deep.equal({ disabled: true });
  });

  const REFUSED: ReadonlyArray<[what: string, args: readonly string[], expected: RegExp]> = [
    ['a cluster that the configuration does not know', ['shop.js', '--cluster', 'lod'], /load.*"lod"/],
    ['--parallelism without a cluster', ['shop.js', '--parallelism', '2'], /--cluster with --parallelism/],
    ['--setup-once without a cluster', ['shop.js', '--setup-once'], /--cluster with --setup-once/],
    ['--setup-once for a script in the image', ['shop.js', '--cluster', 'inside', '--setup-once'], /ConfigMap/],
    ['more runners than VUs', ['shop.js', '--cluster', 'load', '--parallelism', '3'], /3 runners.*2 VUs/],
    ['a script that is too large for a ConfigMap', ['large.js', '--cluster', 'load'], /1,000,000 bytes/],
    ['an archive of k6', ['shop.tar', '--cluster', 'load'], /archive/],
    [
      'a flag of k6 with a space',
      ['shop.js', '--cluster', 'load', '--baseline-time', '0s', '--', '--tag', 'a=b c'],
      /without spaces/,
    ],
  ];
  for (const [what, args, expected] of REFUSED) {
    it(`rejects ${what} before writing anything`, async () => {
      const { code, stderr } = await novaperf(['run', ...args], { cwd: dir });
      expect([code, stderr]).to.deep.equal([2, stderr]);
      expect(stderr).to.match(expected);
      expect(await runFolders(dir).catch(() => [])).to.deep.equal([]);
    });
  }

  const UNREACHED: ReadonlyArray<[what: string, cluster: string, expected: RegExp]> = [
    ['the API server does not answer', 'load', /API server of the cluster "load".*ECONNREFUSED/],
    ['there is no such kubectl configuration', 'unknown', /missing\.json/],
    ['its context is not in the kubectl configuration', 'context', /context "b".*found: a/],
  ];
  for (const [what, cluster, expected] of UNREACHED) {
    it(`reports an error if ${what}`, async () => {
      const { code, stderr } = await novaperf(['run', 'shop.js', '--cluster', cluster], { cwd: dir });
      expect([code, stderr]).to.deep.equal([2, stderr]);
      expect(stderr).to.match(expected);
    });
  }
});
