// Records the answers in test/fixtures/cluster from a real cluster: tsx test/cluster/record.ts <kubeconfig> <url of the system for pods>

import { writeFile } from 'node:fs/promises';
import { openKubeApi } from '../../runner/cluster/kube-api.ts';
import { messageOf } from '../../runner/system/errors.ts';
import { aCluster, aRun, startLoad } from './cluster-run.ts';
import { RecordingApi } from './recorded-api.ts';

const [kubeconfig, target = ''] = process.argv.slice(2);
const SCRIPT = `import http from 'k6/http';
export const options = { scenarios: { s: { executor: 'constant-vus', vus: 4, duration: '6s' } } };
export function setup() { console.log('setup ran'); }
export default function () { http.get('${target}/?ms=40'); }
`;
const GREEDY = `export const options = { vus: 4, duration: '30s' };
const kept = [];
export default function () { kept.push(new Array(1000000).fill(__ITER)); }
`;
const BROKEN = `throw new Error('this script does not load');
export default function () {}
`;

const SESSIONS = {
  ordinary: aRun({ script: SCRIPT }),
  'out-of-memory': aRun({
    script: GREEDY,
    cluster: aCluster({ resources: { limits: { memory: '120Mi' } } }),
  }),
  unschedulable: aRun({
    cluster: aCluster({ resources: { requests: { cpu: '1000' } }, pendingTimeoutMs: 8000 }),
  }),
  'broken-script': aRun({ script: BROKEN }),
};

for (const [name, run] of Object.entries(SESSIONS)) {
  const api = new RecordingApi(openKubeApi({ kubeconfig, context: undefined }));
  const { load } = startLoad(api, { ...run, name }, { pollMs: 500, plannedMs: 30_000 });
  const end = await load.run().catch((error: unknown) => messageOf(error));
  const { exchanges, logs } = api;
  await writeFile(
    new URL(`../fixtures/cluster/${name}.json`, import.meta.url),
    `${JSON.stringify({ exchanges, logs })}\n`,
  );
  process.stdout.write(`${name}: ${JSON.stringify(end).slice(0, 1500)}\n`);
}
