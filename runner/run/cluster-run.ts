// A prepared scenario and a cluster go in; what would be run there comes out. Without the cluster's client, which takes long to load.

import { type ClusterRun, objectName } from '../cluster/objects.ts';
import type { ClusterConfig } from '../model/cluster.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';

/** Where the load comes from instead of this machine. */
export interface ClusterPlan {
  readonly cluster: ClusterConfig;
  readonly parallelism: number;
}

/** What goes to the cluster for a scenario. */
export function clusterRunOf(
  { cluster, parallelism }: ClusterPlan,
  { bundle, plan, k6Args }: Pick<PreparedScenario, 'bundle' | 'plan' | 'k6Args'>,
  variables: Readonly<Record<string, string>>,
  atMs: number,
): ClusterRun {
  return {
    cluster,
    name: objectName(plan.name, atMs),
    script: bundle.code,
    parallelism,
    maxVUs: plan.maxVUs,
    k6Args,
    variables,
  };
}
