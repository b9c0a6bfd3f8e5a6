// The checks of a prepared scenario: the rules on hosts, and its needs on this machine.

import { type Check, check, skipped } from '../model/preflight-check.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import type { Permission } from './allowed.ts';
import type { TrustOfScripts } from './connection.ts';
import { enforcedHosts } from './enforced-hosts.ts';
import { type Demand, localPorts, openFiles } from './limits.ts';
import { isLoopback, targetOf } from './target.ts';

/** The checks of a scenario, in order. */
export const SCENARIO_CHECKS = [
  ['hosts', 'Rules on hosts'],
  ['files', 'Open files'],
  ['ports', 'Local ports'],
] as const;

/**
 * Runs all of them; none makes a connection. `url`: the system, '' if only the script has it. `loadFrom`: where the load comes from,
 * if not from this machine; its limits then do not matter.
 */
export async function verifyScenario(
  scenario: PreparedScenario,
  url: string,
  permission: Permission,
  env: NodeJS.ProcessEnv,
  loadFrom?: string,
): Promise<Check[]> {
  const demand = demandOf(scenario);
  const staysHere = url !== '' && isLoopback(targetOf(url).host);
  const elsewhere = loadFrom === undefined ? undefined : skipped(`the load comes from ${loadFrom}`);
  const work = {
    hosts: () => enforcedHosts(permission, env),
    files: () => elsewhere ?? openFiles(demand),
    ports: () => elsewhere ?? localPorts(demand, staysHere),
  };
  return Promise.all(SCENARIO_CHECKS.map(([id, title]) => check(id, title, work[id])));
}

/** k6's own defaults: https://grafana.com/docs/k6/latest/using-k6/k6-options/reference/#batch-per-host */
const BATCH_PER_HOST = 6;

function demandOf({ plan, bundle, k6Args }: PreparedScenario): Demand {
  const { options } = plan;
  const says = (option: string, flag: string) => options[option] === true || k6Args.includes(flag);
  const perHost =
    typeof options.batchPerHost === 'number' && options.batchPerHost > 0 ? options.batchPerHost : undefined;
  return {
    maxVUs: plan.maxVUs,
    connectionsPerVU: /\.\s*batch\s*\(/.test(bundle.code) ? (perHost ?? BATCH_PER_HOST) : 1,
    reconnects:
      says('noConnectionReuse', '--no-connection-reuse') || says('noVUConnectionReuse', '--no-vu-connection-reuse'),
    peakRate: plan.peakRate,
    hasLocalIPs: (options.localIPs ?? null) !== null || k6Args.some((word) => word.startsWith('--local-ips')),
  };
}

/** The certificate options of the scripts of a cycle: the strictest script counts. */
export function trustOf(scenarios: readonly Pick<PreparedScenario, 'plan' | 'k6Args'>[]): TrustOfScripts {
  const skips = ({ plan, k6Args }: (typeof scenarios)[number]) =>
    plan.options.insecureSkipTLSVerify === true || k6Args.includes('--insecure-skip-tls-verify');
  return {
    skipsVerify: scenarios.length > 0 && scenarios.every(skips),
    showsCertificate: scenarios.some(
      ({ plan }) => Array.isArray(plan.options.tlsAuth) && plan.options.tlsAuth.length > 0,
    ),
  };
}
