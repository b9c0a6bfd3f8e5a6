// A run on a cluster, real or replayed.

import { ClusterLoad } from '../../runner/cluster/cluster-load.ts';
import type { KubeApi } from '../../runner/cluster/kube-api.ts';
import type { ClusterRun } from '../../runner/cluster/objects.ts';
import type { LogEntry } from '../../runner/k6/log.ts';
import { MergedStream } from '../../runner/metrics/several/merged-stream.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { ClusterConfig } from '../../runner/model/cluster.ts';

export const aCluster = (changes: Partial<ClusterConfig> = {}): ClusterConfig => ({
  name: 'test',
  kubeconfig: undefined,
  context: undefined,
  namespace: 'default',
  image: 'localhost/k6:1',
  starterImage: 'localhost/k6-starter:1',
  pullPolicy: 'Never',
  pullSecrets: [],
  script: { kind: 'config-map' },
  env: {},
  envFromSecrets: [],
  labels: {},
  annotations: {},
  serviceAccount: undefined,
  resources: undefined,
  nodeSelector: undefined,
  tolerations: undefined,
  topologySpreadConstraints: undefined,
  livenessProbe: undefined,
  readinessProbe: undefined,
  pendingTimeoutMs: 60_000,
  ...changes,
});

export const aRun = (changes: Partial<ClusterRun> = {}): ClusterRun => ({
  cluster: aCluster(),
  name: 'recorded',
  script: 'export default function () {}',
  parallelism: 2,
  maxVUs: 4,
  k6Args: [],
  variables: {},
  ...changes,
});

export function startLoad(api: KubeApi, run: ClusterRun, { pollMs = 5, plannedMs = 10_000 } = {}) {
  const store = new MetricsStore({ timeline: true });
  const logged: LogEntry[] = [];
  const said: string[] = [];
  const load = new ClusterLoad({
    api,
    run,
    plannedMs,
    merged: new MergedStream(store.sink, true),
    onLog: (entry) => logged.push(entry),
    onProgress: (text) => said.push(text),
    pollMs,
  });
  return { load, store, logged, said };
}
