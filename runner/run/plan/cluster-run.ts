// What a prepared scenario would run on a cluster. Does not import the cluster's client, which is slow to load.

import { type ClusterRun, objectName, runObjects } from '../../cluster/objects.ts';
import type { ClusterConfig } from '../../model/cluster.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { UserError } from '../../system/errors.ts';

/** The cluster that makes the load instead of this machine. */
export interface ClusterPlan {
  readonly cluster: ClusterConfig;
  readonly parallelism: number;
}

/** What is sent to the cluster for a scenario. */
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

/** Throws a UserError for a scenario that the cluster cannot run, before anything is started or written. */
export function checkForCluster(plan: ClusterPlan, scenario: PreparedScenario): void {
  const { operand, scriptPath } = scenario.bundle;
  if (plan.cluster.script.kind === 'config-map' && operand !== undefined && !/^https?:/i.test(operand)) {
    throw new UserError('Expected a script for the cluster, found a k6 archive. A ConfigMap can only hold text.', {
      where: scriptPath,
      next: 'give the script of the archive; novaperf bundles it with its imports',
    });
  }
  runObjects(clusterRunOf(plan, scenario, scenario.env, Date.now()));
}
